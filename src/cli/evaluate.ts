import { join } from 'node:path';
import { formatCount, formatLeftOut, WorkbenchError } from '../core/base';
import type { TestVersions } from '../core/config';
import { type Audit, formatAudit, type ProtocolName } from '../core/dataset';
import {
  caveatsOf,
  defaultSlices,
  formatConditions,
  formatEvaluationScores,
  type SliceName,
  sliceNames,
} from '../core/evaluation';
import { singlesOf } from '../core/prediction';
import { corporaFor } from '../node/corpora';
import { loadEngine } from '../node/engine';
import {
  compareProtocols,
  type CompareProtocolsOptions,
  evaluateConditions,
  evaluateEnsemble,
  evaluateExperiment,
} from '../node/experiment';
import { describeResources, maxWorkers, paths } from '../node/files';
import { loadModel, saveConditions } from '../node/models';
import { claimLedger, formatLedger, recordedLedgerRun } from '../node/paper';
import { findRun, joinRuns, writeRunRecord } from '../node/runs';
import { clusterNotes, clusterOptions, evaluateDivided, lookAtPlan, looksAtPlan } from './cluster';
import { modelNames, scoreFiles, scoreModels } from './evaluate-model';
import { modelByDefault, modelByName } from './models';
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
  repeated,
  text,
  userPath,
  variadic,
} from './options';
import {
  comparisonJson,
  describeComparison,
  describeConfig,
  describeEnsemble,
  describeEvaluation,
  ensembleJson,
  plainEvaluation,
} from './evaluation-text';
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
  ...clusterOptions,
  slices: option(
    'A,B,…',
    `score groups of clips by these properties; default: sex, age, race, intensity and duration, if the clips state them; all: ${sliceOptions.join(', ')}`,
    listOf(oneOf(sliceOptions)),
  ),
  save: flag(
    'also save the models; if it is killed, the same command resumes where it stopped. Without training: save a record of the ensemble or the joined runs',
  ),
  json: flag('print one JSON object'),
  join: variadic(
    '<RUN...>',
    'score saved runs of different folds of one experiment together, from their stored predictions; runs of other machines: copy record and predictions to runs/',
  ),
  ensemble: variadic(
    '<RUN...>',
    'average the models of saved runs with the same protocol and test set, without training, and compare the ensemble with each of them',
  ),
  conditions: flag(
    'predict the test clips of a trained model as recorded, and with another level, on the telephone, with noise, through MP3 and Opus (if ffmpeg is installed), in a room, clipped, and with other durations; with --save, the scores are added to the model card',
  ),
  model: repeated(
    'NAME,…',
    'score trained models on the clips of --corpora, without training, and compare them; a model folder, or the name of a published model or a run. For --conditions: one model; default: the model of npm run predict',
  ),
  predictions: variadic(
    '<FILE...>',
    'score the predictions of other programs (CSV or Parquet files, see data/README.md), and compare several files; with --corpora, properties of the clips are taken from these corpora',
  ),
  output: option(
    'FILE',
    'for --model: write the predictions, as npm run runs -- export does; a new .csv or .parquet file',
    userPath,
  ),
  trainingList: variadic(
    '<FILE...>',
    'for --predictions: training clips or speakers, to audit the split; one file for all, or one for each file of predictions',
  ),
  clips: option('N', 'for --conditions: a random sample of the test clips; default: all', integer(1)),
  ledger: variadic(
    '[RUN...]',
    'print a Markdown table of the numbers in the paper and in saved runs, without training; default: the newest finished run under paper-rows and under speakers',
  ),
};
type EvaluateOptions = OptionValuesOf<typeof evaluateOptions>;
const trainingOptions = ['preset', 'set', 'corpora', 'protocol', 'protocols', 'seeds', 'workers'] as const;
const withoutTraining = [
  ...(['preset', 'trainOn', 'testOn', 'protocol', 'protocols', 'seeds', 'workers'] as const),
  ...(['testVersions', 'ensemble', 'ledger'] as const),
];

