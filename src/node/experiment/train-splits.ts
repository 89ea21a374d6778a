import { resolve } from 'node:path';
import { type Clip, type Emotion, type LeftOut, WorkbenchError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import { type Audit, type NearDuplicate, preparationFromJson, type Split } from '../../core/dataset';
import { caveatsOf, type Predictions, scoreReport, underProtocol } from '../../core/evaluation';
import type { FeatureSet, RecordingProfile } from '../../core/features';
import {
  buildModel,
  createNetwork,
  type Engine,
  type EpochRecord,
  type StepProgress,
  type TrainingPosition,
  writeWeights,
} from '../../core/network';
import {
  type ExperimentResult,
  type FoldResult,
  type ModelInput,
  protocolNote,
  type SplitResult,
} from '../../core/prediction';
import { moduleFile, openWorkerProcess, runOnWorkers, type WorkerProcess } from '../files';
import type { FoldTask } from './fold-process';
import { type FitResult, type FoldEnd, isBaseline, trainSplit } from './train-split';
import { checkpointOf } from './training-files';

/** Identifies one of the splits. */
export type SplitPosition = Required<TrainingPosition>;

/** Progress callbacks of the training of several splits. With parallel training, calls for different splits alternate. */
export interface SplitCallbacks {
  /** before the training of a split */
  onSplit?: (place: SplitPosition, split: Split) => void;
  /** when a split resumes from a checkpoint, with the history restored from it */
  onResume?: (history: readonly EpochRecord[], place: SplitPosition) => void;
  onStep?: (progress: StepProgress, place: SplitPosition) => void;
  onEpoch?: (record: EpochRecord, history: readonly EpochRecord[], place: SplitPosition) => void;
  /** called when something could not be saved, for example a checkpoint on a full disk; training continues; default `console.error` */
  onWarning?: (warning: string, place: SplitPosition) => void;
  /** after a split has been trained and tested, or was interrupted; not after an error */
  onSplitEnd?: (outcome: FitResult['outcome'], place: SplitPosition) => void;
}

/** Inputs shared by all splits of an experiment. */
interface SplitsContext {
  engine: Engine;
  set: FeatureSet;
  input: ModelInput;
  /** class index of each row; shape [rows] */
  labels: Int32Array;
  classes: number;
  config: ExperimentConfig;
  /** of the data */
  fingerprint: string;
}

/** Options of {@link trainSplits}. */
export interface TrainSplitsOptions extends SplitCallbacks {
  /** maximum number of splits that are trained in parallel */
  workers: number;
  signal?: AbortSignal;
  /** folder of checkpoints */
  checkpoints?: string;
  trainedFold?: TrainedFold;
}

/** Returns a split that another process has trained. */
export type TrainedFold = (config: ExperimentConfig, split: string) => FoldEnd;

/** Result of {@link trainSplits}. */
interface TrainedSplits {
  /** one per split; undefined for interrupted splits, except for a single split with at least one epoch */
  results: (SplitResult | undefined)[];
  outcome: 'finished' | 'interrupted';
  /** of the engine that trained each split */
  threads: number;
}

/** Trains and tests splits in sequence, or in parallel processes. The checkpoints stay until the caller has saved the results. */
export async function trainSplits(
  splits: readonly Split[],
  context: SplitsContext,
  options: TrainSplitsOptions,
): Promise<TrainedSplits> {
  const { engine, config } = context;
  const atOnce = isBaseline(config.model.kind) ? 1 : Math.min(options.workers, splits.length);
  const places = splits.map(({ name }, i): SplitPosition => {
    return { name, number: i + 1, count: splits.length, atOnce };
  });
  const { trainedFold } = options;
  const { results, threads } = trainedFold
    ? collectSplits(splits, places, context, { ...options, trainedFold })
    : atOnce > 1
      ? await trainInParallel(splits, places, context, options)
      : { results: await trainInSequence(splits, places, context, options), threads: engine.threads };
  const isFinished = results.every((result) => result && result.outcome !== 'interrupted');
  return { results, outcome: isFinished ? 'finished' : 'interrupted', threads };
}

/** The splits that other processes have trained, with the same callbacks as training. */
function collectSplits(
  splits: readonly Split[],
  places: readonly SplitPosition[],
  context: SplitsContext,
  { trainedFold, onSplit, onEpoch, onSplitEnd }: TrainSplitsOptions & { trainedFold: TrainedFold },
): Pick<TrainedSplits, 'results' | 'threads'> {
  let { threads } = context.engine;
  const results = splits.map((split, i) => {
    onSplit?.(places[i], split);
    const end = trainedFold(context.config, split.name);
    const { history, outcome } = end.result;
    for (const [k, record] of history.entries()) onEpoch?.(record, history.slice(0, k + 1), places[i]);
    ({ threads } = end);
    onSplitEnd?.(outcome, places[i]);
    return restored(end, context);
  });
  return { results, threads };
}

async function trainInSequence(
  splits: readonly Split[],
  places: readonly SplitPosition[],
  context: SplitsContext,
  { signal, checkpoints, onSplit, onResume, onStep, onEpoch, onWarning, onSplitEnd }: TrainSplitsOptions,
): Promise<TrainedSplits['results']> {
  const { engine, set, input, config, labels, classes } = context;
  const results: TrainedSplits['results'] = splits.map(() => undefined);
  for (const [i, split] of splits.entries()) {
    const place = places[i];
    onSplit?.(place, split);
    const result = await trainSplit(engine, set, input, split, config, {
      labels,
      classes,
      signal,
      onResume: (history) => onResume?.(history, place),
      onStep: (progress) => onStep?.(progress, place),
      onEpoch: (record, history) => onEpoch?.(record, history, place),
      ...(onWarning && {
        onWarning: (warning) => {
          onWarning(warning, place);
        },
      }),
      ...(checkpoints !== undefined && { checkpoint: checkpointOf(checkpoints, split, context, engine) }),
    });
    onSplitEnd?.(result.outcome, place);
    // When a single split is interrupted, the user wants its best weights so far.
    const isKept = result.outcome !== 'interrupted' || (splits.length === 1 && result.history.length > 0);
    if (isKept) results[i] = result;
    if (result.outcome === 'interrupted') break;
  }
  return results;
}

/**
 * Trains the networks of several splits in parallel processes, each with its share of the processors. The processes
 * receive the splits from this process, and the rows unless they are on disk.
 *
 * @throws {@link WorkbenchError} with the name of the split, if a split fails or its process dies; all other processes are then stopped
 */
async function trainInParallel(
  splits: readonly Split[],
  places: readonly SplitPosition[],
  context: SplitsContext,
  options: TrainSplitsOptions,
): Promise<Pick<TrainedSplits, 'results' | 'threads'>> {
  const { engine, input } = context;
  const { data, source } = input;
  const { onSplit, onSplitEnd } = options;
  const processes = Array.from({ length: places[0].atOnce }, () =>
    openWorkerProcess<FoldTask>(moduleFile(__dirname, 'fold-process'), {
      processes: places[0].atOnce,
      env: { SER_ENGINE: engine.name },
      ...(!source && { input: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }),
    }),
  );
  const results: TrainedSplits['results'] = splits.map(() => undefined);
  let { threads } = engine;
  try {
    await runOnWorkers(splits, processes, options, async (process, split, i, stop) => {
      if (stop.aborted) return;
      const place = places[i];
      onSplit?.(place, split);
      const end = await runFold(process, split, place, context, { ...options, signal: stop });
      if (end) {
        results[i] = restored(end, context);
        ({ threads } = end);
      }
      onSplitEnd?.(end?.result.outcome ?? 'interrupted', place);
    });
  } finally {
    for (const process of processes) process.close();
  }
  return { results, threads };
}

/** @returns undefined if interrupted */
async function runFold(
  process: WorkerProcess<FoldTask>,
  split: Split,
  place: SplitPosition,
  { set, input, labels, classes, config, fingerprint }: SplitsContext,
  { signal, checkpoints, onResume, onStep, onEpoch, onWarning = console.error }: TrainSplitsOptions,
): Promise<FoldEnd | undefined> {
  if (signal?.aborted) return undefined;
  const request: FoldTask['request'] = {
    config,
    fingerprint,
    set: { clips: set.clips, versions: set.versions },
    input: foldInput(set, input),
    labels,
    classes,
    split,
    ...(checkpoints !== undefined && { checkpoints: resolve(checkpoints) }),
  };
  const reply = await process.run(request, {
    signal,
    onReport: (report) => {
      if ('step' in report) onStep?.(report.step, place);
      else if ('warning' in report) onWarning(report.warning, place);
      else if ('record' in report) onEpoch?.(report.record, report.history, place);
      else onResume?.(report.history, place);
    },
  });
  if ('end' in reply && reply.end.result.outcome !== 'interrupted') return reply.end;
  if (signal?.aborted) return undefined;
  const problem = 'problem' in reply ? reply.problem : 'training was interrupted';
  throw new WorkbenchError(`split ${JSON.stringify(split.name)}: ${problem}`);
}

function foldInput(
  { versions, columns, config }: FeatureSet,
  input: ModelInput,
): FoldTask['request']['input'] {
  const { data, source, ...layout } = input;
  return source ? { path: source.path, versions, columns, config } : { ...layout, length: data.length };
}

/** The result of a split from another process, with the network rebuilt in this process. */
function restored(
  { result, weights, normaliser }: FoldEnd,
  { engine, config, input, classes }: SplitsContext,
): SplitResult {
  const { seed } = config;
  const model = buildModel(engine.tf, config.model, input.inputShape, { classes, seed });
  writeWeights(engine.tf, model, weights);
  return {
    ...result,
    normaliser: preparationFromJson(normaliser, ['standard', 'per speaker']),
    trained: { network: createNetwork(engine, model, { seed }) },
  };
}

/** An experiment before training. */
export interface PreparedExperiment extends SplitsContext {
  classNames: Emotion[];
  splits: Split[];
  audits: Audit[];
  /** undefined if they were not searched for */
  nearDuplicates?: readonly NearDuplicate[];
  /** level, noise, bandwidth and duration of the recordings by SHA-256 */
  profiles: ReadonlyMap<string, RecordingProfile>;
  data: ExperimentResult['data'];
  leftOut: LeftOut[];
  warnings: string[];
  /** start time, from `performance.now()` */
  startedMs: number;
  featureSeconds: number;
}

/** The result of a prepared experiment and its trained splits. */
export function resultOf(
  prepared: PreparedExperiment,
  { results, outcome, threads }: TrainedSplits,
): ExperimentResult {
  const { config, engine, set, classNames, splits, audits, data, startedMs, featureSeconds } = prepared;
  const { leftOut, warnings, nearDuplicates, profiles } = prepared;
  const folds = results.flatMap((result, i): FoldResult[] =>
    result ? [{ ...result, split: splits[i], audit: audits[i] }] : [],
  );
  const predictions = predictionsOf(prepared, folds, 'test');
  const sum = (key: 'training' | 'prediction'): number =>
    folds.reduce((total, { seconds }) => total + seconds[key], 0);
  return {
    config,
    engine: { ...engine, threads },
    set,
    classes: classNames,
    folds,
    nearDuplicates,
    profiles,
    predictions,
    validation: predictionsOf(prepared, folds, 'validation'),
    report: predictions && scoreReport(predictions),
    outcome,
    seconds: {
      features: featureSeconds,
      training: sum('training'),
      prediction: sum('prediction'),
      all: (performance.now() - startedMs) / 1000,
    },
    data,
    leftOut,
    warnings,
  };
}

function predictionsOf(
  { config: { dataset }, set: { clips, versions }, classNames, labels, ...caveats }: PreparedExperiment,
  folds: readonly FoldResult[],
  part: 'test' | 'validation',
): Predictions | undefined {
  const rows = folds.flatMap(({ split }) => [...split[part]]);
  if (rows.length === 0) return undefined;
  const probabilities = new Float32Array(rows.length * classNames.length);
  let at = 0;
  for (const fold of folds) {
    probabilities.set(fold[part], at);
    at += fold[part].length;
  }
  return {
    ...underProtocol(dataset.protocol, protocolNote(dataset)),
    classes: classNames,
    clips: rows.map((row): Clip => clips[Math.floor(row / versions.length)]),
    actual: Int32Array.from(rows, (row) => labels[row]),
    probabilities,
    splitOf: Int32Array.from(folds.flatMap(({ split }, i) => Array<number>(split[part].length).fill(i))),
    splits: folds.map(({ split }) => split.name),
    ...caveatsOf(caveats),
  };
}
