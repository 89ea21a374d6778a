import { appendFile, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { canonicalHash, isLeftOutList, type LeftOut } from '../../core/base';
import { type ExperimentConfig, type OptionPath, type OptionValues, valueText } from '../../core/config';
import { type Caveats, caveatsOf } from '../../core/evaluation';
import type { EpochRecord } from '../../core/network';
import { explainFileError, openFolder } from '../files';
import type { SweepSpace } from './space';

/** Runs one trial: the function that a trial module exports as `runTrial`. */
export type RunTrial = (
  config: ExperimentConfig,
  options: {
    /** folder of the run records */
    runs: string;
    signal?: AbortSignal;
    onEpoch?: (record: EpochRecord) => void;
  },
) => Promise<
  {
    /** higher is better */
    score: number;
    /** file name of the run record */
    run: string;
    /** folder of the trial's checkpoints, which the sweep deletes after the trial is in its log */
    checkpoints?: string;
  } & Caveats
>;

/** Runs a trial with the function of a trial module, and checks its score. */
export async function runTrialOf(
  moduleFile: string,
  ...[config, options]: Parameters<RunTrial>
): ReturnType<RunTrial> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() does not load TypeScript here
  const { runTrial } = require(moduleFile) as { runTrial?: RunTrial };
  if (!runTrial) throw new Error(`${moduleFile} does not export runTrial`);
  const { score, run, checkpoints, ...caveats } = await runTrial(config, options);
  if (!Number.isFinite(score)) throw new Error(`score must be a finite number, got ${score}`);
  return { score, run, checkpoints, ...caveatsOf(caveats) };
}

/** A trial that has finished or failed: one line of a sweep's log. */
export type EndedTrial = {
  /** of its data and config, number of epochs included */
  hash: string;
  /** the varied options */
  values: OptionValues;
  epochs: number;
  seconds: number;
} & (({ status: 'finished'; score: number; run: string } & Caveats) | { status: 'failed'; reason: string });

/**
 * Reads a sweep's log, one trial per line. Lines that are cut off (the process was killed) or not a trial are skipped, so that these
 * trials run again.
 *
 * @returns trials by hash, the last entry of each; empty if there is no file
 */
export async function readTrialLog(path: string): Promise<Map<string, EndedTrial>> {
  const lines = (await textOf(path)).split('\n');
  const trials = lines.map(parseTrial).filter((trial) => trial !== undefined);
  return new Map(trials.map((trial) => [trial.hash, trial]));
}

/** Appends trials to the log, all at once, and flushes it to disk; creates the file and its folder. */
export async function appendTrials(path: string, trials: readonly EndedTrial[]): Promise<void> {
  openFolder(dirname(path));
  const text = await textOf(path);
  const isCutOff = text !== '' && !text.endsWith('\n');
  try {
    const lines = trials.map((trial) => `${JSON.stringify(trial)}\n`).join('');
    await appendFile(path, `${isCutOff ? '\n' : ''}${lines}`, { flush: true });
  } catch (error) {
    throw explainFileError(error, path);
  }
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw explainFileError(error, path);
  });
}

function parseTrial(line: string): EndedTrial | undefined {
  try {
    const trial = JSON.parse(line) as (Partial<EndedTrial> & Caveats) | null;
    const isTrial =
      typeof trial?.hash === 'string' &&
      typeof trial.values === 'object' &&
      (trial.values as unknown) !== null &&
      !Array.isArray(trial.values) &&
      Number.isSafeInteger(trial.epochs) &&
      Number.isFinite(trial.seconds) &&
      (trial.status === 'finished'
        ? Number.isFinite(trial.score) && typeof trial.run === 'string'
        : trial.status === 'failed' && typeof trial.reason === 'string') &&
      isLeftOutList(trial.leftOut ?? []) &&
      isStringList(trial.warnings ?? []);
    return isTrial ? (trial as EndedTrial) : undefined;
  } catch {
    return undefined;
  }
}

const isStringList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** The part of a sweep's result that its tables show. */
interface SweepTrials {
  space: SweepSpace;
  /** best first */
  trials: readonly EndedTrial[];
}

/**
 * A sweep's trials as table rows, best first: score, varied options, epochs if they differ, seconds, and the run record or the
 * reason of the failure.
 *
 * @param result - the result of `runSweep`
 */
export function sweepTable({ space, trials }: SweepTrials): object[] {
  const showsEpochs = haveDifferentEpochs(trials) && !('training.epochs' in space);
  return trials.map((trial) => ({
    score: trial.status === 'finished' ? trial.score : undefined,
    ...trial.values,
    ...(showsEpochs ? { epochs: trial.epochs } : {}),
    seconds: Math.round(10 * trial.seconds) / 10,
    run: trial.status === 'finished' ? trial.run : `failed: ${trial.reason}`,
  }));
}

/**
 * A sweep's trials for a parallel-coordinates figure: each config once, with the score of its longest trial; epochs are a coordinate
 * if they differ. Failed trials are left out.
 *
 * @param result - the result of `runSweep`
 * @returns coordinates for `ser.figures.parallelCoordinates`
 */
export function sweepCoordinates({
  space,
  trials,
}: SweepTrials): { parameters: Record<string, number | string>; score: number }[] {
  // The trials with the most epochs come first.
  const longest = new Map<string, EndedTrial & { status: 'finished' }>();
  for (const trial of trials) {
    const key = canonicalHash(trial.values);
    if (trial.status === 'finished' && !longest.has(key)) longest.set(key, trial);
  }
  const showsEpochs = haveDifferentEpochs([...longest.values()]) && !('training.epochs' in space);
  return [...longest.values()].map(({ values, epochs, score }) => ({
    parameters: Object.fromEntries([
      ...(Object.keys(space) as OptionPath[]).map((path) => [path, coordinate(values[path])] as const),
      ...(showsEpochs ? [['epochs', epochs] as const] : []),
    ]),
    score,
  }));
}

/**
 * What the trials of a sweep left out, and their warnings. Trials may use different features: of several entries of one kind, the one
 * with the most items is returned.
 */
export function sweepCaveats({ trials }: Pick<SweepTrials, 'trials'>): Required<Caveats> {
  const finished = trials.filter((trial) => trial.status === 'finished');
  const most = new Map<string, LeftOut>();
  for (const entry of finished.flatMap(({ leftOut = [] }) => leftOut)) {
    if (entry.count > (most.get(entry.what)?.count ?? 0)) most.set(entry.what, entry);
  }
  return {
    leftOut: [...most.values()],
    warnings: [...new Set(finished.flatMap(({ warnings = [] }) => warnings))],
  };
}

const haveDifferentEpochs = (trials: readonly EndedTrial[]): boolean =>
  new Set(trials.filter(({ epochs }) => epochs > 0).map(({ epochs }) => epochs)).size > 1;

const coordinate = (value: unknown): number | string =>
  typeof value === 'number' ? value : valueText(value);
