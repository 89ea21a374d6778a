import { InvalidArgumentError, WorkbenchError } from '../../core/base';
import { type ExperimentConfig, experimentConfig } from '../../core/config';
import { type Audit, type ProtocolName, protocolNames } from '../../core/dataset';
import {
  type EvaluationScores,
  evaluationScores,
  joinSeeds,
  type Predictions,
  type ProtocolStep,
  siblingShare,
  type SliceName,
  defaultSlices,
} from '../../core/evaluation';
import type { FeatureSet } from '../../core/features';
import type { ExperimentResult } from '../../core/prediction';
import { loadCorpora, makeSplits } from '../corpora';
import { loadEngine } from '../engine';
import { experimentFeatures } from '../extraction';
import { sumSeconds } from '../runs';
import { type Ensemble, memberOf, scoreEnsemble } from './ensemble';
import { type ExperimentOptions, runExperiment } from './experiment';
import { type RecordedOptions, type RecordedResult, runRecorded } from './recorded';
import { deleteCheckpoints } from './training-files';

/** Options of {@link evaluateExperiment}. */
export interface EvaluateOptions extends ExperimentOptions, Pick<RecordedOptions, 'keepsCheckpoints'> {
  /** seeds of the training, run in sequence; default the config's seed */
  seeds?: readonly number[];
  /** groups of rows that are scored separately; default none */
  slices?: readonly SliceName[];
  /**
   * folder for the run record, predictions and models of each seed, and of the ensemble if there are several seeds; by default nothing
   * is written
   */
  records?: string;
  /** with `records`: also save the models; default true */
  savesModels?: boolean;
  /** before the training with each seed */
  onSeed?: (place: { seed: number; number: number; count: number }) => void;
}

/** An experiment, trained with one or several seeds, and its scores. */
export interface Evaluation {
  config: ExperimentConfig;
  seeds: readonly number[];
  /** one per seed that was started; with path and scores of the run record, if one was written */
  runs: (ExperimentResult & Partial<RecordedResult>)[];
  /** of all splits, the same for each seed */
  audits: readonly Audit[];
  /** number of finished trainings and of all planned trainings (folds × seeds) */
  folds: { done: number; of: number };
  outcome: ExperimentResult['outcome'];
  /** of all test rows with all seeds; like `scores`, absent if no fold was finished */
  predictions?: Predictions;
  validation?: Predictions;
  scores?: EvaluationScores;
  /** the models of all seeds as one model; absent with a single seed or after an interruption */
  ensemble?: Ensemble;
  seconds: ExperimentResult['seconds'];
}

/**
 * Trains and scores all folds of an experiment with one or several seeds. Features are extracted once. After an interruption, the
 * finished folds are scored.
 *
 * @throws {@link InvalidArgumentError} if the config does not match the data, or a seed is not an integer or is repeated
 * @throws {@link WorkbenchError} if the protocol cannot split the clips, or a split leaks
 * @example
 * ```ts
 * const { scores } = await evaluateExperiment(experimentConfig('quick'), { seeds: [1, 2, 3], slices: ['sex'] });
 * console.log(formatEvaluationScores(scores!));
 * ```
 */
