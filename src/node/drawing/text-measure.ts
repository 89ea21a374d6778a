import { createRequire } from 'node:module';
import { fontFamily } from '../../core/figures';

/** How text is set: pixels and CSS weight. */
export interface TextStyle {
  size: number;
  weight: number;
  italic: boolean;
}

/** Extent of a run of text about its start on the baseline, in pixels. */
export interface TextExtent {
  width: number;
  ascent: number;
  descent: number;
}

/** Measures a run of text in the bundled font, without line breaks. */
export type MeasureText = (text: string, style: TextStyle) => TextExtent;

/**
 * A ruler for text in the bundled font: the same files that the rasteriser draws with, so that what is reserved for a
 * label is what it takes.
 */
export async function createTextMeasure(): Promise<MeasureText> {
  const { createCanvas, GlobalFonts } = await import('@napi-rs/canvas');
  // One name a weight: a system font of the same family must not be chosen instead.
  const families = fontFiles.map(({ weight, italic, path }) => {
    const family = `${fontFamily} ${weight}${italic ? ' italic' : ''} bundled`;
    GlobalFonts.registerFromPath(path, family);
    return { weight, italic, family };
  });
  const context = createCanvas(1, 1).getContext('2d');
  const known = new Map<string, TextExtent>();

  return (text, { size, weight, italic }) => {
    const key = `${size} ${weight} ${italic} ${text}`;
    const found = known.get(key);
    if (found) return found;
    const distance = (font: (typeof families)[number]): number =>
      Math.abs(font.weight - weight) + (font.italic === italic ? 0 : 1000);
    const { family } = families.reduce((best, font) => (distance(font) < distance(best) ? font : best));
    context.font = `${size}px "${family}"`;
    const { width, fontBoundingBoxAscent, fontBoundingBoxDescent } = context.measureText(text);
    const extent = { width, ascent: fontBoundingBoxAscent, descent: fontBoundingBoxDescent };
    if (known.size > 5000) known.clear();
    known.set(key, extent);
    return extent;
  };
}

/** One bundled file of {@link fontFamily}. */
export interface FontFile {
  /** CSS weight */
  weight: number;
  italic: boolean;
  path: string;
}

/** The bundled files; other weights are drawn with the nearest. */
export const fontFiles: readonly FontFile[] = [
  { weight: 400, italic: false, path: resolve('400Regular/OpenSans_400Regular.ttf') },
  { weight: 400, italic: true, path: resolve('400Regular_Italic/OpenSans_400Regular_Italic.ttf') },
  { weight: 600, italic: false, path: resolve('600SemiBold/OpenSans_600SemiBold.ttf') },
  { weight: 700, italic: false, path: resolve('700Bold/OpenSans_700Bold.ttf') },
];

function resolve(file: string): string {
  return createRequire(__filename).resolve(`@expo-google-fonts/open-sans/${file}`);
}
