import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson, formatPercent, messageOf, WorkbenchError } from '../../core/base';
import {
  type ConditionsReport,
  defaultSlices,
  type GroupScores,
  predictedClasses,
} from '../../core/evaluation';
import { featureConfig, type FeatureSet } from '../../core/features';
import type { ExperimentResult } from '../../core/prediction';
import { corporaFor } from '../corpora';
import {
  cleanCheckpoints,
  deleteCheckpoints,
  evaluateConditions,
  evaluateEnsemble,
  type ExperimentOptions,
  saveRun,
  trainExperiment,
} from '../experiment';
import { openFolder, waitForLock } from '../files';
import { loadModel, saveConditions } from '../models';
import { readRunRecords, type RunPredictions } from '../runs';
import { withPredictions } from './committed-predictions';
import type { FoundRun } from './figure-runs';
import { modelFolder, type PlannedResult, resultsHere } from './plan-reproduction';
import type { PublishedResult, ReproductionInputs } from './published-results';

/** What happened to a result of a plan. */
export interface ReproducedResult {
  planned: PlannedResult;
  /** `left`: did not fit, or the budget ended before it */
  outcome: 'done before' | 'done' | 'interrupted' | 'failed' | 'left';
  /** of a failure */
  reason?: string;
}

/** Options of {@link reproduce}. */
export interface ReproduceOptions extends Pick<
  ExperimentOptions,
  'signal' | 'onFeatures' | 'onStep' | 'onEpoch' | 'onResume' | 'onSplit' | 'onSplitEnd'
> {
  /** whether the budget is used up; default never */
  isLate?: () => boolean;
  /** before each result that is computed */
  onResult?: (planned: PlannedResult, number: number, count: number) => void;
  /** after each result that was computed, with the seconds that it took */
  onResultEnd?: (reproduced: ReproducedResult, seconds: number) => void;
  /** recording conditions: clips that are predicted */
  onClips?: (done: number, total: number) => void;
  /** called with the process that reproduces results in the same folder, before waiting for it */
  onHeld?: (holder: string) => void;
}

/**
 * Computes the results that a plan chose, one after the other, as `npm run train` and `npm run evaluate` do: records, predictions and
 * models are written to the folder of runs, with checkpoints after each epoch. It stops at the end of an epoch when the budget is used up.
 * A failure does not stop the others.
 *
 * @returns one entry per result of the plan; also after an interruption
 */
export async function reproduce(
  inputs: ReproductionInputs,
  plan: readonly PlannedResult[],
  { isLate, onResult, onResultEnd, onHeld, ...options }: ReproduceOptions = {},
): Promise<ReproducedResult[]> {
  const { runs } = inputs;
  const { signal } = options;
  openFolder(runs);
  const budget = new AbortController();
  const stop = AbortSignal.any([budget.signal, ...(signal ? [signal] : [])]);
  const checkBudget = (): void => {
    if (isLate?.()) budget.abort();
  };
  const chosen = plan.filter(({ state }) => state === 'run' || state === 'part');
  const lock = await waitForLock(join(runs, 'reproduce.lock'), { signal, onHeld });
  try {
    const { records } = await readRunRecords(runs);
    await cleanCheckpoints(join(runs, 'checkpoints'), new Set(records.map(({ file }) => file)));
    const all: ReproducedResult[] = [];
    const kept: KeptFeatures = {};
    for (const planned of plan) {
      const { state, result } = planned;
      if (state === 'done') {
        all.push({ planned, outcome: 'done before' });
        continue;
      }
      checkBudget();
      if (state === 'later' || stop.aborted) {
        all.push({ planned, outcome: 'left' });
        continue;
      }
      const started = performance.now();
      onResult?.(planned, chosen.indexOf(planned) + 1, chosen.length);
      const end = await computeResult(result, inputs, { ...options, signal: stop }, checkBudget, kept).then(
        (isDone): ReproducedResult => ({ planned, outcome: isDone ? 'done' : 'interrupted' }),
        (error: unknown): ReproducedResult =>
          stop.aborted
            ? { planned, outcome: 'interrupted' }
            : { planned, outcome: 'failed', reason: messageOf(error) },
      );
      onResultEnd?.(end, (performance.now() - started) / 1000);
      all.push(end);
    }
    return all;
  } finally {
    lock.release();
  }
}

type ComputeOptions = Omit<ReproduceOptions, 'isLate' | 'onResult' | 'onResultEnd' | 'onHeld'>;

/** The features of the run before, which the next run often needs as well. */
interface KeptFeatures {
  key?: string;
  set?: FeatureSet;
}

