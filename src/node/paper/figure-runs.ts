import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  type Clip,
  corpusNames,
  InvalidArgumentError,
  InvalidFileError,
  messageOf,
  WorkbenchError,
} from '../../core/base';
import { type ProtocolName, protocolNames, type Split } from '../../core/dataset';
import { featureConfig } from '../../core/features';
import { manifestClips } from '../corpora';
import { experimentSplits } from '../experiment';
import { projectRoot } from '../files';
import {
  dataFingerprint,
  differingOptions,
  findRun,
  foldsHash,
  type FoldsRecord,
  isWholeRun,
  readRunRecords,
  recordSource,
  type RunPredictions,
  splitSizes,
  type StoredRun,
} from '../runs';

/** A run record, with its stored predictions where they are known. */
export interface DrawnRun extends StoredRun {
  stored?: RunPredictions;
}

/** A run record with its path and the hash of its file. */
export interface FoundRun extends DrawnRun {
  path: string;
  sha256: string;
}

/** A run record with scores. */
export type ScoredRun = DrawnRun & Required<Pick<StoredRun, 'data' | 'report' | 'figures'>>;

/** The runs that the figures and tables show. */
export interface FigureRuns<Run = FoundRun> {
  /** under `paper-rows`: Tables II and III, Fig. 9 and 10, claim ledger */
  paper?: Run;
  /** under `speakers`: the same figures, and the slices */
  speakers?: Run;
  /** one model or several under each protocol, from the loosest to the strictest */
  waterfall: Run[];
  /** rows of the short results table on the front page */
  headline: Run[];
  /** rows of the full results table */
  results: Run[];
  /** rows of the table by corpus: the run under `speakers` first, then further models and runs trained on one corpus */
  resultsByCorpus: Run[];
}

/**
 * Reads the run records of several folders, oldest first. If a file name occurs in more than one folder, the first folder wins.
 *
 * @param options.onSkipped - called for each folder with the files that are not valid records
 */
export async function findRuns(
  folders: readonly string[],
  { onSkipped }: { onSkipped?: (skipped: { file: string; reason: string }[]) => void } = {},
): Promise<FoundRun[]> {
  const found = new Map<string, FoundRun>();
  for (const folder of folders) {
    const { records, skipped } = await readRunRecords(folder);
    if (skipped.length > 0) onSkipped?.(skipped);
    for (const record of records) {
      const path = join(folder, record.file);
      const sha256 = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      if (!found.has(record.file)) found.set(record.file, { ...record, path, sha256 });
    }
  }
  return [...found.values()].sort((a, b) => (a.started < b.started ? -1 : 1));
}

/**
 * Looks up the runs listed in a file such as `figures/figures.json`: a {@link FigureRuns} with the names of record files.
 *
 * @throws {@link WorkbenchError} if a listed record is missing or has no scores
 */
export async function listedRuns(listFile: string, runs: readonly FoundRun[]): Promise<FigureRuns> {
  const name = relative(projectRoot, listFile);
  const list = checkedList(await readFile(listFile, 'utf8'), name);
  const byName = new Map(runs.map((run) => [run.file, run]));
  return mapRuns(list, (file) => {
    const run = byName.get(file);
    if (!run) throw new WorkbenchError(`${name}: no run record named ${file}; restore it or edit the list`);
    scored(run);
    return run;
  });
}

function checkedList(text: string, name: string): FigureRuns<string> {
  try {
    const list = JSON.parse(text) as FigureRuns<string>;
    mapRuns(list, (file: unknown) => {
      if (typeof file !== 'string') throw new TypeError('it must consist of names of run records');
    });
    return list;
  } catch (error) {
    throw new InvalidFileError(name, `is not a list of the runs in figures: ${messageOf(error)}`);
  }
}

/**
 * Chooses the newest finished run of each protocol, except runs of a single fold and ensembles.
 *
 * @param runs - oldest first
 */
