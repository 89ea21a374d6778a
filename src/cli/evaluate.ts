import type { ParseArgsConfig } from 'node:util';
import { InvalidArgumentError } from '../core/base';
import type { ExperimentConfig, TestVersions } from '../core/config';
import { type Audit, formatAudit, type ProtocolName } from '../core/dataset';
import { type SliceName, sliceNames, usualSlices } from '../core/evaluation';
import { chooseCorpora } from '../node/corpora';
import {
  compareProtocols,
  type CompareProtocolsOptions,
  evaluateExperiment,
  runsAsOne,
} from '../node/experiment';
import { paths } from '../node/files';
import { formatLedger } from '../node/paper';
import { readRunRecords, runNamed, type StoredRun } from '../node/runs';
import { atLeast } from './at-least';
import { configFrom, configOptions } from './config-options';
import {
  describeComparison,
  describeConfig,
  describeEvaluation,
  describeRunsAsOne,
} from './describe-evaluation';
import { comparisonJson, evaluationJson, runsAsOneJson } from './evaluation-json';
import { experimentProgress } from './experiment-progress';
import { listOf } from './list-of';
import { readCorpora } from './read-corpora';
import { recordedLedger } from './recorded-ledger';
import { runAsProgram } from './run-as-program';
import { type TerminalProgress, terminalProgress } from './terminal-progress';
import { parseOptions, sayFailure, UsageError } from './usage-error';
import { whenReady } from './when-ready';

/** The age's bands are asked for as the age. */
const slicesAsAsked = sliceNames.join(', ').replace('ageBand', 'age');

const help = `npm run evaluate -- [option …]

  trains a model and scores it on every fold of a protocol; the protocol's audit comes first, and stands at every score

  --preset NAME        what to start from; default compact
  --protocol NAME      how recordings are kept apart: paper-rows, clips, speakers…; default the preset's
  --protocols A,B,…    the same model under several, side by side
  --set OPTION=VALUE   an option of the experiment, such as training.epochs=10; as often as you like
  --corpora A,B,…      default all that are there
  --test-versions NAME how held-out recordings are heard: original, or trained, in all versions that are learned from, of which
                       the mean answers (test-time augmentation); default the preset's
  --seeds 1,2,…        of the training, one after the other; default the config's
  --workers N          folds that are trained at once, in processes that share the processors; default 1
  --slices A,B,…       scores by ${slicesAsAsked};
                       default sex, age, race, intensity and duration, as far as the clips state them
  --save               keep a record of each run in runs/, with its models; of several seeds also one of them as one model
  --json               one JSON object

npm run evaluate -- --ensemble RUN RUN… [--test-versions NAME] [--slices A,B,…] [--save] [--json]

  the models that runs kept, as one model: seeds, or different models and features; nothing is trained. They must have tested
  the same rows under one protocol. RUN is part of a record's name in runs/, of several the newest. Without
  --test-versions each hears recordings as its config says

npm run evaluate -- --ledger [RUN…]

  the figures of the paper beside those of the runs, as Markdown. RUN is part of a record's name in runs/; default the
  newest finished one under paper-rows, and under speakers

  SER_SET="OPTION=VALUE …" does what --set does, which wins. Ctrl-C ends training after the step at work; the folds that
  were finished are scored.`;

/** What a test replaces. */
export interface EvaluateContext {
  signal?: AbortSignal;
  /** folder of the run records; default `runs` */
  records?: string;
  progress?: TerminalProgress;
}

/**
 * Trains and scores an experiment from the shell.
 *
 * @returns the exit code: 0, 1 when it failed, 2 for a wrong call, 130 when it was interrupted
 */
export async function runEvaluate(
  args: readonly string[],
  { signal, records = paths.runs, progress = terminalProgress() }: EvaluateContext = {},
): Promise<number> {
  try {
    const call = parse(args);
    if ('ledger' in call) {
      console.log(formatLedger(await recordedLedger(call.ledger, records)));
      return 0;
    }
    const { slices, isSaved, isJson } = call;
    const say = (text: string): void => {
      progress.stop();
      if (!isJson) console.log(`${text}\n`);
    };
    const onAudit = (audits: readonly Audit[]): void => {
      say(formatAudit(audits));
    };
    if ('ensemble' in call) {
      const runs = await runsNamed(call.ensemble, records);
      const { onFeatures } = experimentProgress(progress);
      const corpora = await readCorpora(progress, signal);
      const asOne = await runsAsOne(runs, {
        corpora,
        slices: slices ?? usualSlices(chooseCorpora(corpora, runs[0].config.corpora).clips),
        records,
        testVersions: call.testVersions,
        isSaved,
        signal,
        onFeatures,
        onAudit,
        onRun: ({ file }) => {
          say(`asking the models of ${file}`);
        },
      });
      progress.stop();
      console.log(isJson ? runsAsOneJson(runs, asOne) : describeRunsAsOne(runs, asOne));
      return 0;
    }
    const { config, protocols, seeds, workers } = call;
    say(describeConfig(config));
    const corpora = await readCorpora(progress, signal);
    const options: CompareProtocolsOptions = {
      ...experimentProgress(progress),
      corpora,
      seeds,
      slices: slices ?? usualSlices(chooseCorpora(corpora, config.corpora).clips),
      workers,
      signal,
      ...(isSaved && { records }),
      onAudit,
    };
    if (protocols) {
      const comparison = await compareProtocols(config, protocols, options);
      progress.stop();
      console.log(isJson ? comparisonJson(config, comparison) : describeComparison(comparison));
      return comparison.outcome === 'interrupted' ? 130 : 0;
    }
    const evaluation = await evaluateExperiment(config, options);
    progress.stop();
    console.log(isJson ? evaluationJson(evaluation) : describeEvaluation(evaluation));
    return evaluation.outcome === 'interrupted' ? 130 : 0;
  } catch (error) {
    progress.stop();
    if (signal?.aborted) {
      console.error('stopped before anything was trained');
      return 130;
    }
    return sayFailure(error, help);
  }
}

