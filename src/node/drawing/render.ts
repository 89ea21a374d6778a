import { basename, extname } from 'node:path';
import { InvalidArgumentError } from '../../core/base';
import { type Figure, figureJson, fontFamily, plainText } from '../../core/figures';
import { writeFileAtomic } from '../files';
import { plotlyWindow } from './plotly-window';
import { fontFiles } from './svg-geometry';

/** Size of a static picture. */
export interface PictureSize {
  /** pixels; by default the layout's own width, or 700 */
  width?: number;
  /** pixels; by default the layout's own height, or 400 */
  height?: number;
}

/** Size of a PNG: `width` × `height` layout pixels, times `scale`. */
export interface PngSize extends PictureSize {
  /** picture pixels per layout pixel; 1.5 by default, 2 for high-density screens */
  scale?: number;
  /** reduces the picture to at most 256 colours, which makes the file less than half as large */
  isCompressed?: boolean;
}

/** The options of {@link saveFigure}. */
export interface SaveFigureOptions extends PngSize {
  /** metadata to save next to the picture, for example the command and the seed */
  sidecar?: Readonly<Record<string, unknown>>;
}

/**
 * Writes a figure to a file: a picture (`.png`, `.svg`) or the Plotly specification (`.json`). Missing folders are created. With
 * `sidecar`, also writes `<path>.json` with this metadata and the figure's title and source.
 *
 * @returns the paths written
 * @throws {@link InvalidArgumentError} if the extension is unknown or the figure has no data
 * @example
 * ```ts
 * await saveFigure(figure, 'runs/confusion.png', { scale: 2 });
 * ```
 */
export async function saveFigure(
  figure: Figure,
  path: string,
  { sidecar, ...size }: SaveFigureOptions = {},
): Promise<string[]> {
  await writeFileAtomic(path, await contentOf(figure, path, size));
  if (!sidecar) return [path];

  const { title } = figure.layout;
  const [named, source] = [title?.text, title?.subtitle?.text].map((text) => text && plainText(text));
  const facts = { figure: basename(path), title: named, source, ...sidecar };
  await writeFileAtomic(`${path}.json`, `${JSON.stringify(facts, undefined, 2)}\n`);
  return [path, `${path}.json`];
}

async function contentOf(figure: Figure, path: string, size: PngSize): Promise<Buffer | string> {
  switch (extname(path).toLowerCase()) {
    case '.png':
      return renderPng(figure, size);
    case '.svg':
      return renderSvg(figure, size);
    case '.json':
      return `${figureJson(figure)}\n`;
    default:
      throw new InvalidArgumentError('path', 'a file name that ends in .png, .svg or .json', path);
  }
}

/**
 * Renders a figure as PNG in Node, without a browser. It uses the bundled font, so that pictures are identical on every machine.
 *
 * @returns the bytes of the file
 * @throws {@link InvalidArgumentError} if the figure has no data, or a size or the scale is out of range
 */
export async function renderPng(
  figure: Figure,
  { scale = 1.5, isCompressed = false, ...size }: PngSize = {},
): Promise<Buffer> {
  if (!(scale >= minScale && scale <= maxScale))
    throw new InvalidArgumentError('scale', `a number from ${minScale} to ${maxScale}`, scale);
  const { width, height } = pictureSize(figure, size);
  if (width * height * scale ** 2 > maxPixels) {
    const rule = `at most ${Math.sqrt(maxPixels / width / height).toFixed(2)} for ${width} × ${height} pixels`;
    throw new InvalidArgumentError('scale', rule, scale);
  }
  const svg = await renderSvg(figure, size);
  const { Resvg } = await import('@resvg/resvg-js');
  // Resvg supports only the older keyword for images without smoothing (heatmaps).
  const picture = new Resvg(svg.replaceAll('image-rendering: pixelated', 'image-rendering: optimizeSpeed'), {
    background: 'white',
    fitTo: { mode: 'zoom', value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: fontFiles.map(({ path }) => path),
      defaultFontFamily: fontFamily,
      sansSerifFamily: fontFamily,
      serifFamily: fontFamily,
      monospaceFamily: fontFamily,
    },
  });
  const png = picture.render().asPng();
  return isCompressed ? reducePng(png) : png;
}

/** Reduces a PNG to at most 256 colours. Returns the original if that is smaller. */
export async function reducePng(png: Buffer): Promise<Buffer> {
  const { pngQuantize } = await import('@napi-rs/image');
  const reduced = await pngQuantize(png, { minQuality: 0 });
  return reduced.length < png.length ? reduced : png;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Renders a figure as SVG in Node, without a browser. The same figure always gives the same text. Figures are rendered one at a
 * time; the first call takes about a second longer, to load Plotly.
 *
 * @throws {@link InvalidArgumentError} if the figure has no data or the size is out of range
 */
export function renderSvg(figure: Figure, size: PictureSize = {}): Promise<string> {
  const drawn = last.then(() => draw(figure, size));
  last = drawn.catch(() => undefined);
  return drawn;
}

async function draw(figure: Figure, size: PictureSize): Promise<string> {
  const { width, height } = pictureSize(figure, size);
  const plotly = await plotlyWindow();
  plotly.restartRandom();
  const svg = await plotly.Plotly.toImage(structuredClone(figure), {
    format: 'svg',
    imageDataOnly: true,
    width,
    height,
  });
  return svg.replace(notXml, '\ufffd');
}

/** Characters that XML does not allow. A figure that was not made by `core/figures` may contain them. */
const notXml =
  // eslint-disable-next-line no-control-regex -- these characters are the subject
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const [minSide, maxSide] = [10, 20_000];
const [minScale, maxScale] = [0.1, 10];
/** Maximum size of a PNG: 400 MB of memory while it is drawn. */
const maxPixels = 1e8;

function pictureSize(figure: Figure, size: PictureSize): Required<PictureSize> {
  if (!Array.isArray(figure.data) || figure.data.length === 0) {
    throw new InvalidArgumentError('figure.data', 'at least one trace', figure.data);
  }
  const { width = figure.layout.width ?? 700, height = figure.layout.height ?? 400 } = size;
  for (const [name, value] of Object.entries({ width, height })) {
    if (!(value >= minSide && value <= maxSide))
      throw new InvalidArgumentError(name, `a number from ${minSide} to ${maxSide} (pixels)`, value);
  }
  return { width, height };
}
