import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { InvalidArgumentError } from '../../core/base';
import { type Figure, figureJson, fontFamily } from '../../core/figures';
import { fontFiles } from './text-measure';
import { plotlyWindow } from './plotly-window';

/** The options of {@link saveFigure}. */
export interface SaveFigureOptions extends PngSize {
  /** facts to keep beside the picture: the command, seed and source that made it */
  sidecar?: Readonly<Record<string, unknown>>;
}

/**
 * Writes a figure to a file: `.png`, `.svg` or `.json` (the Plotly specification), by the path's extension. Folders
 * are made as needed. With `sidecar`, the facts that made it go to `<path>.json`, with the figure's title and source.
 *
 * @returns the paths written
 * @throws {@link InvalidArgumentError} if the extension is another one, or the figure has no data
 */
export async function saveFigure(
  figure: Figure,
  path: string,
  { sidecar, ...size }: SaveFigureOptions = {},
): Promise<string[]> {
  const content = await contentOf(figure, path, size);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  if (!sidecar) return [path];

  const { title } = figure.layout;
  const facts = { figure: basename(path), title: title?.text, source: title?.subtitle?.text, ...sidecar };
  await writeFile(`${path}.json`, `${JSON.stringify(facts, undefined, 2)}\n`);
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

/** Size of a PNG: `width` × `height` in layout pixels, each drawn as `scale` × `scale` picture pixels. */
export interface PngSize extends PictureSize {
  /** picture pixels per layout pixel; 2 suits screens of high density */
  scale?: number;
  /** makes the file less than half as large, in at most 256 colours, in some tenths of a second */
  isCompressed?: boolean;
}

/**
 * Draws a figure as PNG in Node, without a browser, in the bundled font: the same picture on every machine.
 *
 * @returns the file's bytes
 * @throws {@link InvalidArgumentError} if the figure has no data, or a size or the scale is not positive
 */
export async function renderPng(
  figure: Figure,
  { scale = 1.5, isCompressed = false, ...size }: PngSize = {},
): Promise<Buffer> {
  if (!(Number.isFinite(scale) && scale > 0))
    throw new InvalidArgumentError('scale', 'a positive number', scale);
  const svg = await renderSvg(figure, size);
  const { Resvg } = await import('@resvg/resvg-js');
  // The rasteriser knows SVG's older word for pictures that must not be smoothed, as heatmaps.
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

/** Size of a static picture. */
export interface PictureSize {
  /** pixels; the layout's own width or 700 */
  width?: number;
  /** pixels; the layout's own height or 400 */
  height?: number;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Draws a figure as SVG in Node, without a browser. Pictures are drawn one after the other, and the same figure
 * always gives the same text. The first one takes about a second, to start Plotly.
 *
 * @throws {@link InvalidArgumentError} if the figure has no data or the size is not positive
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
  return plotly.Plotly.toImage(structuredClone(figure), {
    format: 'svg',
    imageDataOnly: true,
    width,
    height,
  });
}

/** The size a figure is drawn at. */
function pictureSize(figure: Figure, size: PictureSize): Required<PictureSize> {
  if (!Array.isArray(figure.data) || figure.data.length === 0) {
    throw new InvalidArgumentError('figure.data', 'at least one trace', figure.data);
  }
  const { width = figure.layout.width ?? 700, height = figure.layout.height ?? 400 } = size;
  for (const [name, value] of Object.entries({ width, height })) {
    if (!(Number.isFinite(value) && value >= 10))
      throw new InvalidArgumentError(name, 'at least 10 (pixels)', value);
  }
  return { width, height };
}

/**
 * A picture in a palette of at most 256 colours, as many as a figure needs: some two thirds of its size.
 *
 * @returns the file's bytes; those of the original where they are fewer
 */
export async function reducePng(png: Buffer): Promise<Buffer> {
  // Only what is kept in files is reduced.
  const { pngQuantize } = await import('@napi-rs/image');
  const reduced = await pngQuantize(png, { minQuality: 0 });
  return reduced.length < png.length ? reduced : png;
}