export const evaluateCommand = defineCommand('npm run evaluate', {
  summary:
    'Train a model on every fold of a protocol and report its scores; or score trained models, or predictions of other programs.',
  details: `The leakage audit of the protocol is printed first, and every score is labelled with its protocol. A record of each run, with its scores and predictions, is written to runs/; with several seeds also one of their ensemble. RUN is part of the name of a record in runs/; the newest one that matches is used. Ctrl-C stops after the current step; the folds that are finished are scored.

${experimentNotes}

${clusterNotes}`,
  options: evaluateOptions,
  conflicts: {
    on: ['ensemble', 'join', 'ledger', 'conditions', 'model', 'predictions'],
    protocol: ['protocols'],
    ensemble: [...trainingOptions, 'ledger', 'conditions', 'join'],
    join: [
      ...trainingOptions,
      'trainOn',
      'testOn',
      'testVersions',
      'ledger',
      'conditions',
      'model',
      'predictions',
    ],
    ledger: [...trainingOptions, 'testVersions', 'slices', 'save', 'json', 'conditions'],
    conditions: ['output', ...trainingOptions, 'testVersions', 'slices'],
    model: [...withoutTraining, 'predictions'],
    predictions: [...withoutTraining, 'set', 'conditions'],
  },
  skipsPreparation: (options) =>
    (options.ledger ?? options.predictions ?? options.join) !== undefined || looksAtPlan(options),
  interrupted: 'interrupted; run the same command again to continue',
  run: async (options, tools: Tools) => {
    const looked = await lookAtPlan(options, tools, tools.records);
    if (looked !== undefined) return looked;
    if (options.ledger) return printLedger(options.ledger, tools);
    if (options.conditions) return scoreConditions(options, tools);
    if (options.clips !== undefined) throw new UsageError('--clips needs --conditions');
    const chosen = { ...options, slices: slicesOf(options.slices) };
    if (options.predictions) return scoreFiles(options.predictions, chosen, tools);
    if (options.trainingList) throw new UsageError('--training-list needs --predictions');
    if (options.output !== undefined && options.model.length === 0)
      throw new UsageError('--output needs --model');
    if (options.model.length > 0) return scoreModels(modelNames(options.model), chosen, tools);
    if (options.join) return scoreJoined(options.join, options, tools);
    if (options.ensemble) return scoreEnsemble(options.ensemble, options, tools);
    return evaluate(options, tools);
  },
});
export const runEvaluate = evaluateCommand.run;

async function evaluate(options: EvaluateOptions, tools: Tools): Promise<number> {
  const { records = paths.runs, info, print, progress, signal } = tools;
  const { protocol, testVersions, seeds, workers, slices, save, json } = options;
  const protocols = options.protocols as ProtocolName[] | undefined;
  const config = configFrom(options, {
    'dataset.protocol': protocol,
    'dataset.testVersions': testVersions,
  });
  info(`${describeConfig(config)}\n${describeResources()}\n`);
  const corpora = await readCorpora(progress, signal, config);
  const settings: CompareProtocolsOptions = {
    ...experimentProgress(progress),
    corpora,
    seeds,
    slices: slicesOf(slices) ?? defaultSlices(corporaFor(corpora, config).clips),
    workers,
    signal,
    records,
    savesModels: save,
    ...(save && { checkpoints: join(records, 'checkpoints') }),
    onAudit: printAudits(info),
  };
  const score = async (more: Partial<CompareProtocolsOptions> = {}): Promise<number> => {
    const all = { ...settings, ...more };
    if (protocols) {
      const compared = await compareProtocols(config, protocols, all);
      print(json ? comparisonJson(config, compared) : describeComparison(compared));
      return compared.outcome === 'interrupted' ? 130 : 0;
    }
    const evaluation = await evaluateExperiment(config, all);
    print(json ? toJson(plainEvaluation(evaluation)) : describeEvaluation(evaluation));
    return evaluation.outcome === 'interrupted' ? 130 : 0;
  };
  const context = { corpora, runs: records, workers };
  return options.on === undefined
    ? score()
    : evaluateDivided({ config, protocols, seeds }, options, context, tools, score);
}

