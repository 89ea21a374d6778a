import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { formatPercent, isDemoName, WorkbenchError } from '../../core/base';
import { scoreText } from '../../core/evaluation';
import {
  type CardScore,
  checkedCard,
  inventoryFile,
  type ModelCard,
  scoresInCard,
  trainingCorpora,
  type TrainingCorpus,
} from '../../core/prediction';
import { foldersIn, paths, readFolderSync } from '../files';
import { readModelFile } from './model-folder';

/** Number of folder levels that are searched. */
const maxDepth = 4;

/**
 * Finds saved models, ranked as in `predict`: the first is the default, and `reason` states why.
 *
 * The default is the newest finished run that scores above the published model under the same protocol, on the same recordings and test
 * folds; otherwise the published model. Without a published model, finished runs come first. Interrupted and failed runs come after
 * them, and models trained only on the synthetic demo corpus last.
 *
 * @param folders - default `runs/` (trained here) and `data/models/` (published); the order of the folders does not matter
 */
export function findModels(folders: readonly string[] = [paths.runs, paths.models]): FoundModel[] {
  return rankModels(
    folders.flatMap((root) =>
      modelsBelow(root, maxDepth).map(({ path, savedMs }) =>
        describeModel(path, { root, savedMs, card: readCard(path) }),
      ),
    ),
  );
}

/**
 * The folder of the default model: the first that {@link findModels} finds.
 *
 * @throws {@link WorkbenchError} if there is none, with the remedy
 */
export function newestModel(folders?: readonly string[]): string {
  return defaultModel(folders).path;
}

/** Like {@link newestModel}, with the card, scores and origin of the model. */
export function defaultModel(folders?: readonly string[]): FoundModel {
  const first = findModels(folders).at(0);
  if (first) return first;
  throw new WorkbenchError('no trained model found; run `npm run train` first, or choose one with --model');
}

function modelsBelow(folder: string, levels: number): { path: string; savedMs: number }[] {
  const savedMs = unlessMissing(folder, (path) => statSync(join(path, inventoryFile)).mtimeMs);
  if (savedMs !== undefined) return [{ path: folder, savedMs }];
  if (levels === 0) return [];
  return (unlessMissing(folder, foldersIn) ?? []).flatMap((name) =>
    modelsBelow(join(folder, name), levels - 1),
  );
}

/** The result of `read`, or undefined if the folder or the file in it cannot be read. */
function unlessMissing<Result>(folder: string, read: (path: string) => Result): Result | undefined {
  try {
    return readFolderSync(folder, read);
  } catch {
    return undefined;
  }
}

function readCard(folder: string): ModelCard {
  const read = (path: string): ModelCard =>
    checkedCard(JSON.parse(readModelFile(path, 'card.json').toString('utf8')));
  return unlessMissing(folder, read) ?? {};
}

/** A saved model. */
export interface FoundModel {
  path: string;
  /** the folder it was found in */
  root: string;
  /** trained only on the synthetic demo corpus */
  isOfDemo: boolean;
  /** empty if it cannot be read; loading the model then reports why */
  card: ModelCard;
  /** `published`: in `data/models/`, or with the model card of `npm run models -- publish`; `run`: next to its run record */
  origin: 'published' | 'run' | 'folder';
  /** of the run, from its record or else from the card */
  status: 'finished' | 'interrupted' | 'failed' | 'unknown';
  /** name of the run's record without extension; only of a run */
  run?: string;
  /** without held-out corpora */
  trainedOn: TrainingCorpus[];
  /** unweighted average recall on the test rows of all splits of its experiment */
  uar?: CardScore['uar'];
  /** name of the protocol of its scores, for example `speakers` */
  protocol?: string;
  /** why this model is the default (only of the first), or why it is not */
  reason: string;
}