export async function evaluateExperiment(
  config: ExperimentConfig,
  {
    seeds = [config.seed],
    slices,
    records,
    savesModels = true,
    onSeed,
    onAudit,
    keepsCheckpoints = false,
    ...options
  }: EvaluateOptions = {},
): Promise<Evaluation> {
  checkSeeds(seeds);
  const corpora = options.corpora ?? (await loadCorpora({ labels: config.labels }));
  const engine = options.engine ?? (await loadEngine());
  let set = options.set;
  let audits: readonly Audit[] = [];
  const runs: Evaluation['runs'] = [];
  for (const [i, seed] of seeds.entries()) {
    onSeed?.({ seed, number: i + 1, count: seeds.length });
    const runOptions: ExperimentOptions = {
      ...options,
      corpora,
      engine,
      set,
      onAudit: (found) => {
        audits = found;
        if (i === 0) onAudit?.(found);
      },
    };
    const run: Evaluation['runs'][number] =
      records === undefined
        ? await runExperiment({ ...config, seed }, runOptions)
        : await runRecorded(
            { ...config, seed },
            // The checkpoints of all seeds stay until everything is saved: after a kill, the same call trains and saves nothing twice.
            { ...runOptions, runs: records, savesModels, keepsCheckpoints: true },
          );
    runs.push(run);
    ({ set } = run);
    if (run.outcome === 'interrupted') break;
  }
  const joined = (part: 'predictions' | 'validation'): Predictions | undefined => {
    const known = runs.flatMap(({ [part]: predictions, config: { seed } }) =>
      predictions ? [{ seed, predictions }] : [],
    );
    return known.length > 0 ? joinSeeds(known) : undefined;
  };
  const [predictions, validation] = [joined('predictions'), joined('validation')];
  const { outcome } = runs[runs.length - 1];
  const ensemble =
    runs.length > 1 && outcome === 'finished'
      ? await scoreEnsemble(
          runs[0],
          runs.flatMap((run) => memberOf(run) ?? []),
          // Only the record needs slices, and each takes thousands of bootstrap samples.
          {
            ...(records !== undefined && { slices: defaultSlices(runs[0].set.clips) }),
            started: runs[0].started,
            records,
            savesModels,
            isResumed: options.checkpoints !== undefined,
          },
        )
      : undefined;
  if (outcome === 'finished' && !keepsCheckpoints) deleteCheckpointsOf(runs);
  const known = runs.length === 1 ? { report: runs[0].report, ...runs[0].scores } : {};
  const done = runs.reduce((sum, { folds }) => sum + folds.length, 0);
  return {
    config,
    seeds,
    runs,
    audits,
    folds: { done, of: audits.length * seeds.length },
    outcome,
    ...(predictions && { predictions, scores: evaluationScores(predictions, validation, { slices, known }) }),
    ...(validation && { validation }),
    ...(ensemble && { ensemble }),
    seconds: sumSeconds(runs),
  };
}

function deleteCheckpointsOf(runs: Evaluation['runs']): void {
  for (const { checkpoints } of runs) if (checkpoints !== undefined) deleteCheckpoints(checkpoints);
}

function checkSeeds(seeds: readonly number[]): void {
  const isValid = seeds.every(Number.isSafeInteger) && new Set(seeds).size === seeds.length;
  if (seeds.length === 0 || !isValid)
    throw new InvalidArgumentError('seeds', 'a list of different integers', seeds);
}

/** The result under one protocol of a comparison. */
export interface ComparedProtocol extends ProtocolStep {
  protocol: ProtocolName;
  siblingShare: number;
  folds: { done: number; of: number };
  evaluation: Evaluation;
}

/** One model under several protocols. */
export interface ProtocolComparison {
  /** from the loosest to the strictest protocol */
  steps: ComparedProtocol[];
  /** protocols that were skipped, because they cannot split the clips or the comparison was interrupted */
  skipped: { protocol: ProtocolName; reason: string }[];
  set: FeatureSet;
  outcome: Evaluation['outcome'];
  seconds: { features: number; all: number };
}

/** Options of {@link compareProtocols}. */
export interface CompareProtocolsOptions extends EvaluateOptions {
  /** before each protocol */
  onProtocol?: (place: { protocol: ProtocolName; number: number; count: number }) => void;
}

/** The default protocols of a comparison, from the paper's to the strictest that most corpora allow. */
const comparedProtocols = [
  'paper-rows',
  'clips',
  'speakers',
  'leave-one-corpus-out',
] as const satisfies readonly ProtocolName[];

/**
 * Trains and scores the same model on the same features under several protocols. The differences show how much of a score is due to
 * known recordings and known speakers, and how well the model generalises to another corpus. Only the protocol differs, except that `paper-rows`, a
 * single split of rows, ignores `dataset.fold` and `dataset.testVersions`.
 *
 * Protocols that cannot split the clips are skipped before any training, with a reason.
 *
 * @param protocols - in any order, without repetition
 * @throws {@link InvalidArgumentError} if a protocol is unknown or repeated, or the config does not match the data
 * @throws {@link WorkbenchError} if none of the protocols can split the clips
 * @example
 * ```ts
 * const { steps } = await compareProtocols(experimentConfig('quick'), ['paper-rows', 'speakers']);
 * console.table(protocolTable(steps));
 * ```
 */
