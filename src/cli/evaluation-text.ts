import { countOf } from '../core/base';
import {
  type ConfigDifference,
  configDifferences,
  configHash,
  type ExperimentConfig,
  valueText,
} from '../core/config';
import {
  caveatsOf,
  formatComparison,
  formatEvaluationScores,
  formatProtocols,
  formatScoreReport,
} from '../core/evaluation';
import type { EnsembleEvaluation, Evaluation, ProtocolComparison } from '../node/experiment';
import type { StoredRun } from '../node/runs';
import { displayPath, toJson } from './output';

/** Preset, hash, and the options that differ from the preset. */
export function describeConfig(config: ExperimentConfig): string {
  const line = ({ option, value, from }: ConfigDifference): string =>
    `  ${option}: ${valueText(value)} (preset: ${valueText(from)})`;
  return [
    `preset ${config.name}, hash ${configHash(config).slice(0, 8)}`,
    ...configDifferences(config).map(line),
  ].join('\n');
}

/** Scores, data, durations and saved records of an evaluation. */
export function describeEvaluation(evaluation: Evaluation): string {
  const { scores, ensemble, seeds, folds, outcome, runs } = evaluation;
  const [{ engine, data }] = runs;
  return [
    scores
      ? formatEvaluationScores(scores)
      : 'Interrupted before the first fold finished: there are no scores.\n',
    ...(ensemble
      ? [
          `Ensemble of the ${seeds.length} seeds (mean of their probabilities):`,
          formatScoreReport(ensemble.scores.report),
        ]
      : []),
    ...(outcome === 'interrupted' && scores
      ? [`Interrupted: scores of ${folds.done} of ${folds.of} folds.`]
      : []),
    `${data.source}; ${timeText(evaluation.seconds)}; engine ${engineText(engine)}`,
    ...recordLines(evaluation),
  ].join('\n');
}

/** Scores of an ensemble, compared with each of its models. */
export function describeEnsemble(runs: readonly StoredRun[], ensemble: EnsembleEvaluation): string {
  const { scores, gains, members, result, seconds, path } = ensemble;
  const augmented = members.filter(({ config: { dataset } }) => dataset.testVersions === 'trained').length;
  return [
    formatEvaluationScores(scores),
    ...gains.map((gain, i) => {
      const { config } = members[i];
      return formatComparison(gain, [`${config.name}, seed ${config.seed}`, 'ensemble']);
    }),
    `ensemble of ${runs.length} models, each calibrated on its own validation set; ${result.data.source}`,
    ...(augmented > 0 ? [`test-time augmentation: ${augmented} of them`] : []),
    `prediction ${seconds.prediction.toFixed(1)} s; engine ${engineText(result.engine)}`,
    ...(path === undefined ? [] : [`saved: ${displayPath(path)}`]),
  ].join('\n');
}

const engineText = ({ name, threads }: { name: string; threads: number }): string =>
  `${name}, ${countOf(threads, 'thread')}`;

/** Scores and durations of one model under several protocols. */
export function describeComparison({ steps, skipped, outcome, seconds }: ProtocolComparison): string {
  return [
    steps.length > 0
      ? formatProtocols(steps)
      : 'Interrupted before the first fold finished: there are no scores.\n',
    ...skipped.map(({ protocol, reason }) => `${protocol}: skipped: ${reason}`),
    ...(outcome === 'interrupted' ? ['Interrupted.'] : []),
    ...steps.map(({ protocol, evaluation }) => `${protocol}: ${timeText(evaluation.seconds)}`),
    ...steps.flatMap(({ evaluation }) => recordLines(evaluation)),
    `features ${seconds.features.toFixed(1)} s, all ${seconds.all.toFixed(1)} s`,
  ].join('\n');
}

const recordLines = (evaluation: Evaluation): string[] =>
  recordPaths(evaluation).map((path) => `saved: ${path}`);

/** The paths of the saved records. */
const recordPaths = ({ runs, ensemble }: Evaluation): string[] =>
  [...runs, ...(ensemble ? [ensemble] : [])].flatMap(({ path }) =>
    path === undefined ? [] : [displayPath(path)],
  );

function timeText({ features, training, prediction, all }: Evaluation['seconds']): string {
  const sec = (value: number): string => `${value.toFixed(1)} s`;
  return `features ${sec(features)}, training ${sec(training)}, prediction ${sec(prediction)}, all ${sec(all)}`;
}

/** An ensemble as JSON. */
export function ensembleJson(
  runs: readonly StoredRun[],
  { scores, gains, seconds, path, result }: EnsembleEvaluation,
): string {
  return toJson({
    members: runs.map(({ file }, i) => ({ run: file, gain: gains[i] })),
    data: result.data,
    ...caveatsOf(result),
    ...scores,
    seconds,
    ...(path !== undefined && { record: displayPath(path) }),
  });
}

/** A comparison of protocols as JSON. */
export function comparisonJson(
  config: ExperimentConfig,
  { steps, skipped, outcome, seconds }: ProtocolComparison,
): string {
  return toJson({
    config,
    outcome,
    protocols: steps.map(({ protocol, siblingShare, evaluation }) => ({
      protocol,
      siblingShare,
      ...plainEvaluation(evaluation),
    })),
    skipped,
    seconds,
  });
}

/** An evaluation without recordings, features and models. */
export function plainEvaluation(evaluation: Evaluation): object {
  const { config, seeds, runs, outcome, folds, audits, scores, ensemble, seconds } = evaluation;
  const [{ engine, data, ...first }] = runs;
  return {
    config,
    hash: configHash(config),
    engine: { name: engine.name, version: engine.version, threads: engine.threads },
    data,
    ...caveatsOf(first),
    seeds,
    outcome,
    folds,
    audits,
    ...scores,
    ensemble: ensemble?.scores.report,
    seconds,
    records: recordPaths(evaluation),
  };
}