export function newestRuns(runs: readonly FoundRun[]): FigureRuns {
  const usable = runs.filter(
    ({ status, config, members, report, figures, data }) =>
      status === 'finished' && isWholeRun(config.dataset) && !members && report && figures && data,
  );
  const newest = protocolNames.flatMap(
    (protocol) => usable.findLast((run) => protocolOf(run) === protocol) ?? [],
  );
  const paper = newest.find((run) => protocolOf(run) === 'paper-rows');
  const speakers = newest.find((run) => protocolOf(run) === 'speakers');
  return {
    ...(paper && { paper }),
    ...(speakers && { speakers }),
    ...{ waterfall: newest, headline: newest, results: newest },
    resultsByCorpus: speakers ? [speakers] : [],
  };
}

/**
 * Replaces chosen runs: each named run takes the place of the run under the same protocol. A run under `paper-rows` replaces
 * `paper`, and a step of the waterfall only if its model is that of other steps.
 *
 * @param names - parts of the names of run records
 * @throws {@link InvalidArgumentError} if no run has such a name, or two runs have the same protocol
 */
export function withNamedRuns(
  chosen: FigureRuns,
  runs: readonly FoundRun[],
  names: readonly string[],
): FigureRuns {
  const withScores = runs.filter(({ report, figures, data }) => report && figures && data).reverse();
  let result = chosen;
  const protocols = new Set<ProtocolName>();
  for (const name of names) {
    const run = findRun(withScores, name);
    const protocol = protocolOf(run);
    if (protocols.has(protocol))
      throw new InvalidArgumentError(
        'RUN',
        `at most one run per protocol (two are under ${protocol})`,
        names,
      );
    protocols.add(protocol);
    result = withRun(result, run);
  }
  return result;
}

function withRun(chosen: FigureRuns, run: FoundRun): FigureRuns {
  const protocol = protocolOf(run);
  const { paper, speakers, waterfall } = chosen;
  const steps = waterfall.filter((one) => protocolOf(one) === protocol);
  const step = steps.find((one) => isSameModel(one, run)) ?? (steps.length === 1 ? steps[0] : undefined);
  const isStep =
    waterfall.length === 0 || protocol !== 'paper-rows' || waterfall.some((one) => isSameModel(one, run));
  const previous = [protocol === 'paper-rows' ? paper : step, protocol === 'speakers' ? speakers : undefined];
  const replaced = mapRuns(chosen, (one) => (previous.includes(one) ? run : one));
  const shown = isStep ? [...waterfall.filter((one) => one !== step), run] : waterfall;
  return {
    ...replaced,
    ...(protocol === 'paper-rows' && { paper: run }),
    ...(protocol === 'speakers' && { speakers: run }),
    waterfall: shown.toSorted(
      (a, b) => protocolNames.indexOf(protocolOf(a)) - protocolNames.indexOf(protocolOf(b)),
    ),
  };
}

function mapRuns<From, To>(runs: FigureRuns<From>, convert: (run: From) => To): FigureRuns<To> {
  const { paper, speakers, waterfall, headline, results, resultsByCorpus } = runs;
  return {
    ...(paper !== undefined && { paper: convert(paper) }),
    ...(speakers !== undefined && { speakers: convert(speakers) }),
    waterfall: waterfall.map(convert),
    headline: headline.map(convert),
    results: results.map(convert),
    resultsByCorpus: resultsByCorpus.map(convert),
  };
}

const protocolOf = ({ config }: StoredRun): ProtocolName => config.dataset.protocol;

/** The options that make the models of two runs different, regardless of what they were tested on. */
export function modelDifferences(runs: readonly Pick<StoredRun, 'config'>[]): string[] {
  const evaluationOptions = ['dataset.protocol', 'dataset.fold', 'dataset.folds', 'seed'];
  return differingOptions(runs).filter((option) => !evaluationOptions.includes(option));
}

const isSameModel = (a: Pick<StoredRun, 'config'>, b: Pick<StoredRun, 'config'>): boolean =>
  modelDifferences([a, b]).length === 0;

/** Groups runs of the same model, in the order in which the models occur. */
export function runsByModel<Run extends Pick<StoredRun, 'config'>>(runs: readonly Run[]): Run[][] {
  const groups: Run[][] = [];
  for (const run of runs) {
    const group = groups.find(([first]) => isSameModel(first, run));
    if (group) group.push(run);
    else groups.push([run]);
  }
  return groups;
}