export async function compareProtocols(
  config: ExperimentConfig,
  protocols: readonly ProtocolName[] = comparedProtocols,
  { onProtocol, keepsCheckpoints = false, ...options }: CompareProtocolsOptions = {},
): Promise<ProtocolComparison> {
  const started = performance.now();
  const configs = protocolConfigs(config, protocols);
  const corpora = options.corpora ?? (await loadCorpora({ labels: config.labels }));
  const engine = options.engine ?? (await loadEngine());
  const { signal, onFeatures } = options;
  const set = options.set ?? (await experimentFeatures(corpora, config, { signal, onFeatures }));
  const featureSeconds = (performance.now() - started) / 1000;

  const skipped: ProtocolComparison['skipped'] = [];
  const possible = configs.filter(({ dataset }) => {
    const reason = splitProblem(set, dataset);
    if (reason !== undefined) skipped.push({ protocol: dataset.protocol, reason });
    return reason === undefined;
  });
  if (possible.length === 0) throw new WorkbenchError(skipped.map(({ reason }) => reason).join('\n'));

  const steps: ComparedProtocol[] = [];
  const runs: Evaluation['runs'] = [];
  let outcome: Evaluation['outcome'] = 'finished';
  for (const [i, own] of possible.entries()) {
    const { protocol } = own.dataset;
    if (outcome === 'interrupted') {
      skipped.push({ protocol, reason: 'interrupted before it started' });
      continue;
    }
    onProtocol?.({ protocol, number: i + 1, count: possible.length });
    const shared = { ...options, corpora, engine, set, keepsCheckpoints: true };
    const evaluation = await evaluateExperiment(own, shared);
    const { scores, audits, folds } = evaluation;
    runs.push(...evaluation.runs);
    ({ outcome } = evaluation);
    if (scores)
      steps.push({ protocol, report: scores.report, siblingShare: siblingShare(audits), folds, evaluation });
    else skipped.push({ protocol, reason: 'interrupted before its first fold was finished' });
  }
  if (outcome === 'finished' && !keepsCheckpoints) deleteCheckpointsOf(runs);
  const seconds = { features: featureSeconds, all: (performance.now() - started) / 1000 };
  return { steps, skipped, set, outcome, seconds };
}

/** The configs of a comparison, from the loosest to the strictest protocol. */
export function protocolConfigs(
  config: ExperimentConfig,
  protocols: readonly ProtocolName[] = comparedProtocols,
): ExperimentConfig[] {
  checkProtocols(protocols);
  return protocolNames
    .filter((name) => protocols.includes(name))
    .map((protocol) => configWithProtocol(config, protocol));
}

function configWithProtocol(config: ExperimentConfig, protocol: ProtocolName): ExperimentConfig {
  const ofRows = { fold: 'all', testVersions: 'original' } as const;
  return experimentConfig(config, { dataset: { protocol, ...(protocol === 'paper-rows' && ofRows) } });
}

/** Why a protocol cannot split the clips; undefined if it can. */
export function splitProblem(set: FeatureSet, dataset: ExperimentConfig['dataset']): string | undefined {
  try {
    makeSplits(set, dataset);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidArgumentError || !(error instanceof WorkbenchError)) throw error;
    return error.message;
  }
}

function checkProtocols(protocols: readonly ProtocolName[]): void {
  const unknown = protocols.find((name) => !protocolNames.includes(name));
  if (unknown !== undefined || protocols.length === 0) {
    const rule = `a list of names among ${protocolNames.join(', ')}`;
    throw new InvalidArgumentError('protocols', rule, unknown ?? []);
  }
  if (new Set(protocols).size < protocols.length)
    throw new InvalidArgumentError('protocols', 'different from each other', protocols);
}
