import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InvalidArgumentError, messageOf, WorkbenchError } from '../../core/base';
import type { Figure } from '../../core/figures';
import { type Corpora, loadCorpora } from '../corpora';
import { saveFigure } from '../drawing';
import { paths } from '../files';
import { type Environment, environmentNow, isSyntheticRun } from '../runs';
import { chooseRuns, type ChooseRunsOptions, type ChosenRuns, findRuns, type FoundRun } from './choose-runs';
import { textsOf } from './drawing-texts';
import type { Drawing, GalleryItem } from './gallery-item';
import { galleryItems } from './gallery-items';
import { readSidecars } from './read-sidecars';
import { type DrawnFrom, factsOf, type Sidecar, withCommit } from './sidecar';

/** The options of {@link makeGallery}. */
export interface GalleryOptions extends ChooseRunsOptions {
  /** the beginnings of the items' names; default all */
  only?: readonly string[];
  /** default `figures`, which shows real recordings and no synthetic demo */
  output?: string;
  /** folder of run records; default `runs`, and those that the gallery has already */
  runs?: string;
  /** default `loadCorpora()`; they are loaded only for an item that shows them */
  corpora?: Corpora;
  /** of the runs, before anything is drawn */
  onChosen?: (chosen: ChosenRuns) => void;
  /** after each item */
  onItem?: (item: GalleryItem, outcome: { files: string[] } | { reason: string }) => void;
  signal?: AbortSignal;
}

/** What became of the items. */
export interface MadeGallery {
  files: string[];
  /** items that could not be drawn */
  left: { item: string; reason: string }[];
}

/** Layouts differ in width; pictures do not, so that they stand evenly on a page. */
const pictureWidth = 900;

/**
 * Draws the figures and tables of the paper, and those of this project that belong beside them, into a folder: pictures, their
 * Plotly specifications, tables as Markdown and CSV, a sidecar for each with what made it, and the run records drawn from.
 * The same recordings and records give the same bytes, but for the commit in the sidecars.
 *
 * @throws {@link InvalidArgumentError} if no item begins as `only` says, or a run is named that there is not
 * @throws {@link WorkbenchError} if recordings or runs of the synthetic demo were to be drawn into `figures`
 */
export async function makeGallery({
  only,
  output = paths.figures,
  runs,
  onChosen,
  onItem,
  signal,
  ...options
}: GalleryOptions = {}): Promise<MadeGallery> {
  const items = itemsNamed(only);
  const wants = (from: GalleryItem['from']): boolean => items.some((item) => item.from === from);
  const corpora = wants('clips') ? (options.corpora ?? (await loadCorpora({ signal }))) : undefined;
  if (corpora?.synthetic && isCommitted(output)) {
    const rule = 'figures/ shows real recordings, and the corpora at hand are the synthetic demo';
    throw new WorkbenchError(`${rule}: draw elsewhere, with --output DIR`);
  }
  const chosen = wants('runs') ? await chosenRuns(runs, output, options) : undefined;
  if (chosen) onChosen?.(chosen);
  const environment = await environmentNow();

  const files: string[] = [];
  const left: MadeGallery['left'] = [];
  for (const item of items) {
    signal?.throwIfAborted();
    const drawn = await drawItem(item, corpora, chosen);
    if ('reason' in drawn) {
      left.push({ item: item.name, reason: drawn.reason });
      onItem?.(item, drawn);
      continue;
    }
    const written = await writeItem(item, drawn, output, environment);
    files.push(...written);
    onItem?.(item, { files: written });
  }
  await dropUnusedRecords(output);
  return { files, left };
}

/** @throws {@link InvalidArgumentError} if a name is the beginning of none */
function itemsNamed(only: readonly string[] = ['']): GalleryItem[] {
  for (const name of only) {
    if (galleryItems.some((item) => item.name.startsWith(name))) continue;
    const known = galleryItems.map((item) => item.name).join(', ');
    throw new InvalidArgumentError('--only', `the beginning of one of ${known}`, name);
  }
  return galleryItems.filter((item) => only.some((name) => item.name.startsWith(name)));
}

/** Where a gallery keeps the records that it was drawn from. */
export const recordsIn = (folder: string): string => join(folder, 'records');

/** Is it the gallery of the project itself, whose tables the front page shows? */
export const isCommitted = (folder: string): boolean => resolve(folder) === paths.figures;

async function chosenRuns(
  runs: string | undefined,
  output: string,
  options: ChooseRunsOptions,
): Promise<ChosenRuns> {
  const folders = runs === undefined ? [paths.runs, recordsIn(output), recordsIn(paths.figures)] : [runs];
  const found = await findRuns([...new Set(folders.map((folder) => resolve(folder)))]);
  return chooseRuns(isCommitted(output) ? found.filter((run) => !isSyntheticRun(run)) : found, options);
}

interface Drawn {
  drawing: Drawing;
  from: DrawnFrom;
}

async function drawItem(
  item: GalleryItem,
  corpora: Corpora | undefined,
  chosen: ChosenRuns | undefined,
): Promise<Drawn | { reason: string }> {
  if (item.from === 'nothing') return { drawing: item.draw(), from: {} };
  if (item.from === 'clips') return { drawing: await item.draw(corpora!), from: { corpora } };
  const picked = item.pick(chosen!);
  if (typeof picked === 'string') return { reason: picked };
  try {
    return { drawing: item.draw(picked), from: { runs: picked as FoundRun[] } };
  } catch (error) {
    if (error instanceof WorkbenchError) return { reason: messageOf(error) };
    throw error;
  }
}

async function writeItem(
  item: GalleryItem,
  { drawing, from }: Drawn,
  output: string,
  environment: Environment,
): Promise<string[]> {
  await mkdir(recordsIn(output), { recursive: true });
  const facts = withCommit(factsOf(item, drawing, from), environment);
  const sidecar = join(output, `${facts.figure}.json`);
  for (const [file, text] of Object.entries(textsOf(item.name, drawing))) {
    await writeFile(join(output, file), text);
  }
  if (drawing.figure) await savePicture(drawing.figure, join(output, facts.figure), facts);
  else await writeFile(sidecar, `${JSON.stringify(facts, undefined, 2)}\n`);
  for (const { path, file } of from.runs ?? []) {
    const copy = join(recordsIn(output), file);
    if (resolve(path) !== resolve(copy)) await copyFile(path, copy);
  }
  return facts.files.map((file) => join(output, file));
}

async function savePicture(figure: Figure, path: string, facts: Sidecar): Promise<void> {
  const scale = pictureWidth / (figure.layout.width ?? 700);
  await saveFigure(figure, path, { scale, isCompressed: true, sidecar: { ...facts } });
}

/** A record that no figure is drawn from any more would only puzzle. */
async function dropUnusedRecords(output: string): Promise<void> {
  const folder = recordsIn(output);
  const { sidecars } = await readSidecars(output);
  const used = new Set(sidecars.flatMap(({ records }) => records.map(({ file }) => file)));
  for (const file of await readdir(folder).catch(() => [])) {
    if (!used.has(basename(file))) await rm(join(folder, file));
  }
}
