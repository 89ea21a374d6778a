import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';

import { InvalidArgumentError } from '../../core/base';
import { type Figure, figureJson } from '../../core/figures';
import { type PngSize, renderPng } from './render-png';
import { renderSvg } from './render-svg';

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
