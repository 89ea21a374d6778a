import { join } from 'node:path';
import { WorkbenchError } from '../core/base';
import {
  type ConfigDifference,
  configDifferences,
  configHash,
  type ExperimentConfig,
  type TestVersions,
  valueText,
} from '../core/config';
import { type Audit, formatAudit, type ProtocolName } from '../core/dataset';
import {
  caveatsOf,
  formatComparison,
  formatEvaluationScores,
  formatProtocols,
  formatScoreReport,
  type SliceName,
  sliceNames,
  defaultSlices,
} from '../core/evaluation';
import { chooseCorpora } from '../node/corpora';
import {
  compareProtocols,
  type CompareProtocolsOptions,
  evaluateExperiment,
  type Evaluation,
  type ProtocolComparison,
  type EnsembleEvaluation,
  evaluateEnsemble,
} from '../node/experiment';
import { maxWorkers, paths } from '../node/files';
import { claimLedger, formatLedger, recordedLedgerRun } from '../node/paper';
import { findRun, type StoredRun } from '../node/runs';
import { type CommandTools, defineCommand, UsageError } from './command';
import {
  configFrom,
  experimentNotes,
  experimentOptions,
  flag,
  integer,
  listOf,
  oneOf,
  option,
  type OptionValuesOf,
  text,
  variadic,
} from './options';
import { displayPath, experimentProgress, readCorpora, readRecords, toJson } from './output';
import { runAsProgram, stopSignal } from './program';
import { prepareWorkbench } from './setup';

/** Replaced in tests. */
export interface EvaluateContext {
  records?: string;
}

type Tools = CommandTools & EvaluateContext;

/** On the command line the slice `ageBand` is called `age`. */
const sliceOptions = sliceNames.map((name) => (name === 'ageBand' ? 'age' : name));
const slicesOf = (names: string[] | undefined): SliceName[] | undefined =>
  names?.map((name) => (name === 'age' ? 'ageBand' : name) as SliceName);

const evaluateOptions = {
  ...experimentOptions,
  protocol: option(
    'NAME',
    'protocol, for example paper-rows, clips or speakers; default: that of the preset',
    text,
  ),
  protocols: option('A,B,…', 'compare the same model under several protocols', listOf(text)),
  testVersions: option(
    'NAME',
    'original, or trained: predict test clips in every augmented version used in training and average (test-time augmentation)',
    text,
  ),
  seeds: option('1,2,…', 'training seeds; default: that of the config', listOf(integer())),
  workers: option(
    'N',
    'folds trained at the same time, in processes that share the processors',
    integer(1, maxWorkers),
    1,
  ),
  slices: option(
    'A,B,…',
    `score groups of clips by these properties; default: sex, age, race, intensity and duration, if the clips state them; all: ${sliceOptions.join(', ')}`,
    listOf(oneOf(sliceOptions)),
  ),
  save: flag(
    'save a record of each run in runs/, with its models; with several seeds also their ensemble. If it is killed, the same command resumes where it stopped',
  ),
  json: flag('print one JSON object'),
  ensemble: variadic(
    '<RUN...>',
    'average the models of saved runs with the same protocol and test set, without training, and compare the ensemble with each of them',
  ),
  ledger: variadic(
    '[RUN...]',
    'print a Markdown table of the numbers in the paper and in saved runs, without training; default: the newest finished run under paper-rows and under speakers',
  ),
};
type EvaluateOptions = OptionValuesOf<typeof evaluateOptions>;
const trainingOptions = ['preset', 'set', 'corpora', 'protocol', 'protocols', 'seeds', 'workers'] as const;

export const evaluateCommand = defineCommand('npm run evaluate', {
  summary: 'Train a model on every fold of a protocol and report its scores.',
  details: `The leakage audit of the protocol is printed first, and every score is labelled with its protocol. RUN is part of the name of a record in runs/; the newest one that matches is used. Ctrl-C stops after the current step; the folds that are finished are scored.

${experimentNotes}`,
  options: evaluateOptions,
  conflicts: {
    protocol: ['protocols'],
    ensemble: [...trainingOptions, 'ledger'],
    ledger: [...trainingOptions, 'testVersions', 'slices', 'save', 'json'],
  },
  skipsPreparation: ({ ledger }) => ledger !== undefined,
  interrupted: 'interrupted before training started',
  run: async (options, tools: Tools) => {
    if (options.ledger) return printLedger(options.ledger, tools);
    if (options.ensemble) return scoreEnsemble(options.ensemble, options, tools);
    return evaluate(options, tools);
  },
});
export const runEvaluate = evaluateCommand.run;