/** @throws {@link WorkbenchError} if the run has no scores */
export function scored(run: DrawnRun): ScoredRun {
  const { data, report, figures } = run;
  if (!data || !report || !figures) throw new WorkbenchError(`${run.file} has no scores: it ${run.status}`);
  return { ...run, data, report, figures };
}

/** @throws {@link WorkbenchError} if the runs were trained on different recordings */
export function requireSameData(runs: readonly StoredRun[]): void {
  if (new Set(runs.map(({ data }) => data?.fingerprint)).size > 1) {
    const names = runs.map((run) => `${run.file} (${recordSource(scored(run))})`);
    throw new WorkbenchError(`the runs use different recordings: ${names.join('; ')}`);
  }
}

type Run = Pick<StoredRun, 'file' | 'config' | 'data' | 'splits' | 'folds' | 'members'>;

/**
 * Finds the runs that the current code would split differently. The clips come from the committed manifests, so that no audio is
 * needed. Runs with other clips are skipped. Near duplicates come from the newest record that lists those of the same clips.
 *
 * Compares the hash of the folds or, for old records without one, the number of rows of each split. An ensemble without a hash is skipped,
 * because its members have their own records.
 *
 * @returns one line per run
 */
export function foldProblems(runs: readonly Run[]): string[] {
  const clips = corpusNames.flatMap((corpus) => manifestClips(corpus));
  const known = new Map<string, FoldsRecord['nearDuplicates']>();
  for (const { data, folds } of runs) {
    if (data && folds?.nearDuplicates) known.set(data.fingerprint, folds.nearDuplicates);
  }
  const pairs = [...known.values()].flatMap((list) => list ?? []);
  const computed = new Map<string, SplitClips>();
  return runs.flatMap((run) => {
    const key = JSON.stringify([run.config.corpora, run.config.dataset, run.config.features]);
    const now = computed.get(key) ?? splitsNow(run, clips, pairs);
    computed.set(key, now);
    const problem = problemOf(run, now);
    return problem === undefined ? [] : [`records/${run.file}: ${problem}`];
  });
}

interface SplitClips {
  clips: Clip[];
  versions: string[];
  splits: Split[];
}

/** The splits that the current code makes for the config of a run. */
function splitsNow({ config }: Run, all: readonly Clip[], pairs: readonly [string, string][]): SplitClips {
  const { corpora, features } = config;
  const clips = all.filter(({ corpus }) => corpora === 'all' || corpora.includes(corpus));
  const set = { clips, versions: Object.keys(featureConfig(features).versions) };
  const paths = new Set(clips.map(({ path }) => path));
  const own = pairs.filter((pair) => pair.every((path) => paths.has(path)));
  return { ...set, splits: experimentSplits(set, config, { pairs: own.map((pair) => ({ paths: pair })) }) };
}

function problemOf(run: Run, now: SplitClips): string | undefined {
  if (dataFingerprint(now.clips) !== run.data?.fingerprint) return undefined;
  const names = run.folds?.splits ?? run.splits.map(({ name }) => name);
  const byName = new Map(now.splits.map((split) => [split.name, split]));
  const missing = names.find((name) => !byName.has(name));
  if (missing !== undefined) return `the current code makes no split named ${JSON.stringify(missing)}`;
  const splits = names.map((name) => byName.get(name)!);
  if (run.folds) {
    if (foldsHash(now, splits) === run.folds.hash) return undefined;
    return 'the current code divides the clips into other folds; run it again';
  }
  const trainVersions = run.config.dataset.trainVersions;
  for (const [i, { name, rows }] of run.splits.entries()) {
    const sizes = splitSizes(splits[i]);
    // The oldest records count all versions of the training clips, even if only some are trained on.
    const perClip = trainVersions === 'all' ? 1 : now.versions.length / trainVersions.length;
    const isSame =
      (rows.train === sizes.train || rows.train === sizes.train * perClip) &&
      rows.validation === sizes.validation &&
      rows.test === sizes.test;
    if (!isSame) {
      const text = (count: typeof rows): string => `${count.train}/${count.validation}/${count.test}`;
      return `${name} has ${text(rows)} rows (training/validation/test), but ${text(sizes)} with the current code; run it again`;
    }
  }
  return undefined;
}
