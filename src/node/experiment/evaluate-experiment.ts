import { InvalidArgumentError, WorkbenchError } from '../../core/base';
import { type ExperimentConfig, experimentConfig } from '../../core/config';
import { type Audit, type ProtocolName, protocolNames } from '../../core/dataset';
import { type EvaluationScores, evaluationScores, joinSeeds, type Predictions, type ProtocolStep, siblingShare, type SliceName, usualSlices } from '../../core/evaluation';
import type { FeatureSet } from '../../core/features';
import type { ExperimentResult } from '../../core/prediction';
import { loadCorpora, makeSplits } from '../corpora';
import { loadEngine } from '../engine';
import { experimentFeatures } from '../extraction';
import { saveModels } from '../models';
import { secondsOf } from '../runs';
import { type Ensemble, memberOf, scoreEnsemble } from './ensemble';
import { type ExperimentOptions, type RecordedResult, runExperiment, runRecorded } from './experiment';

export interface EvaluateOptions extends ExperimentOptions {
  /** seeds of the training, one after the other; default the config's */
  seeds?: readonly number[];
  /** what the rows are divided by; default nothing */
  slices?: readonly SliceName[];
  /** folder in which a run record is written of each seed, with its models; and one of several seeds as one; default none is */
  records?: string;
  /** before each seed's training */
  onSeed?: (place: { seed: number; number: number; count: number }) => void;
}

/** An experiment trained with one seed or several, and scored. */
export interface Evaluation {
  config: ExperimentConfig;
  seeds: readonly number[];
  /** one a seed that was begun; with path and scores of its record, if it was kept */
  runs: (ExperimentResult & Partial<RecordedResult>)[];
  /** of every split, the same for all seeds */
  audits: readonly Audit[];
  /** trainings that were finished, of those that there are to be */
  folds: { done: number; of: number };
  outcome: ExperimentResult['outcome'];
  /** of all test rows of all seeds; absent, as `scores`, if not one fold was finished */
  predictions?: Predictions;
  validation?: Predictions;
  scores?: EvaluationScores;
  /**
   * several seeds as one model, which is one more; with the path of its record, if it was kept; absent with one seed, or when
   * interrupted
   */
  ensemble?: Ensemble;
  seconds: ExperimentResult['seconds'];
}

/**
 * Trains and scores every fold of an experiment, with one seed or several. Features are made once. When it is interrupted, the
 * folds that were finished are scored.
 *
 * @throws {@link InvalidArgumentError} if the config does not fit the data, or a seed is none or is there twice
 * @throws WorkbenchError if the clips cannot be divided by the protocol, or an audit finds a leak
 */
export async function evaluateExperiment(
  config: ExperimentConfig,
  { seeds = [config.seed], slices, records, onSeed, onAudit, ...options }: EvaluateOptions = {},
): Promise<Evaluation> {
  checkSeeds(seeds);
  const corpora = options.corpora ?? (await loadCorpora());
  const engine = options.engine ?? (await loadEngine());
  let set = options.set;
  let audits: readonly Audit[] = [];
  const started = new Date();
  const runs: Evaluation['runs'] = [];
  for (const [i, seed] of seeds.entries()) {
    onSeed?.({ seed, number: i + 1, count: seeds.length });
    const run = await (records === undefined ? runExperiment : recordedIn(records))(
      { ...config, seed },
      {
        ...options,
        corpora,
        engine,
        set,
        onAudit: (found) => {
          audits = found;
          if (i === 0) onAudit?.(found);
        },
      },
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
          // Slices are for the record alone, and each is resampled thousands of times.
          { ...(records !== undefined && { slices: usualSlices(runs[0].set.clips) }), started, records },
        )
      : undefined;
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
    seconds: secondsOf(runs),
  };
}

const recordedIn =
  (runs: string): typeof runRecorded =>
  async (config, options) => {
    const result = await runRecorded(config, { ...options, runs });
    await saveModels(result, result.path);
    return result;
  };

function checkSeeds(seeds: readonly number[]): void {
  const isEach = seeds.every(Number.isSafeInteger) && new Set(seeds).size === seeds.length;
  if (seeds.length === 0 || !isEach) {
    throw new InvalidArgumentError('seeds', 'a list of integers, each once', seeds);
  }
}

/** One protocol of a comparison: what its figure and its table are made of. */
export interface ComparedProtocol extends ProtocolStep {
  protocol: ProtocolName;
  siblingShare: number;
  folds: { done: number; of: number };
  evaluation: Evaluation;
}

