import { relative } from 'node:path';
import {
  type ConfigDifference,
  configDifferences,
  configHash,
  type ExperimentConfig,
  valueText,
} from '../core/config';
import {
  formatComparison,
  formatEvaluationScores,
  formatProtocols,
  formatScoreReport,
} from '../core/evaluation';
import type { Evaluation, ProtocolComparison, RunsAsOne } from '../node/experiment';
import { projectRoot } from '../node/files';
import type { StoredRun } from '../node/runs';

/** The preset, the hash, and a line for each option that differs from the preset. */
export function describeConfig(config: ExperimentConfig): string {
  const line = ({ option, value, from }: ConfigDifference): string =>
    `  ${option}: ${valueText(value)} (preset: ${valueText(from)})`;
  return [
    `preset ${config.name}, hash ${configHash(config).slice(0, 8)}`,
    ...configDifferences(config).map(line),
  ].join('\n');
}

/** The scores of an evaluation, on what, and how long it took. */
export function describeEvaluation(evaluation: Evaluation): string {
  const { scores, ensemble, seeds, folds, outcome, runs } = evaluation;
  const [{ engine, data }] = runs;
  const { name, threads } = engine;
  return [
    scores ? formatEvaluationScores(scores) : 'Interrupted before a fold was finished: there is no score.\n',
    ...(ensemble
      ? [
          `The ${seeds.length} seeds as one model, by the mean of their probabilities:`,
          formatScoreReport(ensemble.scores.report),
        ]
      : []),
    ...(outcome === 'interrupted' && scores
      ? [`Interrupted: the scores are of ${folds.done} of ${folds.of} folds.`]
      : []),
    `${data.source}; ${timeText(evaluation.seconds)}; engine ${engineText(name, threads)}`,
    ...recordLines(evaluation),
  ].join('\n');
}

/** What runs are as one model, beside each alone. */
export function describeRunsAsOne(runs: readonly StoredRun[], asOne: RunsAsOne): string {
  const { scores, gains, members, result, seconds, path } = asOne;
  const { name, threads } = result.engine;
  const hearing = members.filter(({ config: { dataset } }) => dataset.testVersions === 'trained').length;
  return [
    formatEvaluationScores(scores),
    ...gains.map((gain, i) => {
      const { config } = members[i];
      return formatComparison(gain, [`${config.name}, seed ${config.seed}`, 'as one']);
    }),
    `${runs.length} models as one, each calibrated on its own validation rows; ${result.data.source}`,
    ...(hearing > 0 ? [`${hearing} of them hear each recording in all versions that they learned from`] : []),
    `prediction ${seconds.prediction.toFixed(1)} s; engine ${engineText(name, threads)}`,
    ...(path === undefined ? [] : [`kept: ${relative(projectRoot, path)}`]),
  ].join('\n');
}

const engineText = (name: string, threads: number): string =>
  `${name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;

/** One model under several protocols, and how long each took. */
export function describeComparison({ steps, left, outcome, seconds }: ProtocolComparison): string {
  return [
    steps.length > 0
      ? formatProtocols(steps)
      : 'Interrupted before a fold was finished: there is no score.\n',
    ...left.map(({ protocol, reason }) => `${protocol}: left out: ${reason}`),
    ...(outcome === 'interrupted' ? ['Interrupted.'] : []),
    ...steps.map(({ protocol, evaluation }) => `${protocol}: ${timeText(evaluation.seconds)}`),
    ...steps.flatMap(({ evaluation }) => recordLines(evaluation)),
    `features ${seconds.features.toFixed(1)} s, all ${seconds.all.toFixed(1)} s`,
  ].join('\n');
}

const recordLines = (evaluation: Evaluation): string[] =>
  recordPaths(evaluation).map((path) => `kept: ${path}`);

/** Where the records of an evaluation lie, below the project's folder. */
export const recordPaths = ({ runs, ensemble }: Evaluation): string[] =>
  [...runs, ...(ensemble ? [ensemble] : [])].flatMap(({ path }) =>
    path === undefined ? [] : [relative(projectRoot, path)],
  );

function timeText({ features, training, prediction, all }: Evaluation['seconds']): string {
  const [made, trained, asked, total] = [features, training, prediction, all].map((sec) => sec.toFixed(1));
  return `features ${made} s, training ${trained} s, prediction ${asked} s, all ${total} s`;
}