/** Describes a saved model. @param savedMs - time at which it was saved */
function describeModel(
  path: string,
  { root, savedMs, card }: { root: string; savedMs: number; card: ModelCard },
): Candidate {
  const record = readRecord(dirname(path), root);
  const isPublished = resolve(root) === resolve(paths.models) || isFile(path, 'README.md');
  const origin = record ? 'run' : isPublished ? 'published' : 'folder';
  const trainedOn = trainingCorpora(card);
  const scores = scoresInCard(card);
  const { number = 1 } = (card.split ?? {}) as { number?: unknown };
  const found = {
    path,
    root,
    card,
    origin,
    trainedOn,
    isOfDemo: trainedOn.length > 0 && trainedOn.every(({ name }) => isDemoName(name)),
    status: record?.status ?? card.status ?? (isPublished ? 'finished' : 'unknown'),
    ...(record && { run: basename(dirname(path)) }),
    ...(scores.pooled && { uar: scores.pooled.uar }),
    ...(typeof card.protocol === 'string' && { protocol: card.protocol.replace(/ \(.*/s, '') }),
  } as const;
  return {
    found,
    splitNumber: typeof number === 'number' ? number : 1,
    startedMs: record?.startedMs ?? (dateOf(card) || savedMs),
  };
}

/** A model with the other values that determine its rank. */
interface Candidate {
  found: Omit<FoundModel, 'reason'>;
  splitNumber: number;
  startedMs: number;
}

/**
 * Sorts models so that the first is the default of `predict`:
 *
 * 1. the newest finished run with a UAR above that of the published model, under the same protocol, on the same recordings and test folds;
 * 2. the published model (of several, the newest);
 * 3. other finished runs, newest first;
 * 4. interrupted and failed runs, and models of unknown origin;
 * 5. models that were trained only on the demo corpus, in the same order.
 */
function rankModels(models: readonly Candidate[]): FoundModel[] {
  const newestFirst = [...models].sort(
    (a, b) =>
      b.startedMs - a.startedMs || a.splitNumber - b.splitNumber || (a.found.path < b.found.path ? -1 : 1),
  );
  const published = newestFirst.find(({ found }) => found.origin === 'published' && !found.isOfDemo)?.found;
  const ranked = newestFirst.map((model) => {
    const { found } = model;
    const isRun = found.origin === 'run' && found.status === 'finished';
    const comparison = published && isRun && !found.isOfDemo ? compare(found, published) : undefined;
    const group =
      Number(found.isOfDemo) * 10 +
      (comparison?.isBetter ? 0 : found.origin === 'published' ? 1 : isRun ? 2 : 3);
    return { model, group, text: comparison?.text };
  });
  ranked.sort((a, b) => a.group - b.group);
  return ranked.map(({ model, text }, i) => {
    const hasFinished = ranked.some((other) => other.text !== undefined);
    const reason = i === 0 ? reasonFor(model.found, text, hasFinished) : reasonAgainst(model.found, text);
    return { ...model.found, reason };
  });
}

type Found = Candidate['found'];

function reasonFor({ isOfDemo, origin, status }: Found, text: string | undefined, hasFinished: boolean) {
  if (isOfDemo) return 'there is no model that was trained on recordings of people';
  if (text !== undefined) return `the newest finished run that scores above the published model: ${text}`;
  if (origin === 'published')
    return `the published model${hasFinished ? '; no finished run scores above it on the same test folds' : ''}`;
  if (origin === 'run' && status === 'finished')
    return 'the newest finished run; there is no published model';
  return 'there is no published model and no finished run';
}

function reasonAgainst({ isOfDemo, origin, status }: Found, text: string | undefined): string {
  if (isOfDemo) return 'trained on the demo corpus only';
  if (text !== undefined) return text;
  if (origin === 'published') return 'published';
  if (origin === 'run') return status === 'finished' ? 'an earlier run or split' : `the run is ${status}`;
  return 'it has no run record';
}

/** Compares the scores of a finished run with those of the published model, if both were measured on the same test rows. */
function compare(run: Found, published: Found): { isBetter: boolean; text: string } {
  const differs = differenceBetween(run, published);
  if (differs !== undefined)
    return { isBetter: false, text: `not comparable with the published model: ${differs}` };
  const [own, other] = [scoresInCard(run.card), scoresInCard(published.card)];
  const all = own.pooled && other.pooled && isSameTest(own.pooled, other.pooled);
  const split = own.ownSplit && other.ownSplit && isSameTest(own.ownSplit, other.ownSplit);
  const [mine, theirs, where] = all
    ? [own.pooled!, other.pooled!, '']
    : [own.ownSplit!, other.ownSplit!, ` on ${other.ownSplit?.name}`];
  if (!all && !split)
    return { isBetter: false, text: 'not comparable with the published model: other test folds' };
  const isBetter = mine.uar.value > theirs.uar.value;
  const [a, b] = [mine, theirs].map(({ uar }) => formatPercent(uar.value));
  return { isBetter, text: `UAR ${a} is ${isBetter ? 'above' : 'not above'} ${b}${where}` };
}

const isSameTest = (a: CardScore, b: CardScore): boolean =>
  a.name === b.name && a.rows === b.rows && a.clips === b.clips && a.speakers === b.speakers;

/** @returns what differs between two experiments; undefined if protocol, recordings and folds are the same */
function differenceBetween(run: Found, published: Found): string | undefined {
  const [a, b] = [run, published].map(({ card }) => card);
  if (typeof a.protocol !== 'string' || a.protocol !== b.protocol) return 'another protocol';
  if (typeof a.dataFingerprint !== 'string' || a.dataFingerprint !== b.dataFingerprint)
    return 'other recordings';
  const corpora = ({ trainedOn }: Found): string =>
    JSON.stringify(trainedOn.map(({ name, clips }) => [name, clips]).sort());
  // Leave-one-corpus-out: models of different splits were trained on different corpora.
  if (corpora(run) !== corpora(published)) return 'other training corpora';
  const [own, other] = [run, published].map(foldsOf);
  return own === undefined || own !== other ? 'other test folds' : undefined;
}

/** The options that determine the test folds, from the config of a model or of the first member of an ensemble. */
function foldsOf({ path }: Found): string | undefined {
  for (const name of ['config.json', 'member-1/config.json']) {
    try {
      const { dataset } = JSON.parse(readModelFile(path, name).toString('utf8')) as { dataset: unknown };
      const { protocol, folds, seed, normalisation } = dataset as Record<string, unknown>;
      return JSON.stringify([protocol, folds, seed, normalisation]);
    } catch {
      // The other file, or unknown.
    }
  }
  return undefined;
}

/** The score of a model with its protocol: `UAR 54.2 % [49.0, 61.9] under speakers`; undefined if its card has none. */
export function modelScoreText({ uar, protocol }: Pick<FoundModel, 'uar' | 'protocol'>): string | undefined {
  return uar && protocol !== undefined ? `UAR ${scoreText('uar', uar)} under ${protocol}` : undefined;
}

/** Maximum size of a run record that is read. */
const maxRecordBytes = 100e6;

/** Status and start of the run that saved its models in a folder; undefined if there is no valid record next to the folder. */
function readRecord(
  folder: string,
  root: string,
): { status: FoundModel['status']; startedMs?: number } | undefined {
  if (resolve(folder) === resolve(root)) return undefined;
  const path = `${folder}.json`;
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file?.isFile()) return undefined;
  try {
    if (file.size > maxRecordBytes) throw new Error('too large');
    const { status, started, format } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    if (format !== 1) return undefined;
    const known = (['finished', 'interrupted', 'failed'] as const).find((name) => name === status);
    const startedMs = typeof started === 'string' ? Date.parse(started) : NaN;
    return { status: known ?? 'unknown', ...(startedMs > 0 && { startedMs }) };
  } catch {
    return { status: 'unknown' }; // a damaged record
  }
}

function isFile(folder: string, name: string): boolean {
  return statSync(`${folder}/${name}`, { throwIfNoEntry: false })?.isFile() ?? false;
}

const dateOf = ({ date }: ModelCard): number =>
  typeof date === 'string' ? Date.parse(date.slice(0, 30)) || 0 : 0;
