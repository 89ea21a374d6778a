import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { InvalidArgumentError, messageOf, WorkbenchError } from '../../core/base';
import type { Figure } from '../../core/figures';
import { type Corpora, loadCorpora } from '../corpora';
import { saveFigure } from '../drawing';
import { paths, projectRoot, writeFileAtomic } from '../files';
import { type Environment, environmentNow, isSyntheticRun } from '../runs';
import { clipItems, pipelineItem } from './clip-items';
import {
  predictionProblems,
  recordsIn,
  removeUnusedRecords,
  withPredictions,
  writeCompact,
} from './committed-predictions';
import { conditionsItem, resultsItems } from './results-items';
import {
  type FigureRuns,
  findRuns,
  foldProblems,
  type FoundRun,
  listedRuns,
  newestRuns,
  withNamedRuns,
} from './figure-runs';
import {
  type Drawing,
  type DrawnFrom,
  factsOf,
  type GalleryItem,
  readSidecars,
  type Sidecar,
  textsOf,
  withCommit,
} from './gallery-item';
import { runItems } from './run-items';

/** All figures and tables of the gallery, in the paper's order. */
export const galleryItems: readonly GalleryItem[] = [
  pipelineItem,
  ...clipItems,
  ...runItems,
  ...resultsItems,
  conditionsItem,
];

/** The options of {@link makeGallery}. */
export interface GalleryOptions {
  /** prefixes of item names; default all items */
  only?: readonly string[];
  /** output folder; default `figures`, which must not contain figures of synthetic data */
  output?: string;
  /**
   * folder of run records: the newest finished run of each protocol is shown. By default the runs listed in
   * `figures/figures.json` are shown.
   */
  runs?: string;
  /** parts of the names of run records; each is shown instead of the run under the same protocol */
  named?: readonly string[];
  /** default `loadCorpora()`, called only if an item shows recordings */
  corpora?: Corpora;
  /** called with the files of a folder that are not valid run records */
  onSkippedRecords?: (skipped: { file: string; reason: string }[]) => void;
  /** called with the runs before anything is drawn */
  onChosen?: (runs: FigureRuns) => void;
  /** called after each item */
  onItem?: (item: GalleryItem, outcome: { files: string[] } | { reason: string }) => void;
  signal?: AbortSignal;
}

/** The result of {@link makeGallery}. */
export interface MadeGallery {
  files: string[];
  /** items that could not be drawn */
  skipped: { item: string; reason: string }[];
}

/** Layouts differ in width. All pictures have the same width, so that they line up on a page. */
const pictureWidth = 900;

/**
 * Draws the figures and tables of the paper and further figures of this project into a folder: pictures, Plotly specifications,
 * tables as Markdown and CSV, a sidecar for each, and copies of the run records they show, with their predictions
 * where they are stored and all clips are in the manifests. The same recordings and records give
 * the same bytes, except for the commit in the sidecars.
 *
 * @throws {@link InvalidArgumentError} if `only` matches no item or `named` matches no run
 * @throws {@link WorkbenchError} if figures of synthetic data would be written to `figures`
 */
export async function makeGallery({
  only,
  output = paths.figures,
  runs,
  named = [],
  corpora: given,
  onSkippedRecords,
  onChosen,
  onItem,
  signal,
}: GalleryOptions = {}): Promise<MadeGallery> {
  const items = itemsNamed(only);
  const needs = (from: GalleryItem['from']): boolean => items.some((item) => item.from === from);
  const corpora = needs('clips') ? (given ?? (await loadCorpora({ signal }))) : undefined;
  if (corpora?.synthetic && isCommitted(output)) {
    const rule = 'figures/ shows real recordings, but only the synthetic demo corpus is available';
    throw new WorkbenchError(`${rule}; use --output DIR`);
  }
  const chosen = needs('runs') ? await chosenRuns({ runs, output, named, onSkippedRecords }) : undefined;
  if (chosen) onChosen?.(chosen);
  const environment = await environmentNow();

  const files: string[] = [];
  const skipped: MadeGallery['skipped'] = [];
  for (const item of items) {
    signal?.throwIfAborted();
    const drawn = await drawItem(item, corpora, chosen);
    if ('reason' in drawn) {
      skipped.push({ item: item.name, reason: drawn.reason });
      onItem?.(item, drawn);
      continue;
    }
    const written = await writeItem(item, drawn, output, environment);
    files.push(...written);
    onItem?.(item, { files: written });
  }
  await removeUnusedRecords(output, await readFile(join(output, listFile), 'utf8').catch(() => ''));
  return { files, skipped };
}

