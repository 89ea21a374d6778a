import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type LeftOut, messageOf, WorkbenchError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import { type EvaluationScores, formatScoreReport } from '../../core/evaluation';
import { bestEpoch, type EpochRecord } from '../../core/network';
import type { ExperimentResult } from '../../core/prediction';
import { paths } from '../files';
import { saveModels } from '../models';
import {
  createFailedRunRecord,
  createRunRecord,
  recordedScores,
  runPredictions,
  splitSizes,
  type SplitRecord,
  writeRunRecord,
} from '../runs';
import { type ExperimentOptions, trainExperiment } from './experiment';
import type { SplitPosition } from './train-splits';
import { deleteCheckpoints, readPendingRun, writePendingRun } from './training-files';

/** Options of {@link runRecorded}. */
export interface RecordedOptions extends ExperimentOptions {
  /** folder of the run records; default `runs` */
  runs?: string;
  /** save the model of each finished split next to the record; default false */
  savesModels?: boolean;
  /**
   * keep the checkpoints after the run is saved; default false. Until they are deleted, repeating the call trains nothing and writes no
   * second record
   */
  keepsCheckpoints?: boolean;
}

/** The result of an experiment with a run record. */
export interface RecordedResult extends ExperimentResult {
  /** path of the run record */
  path: string;
  /** start time of the run; before this call if an earlier process was killed while it saved the run */
  started: Date;
  /** folder of the saved models */
  models?: string;
  /** folder of the checkpoints, if a finished run keeps them */
  checkpoints?: string;
  /** the recorded scores with their details; absent if no fold was finished */
  scores?: EvaluationScores;
}

/**
 * Runs an experiment like {@link runExperiment} and writes its run record, even if training fails or is interrupted. An experiment that
 * is interrupted before training leaves no record.
 *
 * The models are saved first, then the predictions, then the record; then the checkpoints are deleted. If the process is killed, the same call with the same
 * folder of checkpoints continues where it stopped.
 *
 * @throws the errors of the experiment; the run record then contains the reason
 * @throws {@link WorkbenchError} with path and remedy if the run cannot be saved, for example because the disk is full
 */
export async function runRecorded(
  config: ExperimentConfig,
  { runs = paths.runs, savesModels = false, keepsCheckpoints = false, ...options }: RecordedOptions = {},
): Promise<RecordedResult> {
  const started = new Date();
  const splits: SplitRecord[] = [];
  let leftOut: readonly LeftOut[] = [];
  const keep = (history: readonly EpochRecord[], { number }: SplitPosition): void => {
    Object.assign(splits[number - 1], { history, bestEpoch: bestEpoch(history, config.training.monitor) });
  };
  const { result, checkpoints } = await trainExperiment(config, {
    ...options,
    onAudit: (audits) => {
      [{ leftOut }] = audits;
      options.onAudit?.(audits);
    },
    onSplit: (place, split) => {
      splits[place.number - 1] = {
        name: split.name,
        rows: splitSizes(split),
        outcome: 'failed', // until onSplitEnd
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
    if (!options.signal?.aborted) await recordFailure(config, error, splits, { started, runs, leftOut });
    throw error;
  });
  const saved = await saveRun(result, { started, runs, savesModels, checkpoints });
  if (checkpoints === undefined || result.outcome !== 'finished') return { ...result, ...saved };
  if (keepsCheckpoints) return { ...result, ...saved, checkpoints };
  deleteCheckpoints(checkpoints);
  return { ...result, ...saved };
}

/** Writes the record of a failed run. If that fails as well, the second error is only printed: the first one matters. */
async function recordFailure(
  config: ExperimentConfig,
  error: unknown,
  splits: SplitRecord[],
  { started, runs, leftOut }: { started: Date; runs: string; leftOut: readonly LeftOut[] },
): Promise<void> {
  try {
    await writeRunRecord(await createFailedRunRecord(config, error, splits, started, leftOut), runs);
  } catch (second) {
    console.error(`the record of the failed run could not be written: ${messageOf(second)}`);
  }
}

/**
 * Saves a trained experiment: its models, its predictions, then its record. If an earlier process was killed between them, or before the checkpoints
 * were deleted, its record is completed or kept, and no second one is written.
 *
 * @param options.checkpoints - the folder of the run's checkpoints, which stay
 */
export async function saveRun(
  result: ExperimentResult,
  {
    started: now,
    runs,
    savesModels = false,
    checkpoints,
  }: { started: Date; runs: string; savesModels?: boolean; checkpoints?: string },
): Promise<Pick<RecordedResult, 'path' | 'started' | 'models' | 'scores'>> {
  // An interrupted run continues later under another name.
  const isFinished = result.outcome === 'finished';
  const pendingIn = isFinished ? checkpoints : undefined;
  const pending = pendingIn === undefined ? undefined : await readPendingRun(pendingIn);
  const started = pending ? new Date(pending.started) : now;
  const scores = recordedScores(result);
  const record = await createRunRecord(result, started, scores);
  const { predictions, validation } = result;
  let models: string | undefined;
  try {
    const path = await writeRunRecord(record, runs, {
      ...(pending && { file: pending.file }),
      ...(predictions && { predictions: runPredictions(result, predictions, validation) }),
      saveFirst: async (place) => {
        if (pendingIn !== undefined)
          await writePendingRun(pendingIn, { started: record.started, file: basename(place) });
        if (savesModels && isFinished) models = await saveModels(result, place);
      },
    });
    // An interrupted run continues under another name, so its models are saved after the record: without one they would be useless.
    if (savesModels && !isFinished) models = await saveModels(result, path);
    // If the record existed already, its models were saved before it.
    if (savesModels && isFinished && result.folds.length > 0) models ??= join(runs, basename(path, '.json'));
    return { path, started, ...(models !== undefined && { models }), ...(scores && { scores }) };
  } catch (error) {
    if (checkpoints === undefined) throw error;
    // On a full or read-only disk, there may be no checkpoints, and the scores are all that is left.
    const kept =
      existsSync(checkpoints) && readdirSync(checkpoints).some((name) => name.endsWith('.checkpoint'));
    const remedy = kept
      ? `its checkpoints are in ${checkpoints}: run the same command again to save it without training`
      : 'its checkpoints could not be saved either: run the command again when the folder can be written';
    const scores = result.report ? `\n\nScores of this run:\n${formatScoreReport(result.report)}` : '';
    throw new WorkbenchError(`the run could not be saved: ${messageOf(error)}; ${remedy}${scores}`, {
      cause: error,
    });
  }
}
