import { rm } from 'node:fs/promises';
import type { ExperimentConfig } from '../../core/config';
import type { Split } from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import type { Engine, EpochRecord, StepProgress, TrainingPlace } from '../../core/network';
import type { ModelInput, SplitResult } from '../../core/prediction';
import type { FitResult } from './fit';
import { checkpointOf } from './split-checkpoint';
import { trainSideBySide } from './train-in-parallel';
import { isBaseline, trainSplit } from './train-split';

/** Which of the splits speaks. */
export type SplitPlace = Required<TrainingPlace>;

/** What the training of several splits tells as it goes; where they are side by side, in turns. */
export interface SplitCallbacks {
  /** as a split's training begins */
  onSplit?: (place: SplitPlace, split: Split) => void;
  /** told of the epochs that a split has from a checkpoint */
  onResume?: (history: readonly EpochRecord[], place: SplitPlace) => void;
  onStep?: (progress: StepProgress, place: SplitPlace) => void;
  onEpoch?: (record: EpochRecord, history: readonly EpochRecord[], place: SplitPlace) => void;
  /** as a split has been trained and tested, or was interrupted; not of one that fails */
  onSplitEnd?: (outcome: FitResult['outcome'], place: SplitPlace) => void;
}

/** What the splits of an experiment have in common. */
export interface SplitsContext {
  engine: Engine;
  set: Pick<FeatureSet, 'clips' | 'versions'>;
  input: ModelInput;
  /** index of each row's class; shape [rows] */
  labels: Int32Array;
  classes: number;
  config: ExperimentConfig;
  /** of the data */
  fingerprint: string;
}

export interface TrainSplitsOptions extends SplitCallbacks {
  /** splits that are trained at once */
  workers: number;
  signal?: AbortSignal;
  /** folder of checkpoints */
  checkpoints?: string;
}

/** What became of splits. */
export interface TrainedSplits {
  /** one a split, in their order; undefined if it was interrupted, unless it is the only one and has an epoch */
  results: (SplitResult | undefined)[];
  outcome: 'finished' | 'interrupted';
  /** of the engine that each was trained with */
  threads: number;
}

/** Trains and tests one split after the other, or several at once in processes of their own. Checkpoints go when all have ended. */
export async function trainSplits(
  splits: readonly Split[],
  context: SplitsContext,
  options: TrainSplitsOptions,
): Promise<TrainedSplits> {
  const { engine, config } = context;
  const atOnce = isBaseline(config.model.kind) ? 1 : Math.min(options.workers, splits.length);
  const places = splits.map(({ name }, i): SplitPlace => {
    return { name, number: i + 1, count: splits.length, atOnce };
  });
  const { results, threads } =
    atOnce > 1
      ? await trainSideBySide(splits, places, context, options)
      : { results: await trainInTurn(splits, places, context, options), threads: engine.threads };
  const isFinished = results.every((result) => result && result.outcome !== 'interrupted');
  const { checkpoints } = options;
  if (isFinished && checkpoints !== undefined) {
    for (const split of splits) {
      await rm(checkpointOf(checkpoints, split, context, { ...engine, threads }).path, { force: true });
    }
  }
  return { results, outcome: isFinished ? 'finished' : 'interrupted', threads };
}

async function trainInTurn(
  splits: readonly Split[],
  places: readonly SplitPlace[],
  context: SplitsContext,
  { signal, checkpoints, onSplit, onResume, onStep, onEpoch, onSplitEnd }: TrainSplitsOptions,
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
      ...(checkpoints !== undefined && { checkpoint: checkpointOf(checkpoints, split, context, engine) }),
    });
    onSplitEnd?.(result.outcome, place);
    // Of a single split, the best so far is what the user interrupted for.
    const isKept = result.outcome !== 'interrupted' || (splits.length === 1 && result.history.length > 0);
    if (isKept) results[i] = result;
    if (result.outcome === 'interrupted') break;
  }
  return results;
}