/** @returns false if it was interrupted */
async function computeResult(
  result: PublishedResult,
  inputs: ReproductionInputs,
  { onFeatures, onEpoch, onSplitEnd, onClips, ...options }: ComputeOptions,
  checkBudget: () => void,
  kept: KeptFeatures,
): Promise<boolean> {
  const { kind, config, needs, conditions } = result;
  const { engine, corpora, runs } = inputs;
  const { signal } = options;
  const features: ComputeOptions['onFeatures'] = (progress) => {
    onFeatures?.(progress);
    if (progress.done < progress.total) checkBudget();
  };
  if (kind === 'run') {
    const started = new Date();
    const key = canonicalJson([config.corpora, config.labels ?? null, featureConfig(config.features)]);
    if (kept.key !== key) kept.set = undefined; // before others are loaded
    const { result: trained, checkpoints } = await trainExperiment(config, {
      ...options,
      engine,
      corpora,
      set: kept.set,
      checkpoints: join(runs, 'checkpoints'),
      onFeatures: features,
      onEpoch: (record, history, place) => {
        onEpoch?.(record, history, place);
        if (history.length < config.training.epochs) checkBudget();
      },
      onSplitEnd: (outcome, place) => {
        onSplitEnd?.(outcome, place);
        if (place.number < place.count) checkBudget();
      },
    });
    Object.assign(kept, { key, set: trained.set });
    if (trained.outcome === 'interrupted') return false;
    await saveRun(trained, { started, runs, savesModels: true, checkpoints });
    if (checkpoints !== undefined) deleteCheckpoints(checkpoints);
    disposeModels(trained);
    return true;
  }
  kept.set = undefined;
  const here = await resultsHere(inputs);
  const members = needs.map((need) => here.get(need));
  const missing = needs.find((_, i) => !members[i]);
  if (missing) throw new WorkbenchError(`${missing.name}, seed ${missing.config.seed}, was not computed`);
  if (kind === 'ensemble') {
    await evaluateEnsemble(members as FoundRun[], {
      engine,
      corpora,
      records: runs,
      testVersions: config.dataset.testVersions,
      slices: defaultSlices(corporaFor(corpora, config).clips),
      isSaved: true,
      signal,
      onFeatures: features,
    });
    return true;
  }
  const { path } = modelFolder(members[0]!, runs, conditions!.split);
  const { report } = await evaluateConditions(await loadModel(engine, path), engine, {
    corpora,
    signal,
    onProgress: onClips,
  });
  saveConditions(path, report);
  return true;
}

function disposeModels({ folds }: ExperimentResult): void {
  for (const { trained } of folds) if ('network' in trained) trained.network.model.dispose();
}

type Score = NonNullable<GroupScores['scores']['uar']>;

/** A published result compared with the one computed here. */
export interface ComparedResult {
  result: PublishedResult;
  /** of the record here */
  run?: string;
  scores: { metric: 'accuracy' | 'uar'; published?: Score; here?: Score; difference?: number }[];
  /** whether the predictions for the clips are identical, in words; absent if nothing is published or computed */
  predictions?: string;
  /** of recording conditions: accuracy under each, published and here */
  conditions?: { condition: string; published: Score; here?: Score; difference?: number }[];
}

/** Compares the published results with those computed here, in this call or before. */
export async function compareWithPublished(inputs: ReproductionInputs): Promise<ComparedResult[]> {
  const here = await resultsHere(inputs);
  return Promise.all(
    inputs.results.map(async (result): Promise<ComparedResult> => {
      const { record, conditions } = result;
      const own = here.get(result);
      if (conditions) {
        const { path } = own ? modelFolder(own, inputs.runs, conditions.split) : {};
        const found = path === undefined ? undefined : (await loadModel(inputs.engine, path)).card.conditions;
        return { result, scores: [], ...(own && { run: own.file }), conditions: comparedConditions(conditions, found) }; // prettier-ignore
      }
      const scores = (['accuracy', 'uar'] as const).map((metric) => {
        const [published, computed] = [record, own].map((run) => run?.report?.pooled.scores[metric]);
        return { metric, ...pair(published, computed) };
      });
      const predictions = record && own && (await comparedPredictions(record, own));
      return {
        result,
        scores,
        ...(own && { run: own.file }),
        ...(predictions !== undefined && { predictions }),
      };
    }),
  );
}

const pair = (published?: Score, here?: Score) => ({
  ...(published && { published }),
  ...(here && { here }),
  ...(published && here && { difference: here.value - published.value }),
});

function comparedConditions(
  published: ConditionsReport,
  own?: ConditionsReport,
): NonNullable<ComparedResult['conditions']> {
  return published.rows.map(({ condition, accuracy }) => {
    const here = own?.rows.find((row) => row.condition === condition)?.accuracy;
    return { condition, ...pair(accuracy, here), published: accuracy };
  });
}

async function comparedPredictions(record: FoundRun, own: FoundRun): Promise<string> {
  const [before, now] = await withPredictions([record, own]);
  if (!before.stored || !now.stored) {
    const isSame = isDeepStrictEqual(record.figures?.confusion, own.figures?.confusion);
    return `${isSame ? 'same' : 'other'} confusion matrix (predictions not published)`;
  }
  const [published, computed] = [before.stored, now.stored].map(rowsOf);
  if (!isDeepStrictEqual([...published.keys()].sort(), [...computed.keys()].sort())) return 'of other rows';
  const rows = [...published];
  const isSame = (part: 'predicted' | 'probabilities') =>
    rows.filter(([row, values]) => isDeepStrictEqual(values[part], computed.get(row)![part])).length;
  if (isSame('probabilities') === rows.length) return 'identical';
  return `${formatPercent(isSame('predicted') / rows.length)} same class`;
}

/** Predicted class and probabilities of each row. */
function rowsOf(
  predictions: RunPredictions,
): Map<string, { predicted: string; probabilities: Float32Array }> {
  const { clips, classes, splits, splitOf, versionOf, probabilities } = predictions;
  const predicted = predictedClasses(predictions);
  return new Map(
    clips.map(({ path }, row) => [
      [splits[splitOf[row]], versionOf[row], path].join('\t'),
      {
        predicted: classes[predicted[row]],
        probabilities: probabilities.slice(row * classes.length, (row + 1) * classes.length),
      },
    ]),
  );
}
