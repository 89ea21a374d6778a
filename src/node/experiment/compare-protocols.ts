import { InvalidArgumentError, WorkbenchError } from '../../core/base';
import { experimentConfig, type ExperimentConfig } from '../../core/config';
import { type ProtocolName, protocolNames } from '../../core/dataset';
import { type ProtocolStep, siblingShare } from '../../core/evaluation';
import type { FeatureSet } from '../../core/features';
import { loadCorpora, makeSplits } from '../corpora';
import { loadEngine } from '../engine';
import { experimentFeatures } from '../extraction';
import { evaluateExperiment, type EvaluateOptions, type Evaluation } from './evaluate-experiment';

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