/** @throws {@link InvalidArgumentError} if a prefix matches no item */
function itemsNamed(only: readonly string[] = ['']): GalleryItem[] {
  for (const name of only) {
    if (galleryItems.some((item) => item.name.startsWith(name))) continue;
    const known = galleryItems.map((item) => item.name).join(', ');
    throw new InvalidArgumentError('--only', `a prefix of one of ${known}`, name);
  }
  return galleryItems.filter((item) => only.some((name) => item.name.startsWith(name)));
}

/** Whether a folder is the committed gallery, `figures`. */
export const isCommitted = (folder: string): boolean => resolve(folder) === paths.figures;

const listFile = 'figures.json';

async function chosenRuns({
  runs,
  output,
  named,
  onSkippedRecords: onSkipped,
}: Required<Pick<GalleryOptions, 'output' | 'named'>> &
  Pick<GalleryOptions, 'runs' | 'onSkippedRecords'>): Promise<FigureRuns> {
  const folders = runs === undefined ? [paths.runs, recordsIn(output), recordsIn(paths.figures)] : [runs];
  const all = await findRuns([...new Set(folders.map((folder) => resolve(folder)))], { onSkipped });
  const found = isCommitted(output) ? all.filter((run) => !isSyntheticRun(run)) : all;
  const chosen =
    runs === undefined ? await listedRuns(join(paths.figures, listFile), found) : newestRuns(found);
  return withNamedRuns(chosen, found, named);
}

interface Drawn {
  drawing: Drawing;
  from: DrawnFrom;
}

