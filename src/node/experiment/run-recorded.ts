import type { ExperimentConfig } from '../../core/config';
import type { EvaluationScores } from '../../core/evaluation';
import { bestEpoch, type EpochRecord } from '../../core/network';
import type { ExperimentResult } from '../../core/prediction';
import {
  failedRunRecord,
  recordedScores,
  rowsOf,
  runRecordOf,
  type SplitRecord,
  writeRunRecord,
} from '../runs';
import { type ExperimentOptions, runExperiment } from './run-experiment';
import type { SplitPlace } from './train-splits';

export interface RecordedOptions extends ExperimentOptions {
  /** folder of the run records; default `runs` */
  runs?: string;
}

/** An experiment that a record was kept of. */
export interface RecordedResult extends ExperimentResult {
  /** of the record */
  path: string;
  /** those in the record and what belongs to them; absent if no fold was finished */
  scores?: EvaluationScores;
}

/**
 * Runs an experiment and writes its run record, also if it fails or is interrupted in training. Nothing is recorded of an experiment
 * that was interrupted before.
 *
 * @returns its result, the record's path and its scores
 * @throws what the experiment throws; its record then says why
 */
export async function runRecorded(
  config: ExperimentConfig,
  { runs, ...options }: RecordedOptions = {},
): Promise<RecordedResult> {
  const started = new Date();
  const splits: SplitRecord[] = [];
  const keep = (history: readonly EpochRecord[], { number }: SplitPlace): void => {
    Object.assign(splits[number - 1], { history, bestEpoch: bestEpoch(history, config.training.monitor) });
  };
  const result = await runExperiment(config, {
    ...options,
    onSplit: (place, split) => {
      splits[place.number - 1] = {
        name: split.name,
        rows: rowsOf(split),
        outcome: 'failed', // until it ends otherwise
        history: [],
        bestEpoch: 0,
      };
      options.onSplit?.(place, split);
    },
    onResume: (history, place) => {
      keep(history, place);
      options.onResume?.(history, place);
    },
    onEpoch: (record, history, place) => {
      keep(history, place);
      options.onEpoch?.(record, history, place);
    },
    onSplitEnd: (outcome, place) => {
      splits[place.number - 1].outcome = outcome;
      options.onSplitEnd?.(outcome, place);
    },
  }).catch(async (error: unknown) => {
    if (!options.signal?.aborted) {
      await writeRunRecord(await failedRunRecord(config, error, splits, started), runs);
    }
    throw error;
  });
  const scores = recordedScores(result);
  const path = await writeRunRecord(await runRecordOf(result, started, scores), runs);
  return { ...result, path, ...(scores && { scores }) };
}