/** One model under several protocols. */
export interface ProtocolComparison {
  /** from the loosest protocol to the strictest */
  steps: ComparedProtocol[];
  /** that the clips cannot be divided by, or that an interruption came before */
  left: { protocol: ProtocolName; reason: string }[];
  set: FeatureSet;
  outcome: Evaluation['outcome'];
  seconds: { features: number; all: number };
}

export interface CompareProtocolsOptions extends EvaluateOptions {
  /** before each protocol */
  onProtocol?: (place: { protocol: ProtocolName; number: number; count: number }) => void;
}

/** From the paper's to the strictest that most corpora allow. */
export const comparedProtocols = [
  'paper-rows',
  'clips',
  'speakers',
  'leave-one-corpus-out',
] as const satisfies readonly ProtocolName[];

/**
 * Trains and scores the same model on the same features under one protocol after the other: how much of a score is knowing
 * the recordings, how much knowing the speakers, and what is left on another corpus. Nothing else differs but `dataset.fold`
 * and `dataset.testVersions`, which the paper's single split of rows has no use for.
 *
 * A protocol that the clips cannot be divided by is left out, with its reason, before anything is trained.
 *
 * @param protocols - in any order, each once
 * @throws {@link InvalidArgumentError} if a protocol is unknown or there twice, or the config does not fit the data
 * @throws {@link WorkbenchError} if the clips cannot be divided by any of the protocols
 */
export async function compareProtocols(
  config: ExperimentConfig,
  protocols: readonly ProtocolName[] = comparedProtocols,
  { onProtocol, ...options }: CompareProtocolsOptions = {},
): Promise<ProtocolComparison> {
  checkProtocols(protocols);
  const started = performance.now();
  const ordered = protocolNames.filter((name) => protocols.includes(name));
  const configs = ordered.map((protocol) => underProtocolNamed(config, protocol));
  const corpora = options.corpora ?? (await loadCorpora());
  const engine = options.engine ?? (await loadEngine());
  const { signal, onFeatures } = options;
  const set = options.set ?? (await experimentFeatures(corpora, config, { signal, onFeatures }));
  const featureSeconds = (performance.now() - started) / 1000;

  const left: ProtocolComparison['left'] = [];
  const possible = configs.filter(({ dataset }) => {
    const reason = whyNot(set, dataset);
    if (reason !== undefined) left.push({ protocol: dataset.protocol, reason });
    return reason === undefined;
  });
  if (possible.length === 0) throw new WorkbenchError(left.map(({ reason }) => reason).join('\n'));

  const steps: ComparedProtocol[] = [];
  let outcome: Evaluation['outcome'] = 'finished';
  for (const [i, own] of possible.entries()) {
    const { protocol } = own.dataset;
    if (outcome === 'interrupted') {
      left.push({ protocol, reason: 'interrupted before' });
      continue;
    }
    onProtocol?.({ protocol, number: i + 1, count: possible.length });
    const evaluation = await evaluateExperiment(own, { ...options, corpora, engine, set });
    const { scores, audits, folds } = evaluation;
    ({ outcome } = evaluation);
    if (scores)
      steps.push({ protocol, report: scores.report, siblingShare: siblingShare(audits), folds, evaluation });
    else left.push({ protocol, reason: 'interrupted before its first fold was finished' });
  }
  const seconds = { features: featureSeconds, all: (performance.now() - started) / 1000 };
  return { steps, left, set, outcome, seconds };
}

function underProtocolNamed(config: ExperimentConfig, protocol: ProtocolName): ExperimentConfig {
  const ofRows = { fold: 'all', testVersions: 'original' } as const;
  return experimentConfig(config, { dataset: { protocol, ...(protocol === 'paper-rows' && ofRows) } });
}

/** @returns undefined if the clips can be divided so */
function whyNot(
  set: FeatureSet,
  { protocol, folds, seed, validationShare }: ExperimentConfig['dataset'],
): string | undefined {
  try {
    makeSplits(set, { protocol, folds, seed, validationShare });
    return undefined;
  } catch (error) {
    if (error instanceof InvalidArgumentError || !(error instanceof WorkbenchError)) throw error;
    return error.message;
  }
}

function checkProtocols(protocols: readonly ProtocolName[]): void {
  const unknown = protocols.find((name) => !protocolNames.includes(name));
  if (unknown !== undefined || protocols.length === 0) {
    throw new InvalidArgumentError('protocols', `some of ${protocolNames.join(', ')}`, unknown ?? []);
  }
  if (new Set(protocols).size < protocols.length) {
    throw new InvalidArgumentError('protocols', 'each once', protocols);
  }
}
