import { createRequire } from 'node:module';
import { fontFamily } from '../../core/figures';

/** Font size in pixels, CSS weight and slant. */
export interface TextStyle {
  size: number;
  weight: number;
  italic: boolean;
}

/** Extent of a text relative to its start on the baseline, in pixels. */
export interface TextExtent {
  width: number;
  ascent: number;
  descent: number;
}

/** Measures a text without line breaks in the bundled font. */
export type MeasureText = (text: string, style: TextStyle) => TextExtent;

/** Creates a function that measures text with the font files that `renderPng` draws with, so that labels fit. */
export async function createTextMeasure(): Promise<MeasureText> {
  const { createCanvas, GlobalFonts } = await import('@napi-rs/canvas');
  // Each file gets a unique name, so that no system font of the same family is used instead.
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

/** A bundled font file of {@link fontFamily}. */
export interface FontFile {
  /** CSS weight */
  weight: number;
  italic: boolean;
  path: string;
}

/** The bundled font files. Other weights use the nearest. */
export const fontFiles: readonly FontFile[] = [
  { weight: 400, italic: false, path: resolve('400Regular/OpenSans_400Regular.ttf') },
  { weight: 400, italic: true, path: resolve('400Regular_Italic/OpenSans_400Regular_Italic.ttf') },
  { weight: 600, italic: false, path: resolve('600SemiBold/OpenSans_600SemiBold.ttf') },
  { weight: 700, italic: false, path: resolve('700Bold/OpenSans_700Bold.ttf') },
];

function resolve(file: string): string {
  return createRequire(__filename).resolve(`@expo-google-fonts/open-sans/${file}`);
}