interface Call {
  config: ExperimentConfig;
  protocols?: ProtocolName[];
  seeds?: number[];
  slices?: SliceName[];
  workers: number;
  isSaved: boolean;
  isJson: boolean;
}

/** Runs whose models are asked as one. */
type EnsembleCall = Pick<Call, 'slices' | 'isSaved' | 'isJson'> & {
  ensemble: string[];
  testVersions?: TestVersions;
};

/** The options of an ensemble: what is trained, and how, its runs say. */
const ensembleOptions = {
  ensemble: { type: 'boolean' },
  'test-versions': { type: 'string' },
  slices: { type: 'string' },
  save: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

/** The option of a ledger: it shows what is written down. */
const ledgerOptions = { ledger: { type: 'boolean' } } as const satisfies ParseArgsConfig['options'];

const options = {
  ...configOptions,
  ...ensembleOptions,
  ...ledgerOptions,
  protocol: { type: 'string' },
  protocols: { type: 'string' },
  seeds: { type: 'string' },
  workers: { type: 'string', default: '1' },
} as const satisfies ParseArgsConfig['options'];

function parse(args: readonly string[]): Call | EnsembleCall | { ledger: string[] } {
  const { values, positionals } = parseOptions(args, { options, allowPositionals: true });
  if (values.ledger) {
    return { ledger: parseOptions(args, { options: ledgerOptions, allowPositionals: true }).positionals };
  }
  if (values.ensemble) return parseEnsemble(args);
  if (positionals.length > 0) throw new UsageError(`${positionals[0]}: an option was expected`);
  const { protocol, protocols } = values;
  if (protocol !== undefined && protocols !== undefined) {
    throw new UsageError('--protocol and --protocols exclude each other');
  }
  return {
    config: configFrom(values, {
      'dataset.protocol': protocol,
      'dataset.testVersions': values['test-versions'],
    }),
    protocols: protocols === undefined ? undefined : (listOf(protocols) as ProtocolName[]),
    seeds: values.seeds === undefined ? undefined : listOf(values.seeds).map(seedNamed),
    workers: atLeast(1, '--workers', values.workers),
    ...askedOf(values),
  };
}

function parseEnsemble(args: readonly string[]): EnsembleCall {
  const { values, positionals } = parseOptions(args, {
    options: ensembleOptions,
    allowPositionals: true,
  });
  if (positionals.length < 2) throw new UsageError('an ensemble is of two runs at least: which?');
  // It is checked as the option of the config that it is.
  const testVersions = values['test-versions'] as TestVersions | undefined;
  return { ensemble: positionals, testVersions, ...askedOf(values) };
}

const askedOf = ({ slices, save, json }: { slices?: string; save: boolean; json: boolean }) => ({
  slices: slices === undefined ? undefined : listOf(slices).map(sliceNamed),
  isSaved: save,
  isJson: json,
});

async function runsNamed(names: readonly string[], folder: string): Promise<StoredRun[]> {
  const { records } = await readRunRecords(folder);
  const own = records.filter(({ members }) => !members).reverse();
  return names.map((name) => runNamed(own, name));
}

function seedNamed(text: string): number {
  const seed = Number(text);
  if (Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError('--seeds', 'integers, such as 1,2,3', text);
}

function sliceNamed(text: string): SliceName {
  const name = sliceNames.find((known) => known === text || (known === 'ageBand' && text === 'age'));
  if (name) return name;
  throw new InvalidArgumentError('--slices', `some of ${slicesAsAsked}`, text);
}

if (require.main === module) {
  runAsProgram(help, (args) =>
    whenReady((signal) => runEvaluate(args, { signal }), { needsNothing: args.includes('--ledger') }),
  );
}