async function evaluate(
  options: EvaluateOptions,
  { records = paths.runs, info, print, progress, signal }: Tools,
): Promise<number> {
  const { protocol, protocols, testVersions, seeds, workers, slices, save, json } = options;
  const config = configFrom(options, {
    'dataset.protocol': protocol,
    'dataset.testVersions': testVersions,
  });
  info(`${describeConfig(config)}\n`);
  const corpora = await readCorpora(progress, signal);
  const settings: CompareProtocolsOptions = {
    ...experimentProgress(progress),
    corpora,
    seeds,
    slices: slicesOf(slices) ?? defaultSlices(chooseCorpora(corpora, config.corpora).clips),
    workers,
    signal,
    ...(save && { records, checkpoints: join(records, 'checkpoints') }),
    onAudit: printAudits(info),
  };
  if (protocols) {
    const comparison = await compareProtocols(config, protocols as ProtocolName[], settings);
    print(json ? comparisonJson(config, comparison) : describeComparison(comparison));
    return comparison.outcome === 'interrupted' ? 130 : 0;
  }
  const evaluation = await evaluateExperiment(config, settings);
  print(json ? toJson(plainEvaluation(evaluation)) : describeEvaluation(evaluation));
  return evaluation.outcome === 'interrupted' ? 130 : 0;
}

async function scoreEnsemble(
  names: readonly string[],
  { testVersions, slices, save, json }: EvaluateOptions,
  { records = paths.runs, info, print, progress, signal }: Tools,
): Promise<number> {
  if (names.length < 2) throw new UsageError('--ensemble needs at least two runs');
  const stored = (await readRecords(records)).filter(({ members }) => !members).reverse();
  const runs = names.map((name) => findRun(stored, name));
  const corpora = await readCorpora(progress, signal);
  const ensemble = await evaluateEnsemble(runs, {
    corpora,
    slices: slicesOf(slices) ?? defaultSlices(chooseCorpora(corpora, runs[0].config.corpora).clips),
    records,
    testVersions: testVersions as TestVersions | undefined, // checked with the config
    isSaved: save,
    signal,
    onFeatures: experimentProgress(progress).onFeatures,
    onAudit: printAudits(info),
    onRun: ({ file }) => {
      info(`predicting with the models of ${file}\n`);
    },
  });
  print(json ? ensembleJson(runs, ensemble) : describeEnsemble(runs, ensemble));
  return 0;
}

const printAudits =
  (info: CommandTools['info']) =>
  (audits: readonly Audit[]): void => {
    info(`${formatAudit(audits)}\n`);
  };

async function printLedger(
  names: readonly string[],
  { records = paths.runs, print }: Tools,
): Promise<number> {
  const scored = (await readRecords(records)).filter(({ figures }) => figures).reverse();
  // The name of an ensemble contains those of its presets: prefer single models.
  const single = scored.filter(({ members }) => !members);
  const ensembles = scored.filter(({ members }) => members);
  const newest = (['paper-rows', 'speakers'] as const).flatMap(
    (protocol) =>
      single.find(
        ({ status, config: { dataset } }) => status === 'finished' && dataset.protocol === protocol,
      ) ?? [],
  );
  const chosen = names.length > 0 ? names.map((name) => findRun([...single, ...ensembles], name)) : newest;
  if (chosen.length === 0)
    throw new WorkbenchError('no finished runs yet; save one with npm run evaluate -- --save');
  print(formatLedger(claimLedger(chosen.map(recordedLedgerRun))));
  return 0;
}

/** Preset, hash, and the options that differ from the preset. */
function describeConfig(config: ExperimentConfig): string {
  const line = ({ option, value, from }: ConfigDifference): string =>
    `  ${option}: ${valueText(value)} (preset: ${valueText(from)})`;
  return [
    `preset ${config.name}, hash ${configHash(config).slice(0, 8)}`,
    ...configDifferences(config).map(line),
  ].join('\n');
}

/** Scores, data, durations and saved records of an evaluation. */
function describeEvaluation(evaluation: Evaluation): string {
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
function describeEnsemble(runs: readonly StoredRun[], ensemble: EnsembleEvaluation): string {
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
  `${name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;

/** Scores and durations of one model under several protocols. */
function describeComparison({ steps, skipped, outcome, seconds }: ProtocolComparison): string {
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
function ensembleJson(
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
function comparisonJson(
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
function plainEvaluation(evaluation: Evaluation): object {
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

if (require.main === module) {
  runAsProgram(runEvaluate, { signal: stopSignal(), prepare: prepareWorkbench });
}