async function scoreConditions(
  { model: names, clips, save, json }: EvaluateOptions,
  { info, print, progress, signal }: Tools,
): Promise<number> {
  if (save && clips !== undefined)
    throw new UsageError('--save needs the scores of all test clips: leave out --clips');
  const chosen = modelNames(names);
  if (chosen.length > 1) throw new UsageError('--conditions needs one model');
  const name = chosen.at(0);
  const { path, reason } = name === undefined ? modelByDefault() : modelByName(name);
  info(`model: ${displayPath(path)} (${reason})\n`);
  const engine = await loadEngine();
  const model = await loadModel(engine, path);
  const corpora = await readCorpora(progress, signal, singlesOf(model)[0].config);
  const { report, leftOut } = await evaluateConditions(model, engine, {
    corpora,
    clips,
    signal,
    onProgress: (done, total) => {
      progress.update('predicting', done, total, 'clips');
    },
  });
  progress.stop();
  for (const line of formatLeftOut(leftOut)) info(`${line}\n`);
  if (save) {
    saveConditions(path, report);
    info(`saved: ${displayPath(join(path, 'card.json'))}\n`);
  }
  print(json ? toJson({ model: displayPath(path), ...report, leftOut }) : formatConditions(report));
  return 0;
}

async function scoreEnsemble(
  names: readonly string[],
  { testVersions, slices, save, json }: EvaluateOptions,
  { records = paths.runs, info, print, progress, signal }: Tools,
): Promise<number> {
  if (names.length < 2) throw new UsageError('--ensemble needs at least two runs');
  const stored = (await readRecords(records)).filter(({ members }) => !members).reverse();
  const runs = names.map((name) => findRun(stored, name));
  const corpora = await readCorpora(progress, signal, runs[0].config);
  const ensemble = await evaluateEnsemble(runs, {
    corpora,
    slices: slicesOf(slices) ?? defaultSlices(corporaFor(corpora, runs[0].config).clips),
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

async function scoreJoined(
  names: readonly string[],
  { slices, save, json }: EvaluateOptions,
  { records = paths.runs, info, print }: Tools,
): Promise<number> {
  const stored = (await readRecords(records)).filter(({ report }) => report).reverse();
  const runs = [...new Set(names.map((name) => findRun(stored, name)))];
  if (runs.length < 2) throw new UsageError('--join needs at least two runs');
  const joined = await joinRuns(runs, { records, slices: slicesOf(slices) });
  const { predictions, scores, record, isComplete } = joined;
  const tested = `${formatCount(joined.tested)} of ${formatCount(record.data!.clips)} clips were tested`;
  if (save && !isComplete) throw new UsageError(`--save needs the runs of all folds: ${tested}`);
  for (const { file, splits } of runs) info(`${splits.map(({ name }) => name).join(', ')}: ${file}`);
  info(`${tested}\n`);
  const path = save ? await writeRunRecord(record, records, { predictions }) : undefined;
  const saved = path === undefined ? {} : { record: displayPath(path) };
  print(
    json
      ? toJson({
          runs: runs.map(({ file }) => file),
          tested: joined.tested,
          ...caveatsOf(predictions),
          ...scores,
          ...saved,
        })
      : formatEvaluationScores(scores),
  );
  if (path !== undefined) info(`saved: ${displayPath(path)}`);
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
  if (chosen.length === 0) throw new WorkbenchError('no finished runs yet; npm run evaluate writes one');
  print(formatLedger(claimLedger(chosen.map(recordedLedgerRun))));
  return 0;
}

if (require.main === module) {
  runAsProgram(runEvaluate, { signal: stopSignal(), prepare: prepareWorkbench });
}