async function drawItem(
  item: GalleryItem,
  corpora: Corpora | undefined,
  chosen: FigureRuns | undefined,
): Promise<Drawn | { reason: string }> {
  if (item.from === 'nothing') {
    const drawing = item.draw();
    return typeof drawing === 'string' ? { reason: drawing } : { drawing, from: {} };
  }
  if (item.from === 'clips') return { drawing: await item.draw(corpora!), from: { corpora } };
  const picked = item.pick(chosen!);
  if (typeof picked === 'string') return { reason: picked };
  try {
    const runs = await withPredictions(picked);
    return { drawing: item.draw(runs), from: { runs } };
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
  for (const [file, text] of Object.entries(textsOf(item.name, drawing))) {
    await writeFileAtomic(join(output, file), text);
  }
  if (drawing.figure) await savePicture(drawing.figure, join(output, facts.figure), facts);
  else
    await writeFileAtomic(join(output, `${facts.figure}.json`), `${JSON.stringify(facts, undefined, 2)}\n`);
  for (const run of from.runs ?? []) {
    const copy = join(recordsIn(output), run.file);
    if (resolve(run.path) === resolve(copy)) continue;
    await copyFile(run.path, copy);
    if (run.stored) await writeCompact(run.stored, run, output);
  }
  return facts.files.map((file) => join(output, file));
}

async function savePicture(figure: Figure, path: string, facts: Sidecar): Promise<void> {
  const scale = pictureWidth / (figure.layout.width ?? 700);
  await saveFigure(figure, path, { scale, isCompressed: true, sidecar: { ...facts } });
}

/**
 * Checks that the files, sidecars and run records of a gallery agree: every file has a sidecar, every record named in a sidecar
 * exists with the same hash, the current code divides the clips into the same folds as each record, committed predictions give the scores
 * of their record, and items made from records give the same text and facts when they are made again. Pictures and items that show recordings are not made again.
 *
 * @returns one line per problem; empty if there is none
 */
export async function checkGallery(folder: string): Promise<string[]> {
  const { sidecars, files, problems } = await readSidecars(folder);
  const named = sidecars.flatMap((sidecar) => sidecar.files);
  const damaged: string[] = [];
  const runs = await findRuns([recordsIn(folder)], {
    onSkipped: (skipped) => damaged.push(...skipped.map(({ file, reason }) => `records/${file}: ${reason}`)),
  });
  const used = new Set(sidecars.flatMap(({ records }) => records.map(({ file }) => file)));
  const records = await readdir(recordsIn(folder)).catch(() => []);
  const data = new Set(sidecars.flatMap(({ corpora }) => corpora?.fingerprint ?? []));
  const own = await Promise.all(sidecars.map((sidecar) => problemsOf(sidecar, folder, files, runs)));
  return [
    ...problems,
    ...damaged,
    ...files
      .filter((file) => !named.includes(file) && !withoutSidecar.includes(file))
      .map((file) => `${file} has no sidecar`),
    ...named.filter((file, at) => named.indexOf(file) < at).map((file) => `${file} is in two sidecars`),
    ...records.filter((file) => !used.has(file)).map((file) => `records/${file} is not used by any figure`),
    ...(data.size > 1 ? [`the figures show different recordings: ${[...data].join(', ')}`] : []),
    ...foldProblems(runs),
    ...(await predictionProblems(folder, runs)),
    ...own.flat(),
  ];
}

const withoutSidecar: readonly string[] = ['README.md', listFile];

async function problemsOf(
  sidecar: Sidecar,
  folder: string,
  files: readonly string[],
  runs: readonly FoundRun[],
): Promise<string[]> {
  const { figure, item: name } = sidecar;
  const missing = sidecar.files.filter((file) => !files.includes(file));
  if (missing.length > 0) return [`${figure}: ${missing.join(', ')} is missing`];
  if (name === undefined) return []; // made by hand
  const item = galleryItems.find((one) => one.name === name);
  if (!item) return [`${figure}: unknown item ${name}`];
  if (item.from === 'clips') return [];

  const found: FoundRun[] = [];
  for (const { file, sha256 } of sidecar.records) {
    const run = runs.find((one) => one.file === file);
    if (!run) return [`${figure}: records/${file} is missing or not a run record`];
    if (run.sha256 !== sha256) return [`${figure}: records/${file} has changed since the figure was drawn`];
    found.push(run);
  }
  try {
    if (item.from === 'runs' && found.length === 0) return [`${figure}: its sidecar names no run record`];
    const drawing = item.from === 'runs' ? item.draw(await withPredictions(found)) : item.draw();
    if (typeof drawing === 'string') return [`${figure}: ${drawing}`];
    const expected: unknown = JSON.parse(JSON.stringify(factsOf(item, drawing, { runs: found })));
    const differing = Object.entries(expected as object)
      .filter(([key, value]) => !isDeepStrictEqual(value, sidecar[key as keyof Sidecar]))
      .map(([key]) => `${figure}: "${key}" in its sidecar does not match its run records`);
    const texts = await Promise.all(
      Object.entries(textsOf(name, drawing)).map(async ([file, text]) =>
        (await readFile(join(folder, file), 'utf8').catch(() => undefined)) === text
          ? []
          : [`${file} does not match its run records`],
      ),
    );
    return [...differing, ...texts.flat()];
  } catch (error) {
    return [`${figure}: cannot be drawn again: ${messageOf(error)}`];
  }
}

/** The pages that show tables of `figures`. */
export const galleryPages: readonly string[] = [paths.readme, join(paths.figures, 'README.md')];

const tableMarkers = /(<!-- figures\/(\S+\.md) -->\n)[^]*?(<!-- \/figures\/\2 -->)/g;

/**
 * Updates the tables in a page: the text between `<!-- figures/NAME.md -->` and `<!-- /figures/NAME.md -->` is replaced by that
 * file of the gallery. A marker without such a file keeps its text.
 *
 * @returns whether the page changed
 */
export async function refreshPage(path: string, folder: string): Promise<boolean> {
  const page = await readFile(path, 'utf8');
  const fresh = await withTables(page, folder);
  if (fresh !== page) await writeFileAtomic(path, fresh);
  return fresh !== page;
}

/**
 * Checks that the tables in a page are those of the gallery.
 *
 * @returns one line per problem; empty if there is none
 */
export async function pageProblems(path: string, folder: string): Promise<string[]> {
  const page = await readFile(path, 'utf8');
  const agrees = (await withTables(page, folder)) === page;
  const where = relative(projectRoot, path).startsWith('..') ? basename(path) : relative(projectRoot, path);
  return agrees ? [] : [`${where}: its tables differ from those in ${basename(folder)}; run npm run figures`];
}

async function withTables(page: string, folder: string): Promise<string> {
  const names = [...page.matchAll(tableMarkers)].map(([, , name]) => name);
  const texts = await Promise.all(
    names.map((name) => readFile(join(folder, name), 'utf8').catch(() => undefined)),
  );
  const tables = new Map(names.map((name, i) => [name, texts[i]]));
  return page.replace(tableMarkers, (before, opening: string, name: string, closing: string) => {
    const table = tables.get(name);
    return table === undefined ? before : `${opening}${unformatted(table)}${closing}`;
  });
}

/** Keeps Prettier from reformatting the table. */
const unformatted = (table: string): string =>
  `<!-- prettier-ignore-start -->\n\n${table}\n<!-- prettier-ignore-end -->\n`;
