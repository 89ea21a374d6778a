import { relative } from 'node:path';
import type { ParseArgsConfig } from 'node:util';
import {
  configDifferences,
  experimentConfig,
  type ExperimentConfig,
  formatConfig,
  type OptionValues,
  presetNames,
  valueText,
} from '../core/config';
import type { Corpora } from '../node/corpora';
import { paths, projectRoot } from '../node/files';
import {
  type EndedTrial,
  gridPlan,
  parseSweepSpace,
  randomPlan,
  runSweep,
  type SweepMethod,
  sweepMethods,
  type SweepProgress,
  type SweepResult,
  sweepTable,
} from '../node/sweep';
import { atLeast } from './at-least';
import { configFrom, configOptions } from './config-options';
import { readCorpora } from './read-corpora';
import { recordTable } from './record-table';
import { runAsProgram } from './run-as-program';
import { type TerminalProgress, terminalProgress } from './terminal-progress';
import { parseOptions, sayFailure, UsageError } from './usage-error';
import { whenReady } from './when-ready';

const help = `npm run sweep -- --space OPTION=VALUES [option …]

  looks for good hyperparameters: trains a model for each of many configs, in processes of their own, and sets them side by side
  by their validation rows; the test rows stay unseen. Trials that have ended are kept in runs/: the same call goes on where a
  sweep was stopped

  --space OPTION=VALUES  what to vary, as often as you like: a list model.width=64,128, a range training.mixup=0..0.4, one of
                         orders of magnitude training.learningRate=log:1e-4..1e-2, one of whole numbers training.epochs=int:5..20
  --method NAME          ${sweepMethods.join(', ')}; default random. halving gives many configs a few epochs, and the best ones all
  --trials N             configs to try, with random and halving; default 20
  --seed N               of the random configs; default 42
  --workers N            trials at once; default one for two processors
  --preset NAME          what all trials start from: ${presetNames.join(', ')}; default compact
  --set OPTION=VALUE     an option that all trials have, such as training.epochs=10; as often as you like
  --corpora A,B,…        default all that are there
  --retry                also run trials again that had failed
  --json                 print the trials, the best first
  --list                 train nothing: show the configs that would be tried (halving: that it begins with)

  SER_SET="OPTION=VALUE …" does what --set does, which wins. Ctrl-C stops after the trials that have ended.`;

/** What a test replaces. */
export interface SweepCommandOptions {
  corpora?: Corpora;
  runs?: string;
  signal?: AbortSignal;
  progress?: TerminalProgress;
  /** the file whose `runTrial` runs a trial */
  module?: string;
}

/** Runs the command. @returns the exit code: 0, 1 when it failed, 2 for a wrong call, 130 when it was interrupted */
export async function runSweepCommand(
  args: readonly string[],
  { corpora, runs = paths.runs, signal, progress = terminalProgress(), module }: SweepCommandOptions = {},
): Promise<number> {
  try {
    const values = parse(args);
    const { json } = values;
    const base = configFrom(values);
    const space = parseSweepSpace(values.space);
    const method = values.method as SweepMethod;
    const trials = atLeast(1, '--trials', values.trials);
    const seed = atLeast(0, '--seed', values.seed);
    if (values.list) {
      const plan = method === 'grid' ? gridPlan(space) : randomPlan(space, { trials, seed });
      for (const drawn of plan) console.log(settingsOf(base, drawn));
      return 0;
    }
    if (!json) console.log(formatConfig(base));
    const result = await runSweep(base, space, {
      method,
      trials,
      seed,
      ...(values.workers !== undefined && { workers: atLeast(1, '--workers', values.workers) }),
      corpora: corpora ?? (await readCorpora(progress, signal)),
      runs,
      retryFailed: values.retry,
      signal,
      onProgress: showOn(progress),
      module,
    });
    progress.stop();
    console.log(json ? JSON.stringify(result.trials, null, 2) : describeSweep(base, result));
    if (result.outcome === 'interrupted') return 130;
    return result.trials.some(({ status }) => status === 'finished') ? 0 : 1;
  } catch (error) {
    progress.stop();
    if (signal?.aborted) {
      console.error('stopped before any trial');
      return 130;
    }
    return sayFailure(error, help);
  }
}

const options = {
  ...configOptions,
  space: { type: 'string', multiple: true, default: [] },
  method: { type: 'string', default: 'random' },
  trials: { type: 'string', default: '20' },
  seed: { type: 'string', default: '42' },
  workers: { type: 'string' },
  retry: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

function parse(args: readonly string[]) {
  const { values } = parseOptions(args, { options });
  if (values.space.length === 0) throw new UsageError('what is to be varied? --space says it');
  if (!sweepMethods.includes(values.method as SweepMethod)) {
    throw new UsageError(
      `--method must be one of ${sweepMethods.join(', ')}, got ${JSON.stringify(values.method)}`,
    );
  }
  return values;
}

/** One bar for all trials, with the best score so far and the epochs of those at work. */
function showOn(progress: TerminalProgress): (now: SweepProgress) => void {
  return ({ done, failed, total, best }) => {
    const score = best?.status === 'finished' ? `, best ${best.score.toFixed(3)}` : '';
    progress.update(`trials${failed > 0 ? ` (${failed} failed)` : ''}${score}`, done, total, 'files');
  };
}

function describeSweep(base: ExperimentConfig, result: SweepResult): string {
  const { trials, outcome, log } = result;
  const { monitor } = base.training;
  const { protocol } = base.dataset;
  const [best] = trials as (EndedTrial | undefined)[];
  return [
    ...(trials.length > 0 ? [`\n${recordTable(sweepTable(result))}\n`] : []),
    ...(best?.status === 'finished'
      ? [
          `score: ${scoreNames[monitor]} of the validation rows; protocol ${protocol}`,
          `best: npm run train -- --preset ${base.name} ${settingsOf(base, best.values)}`,
        ]
      : []),
    `log: ${relative(projectRoot, log)}${outcome === 'interrupted' ? '; the same call goes on from it' : ''}`,
  ].join('\n');
}

const scoreNames = { valUar: 'UAR', last: 'UAR', valAccuracy: 'accuracy', valLoss: 'minus the loss' };

/** What makes a preset the config of a trial, as arguments. */
function settingsOf(base: ExperimentConfig, values: OptionValues): string {
  return configDifferences(experimentConfig(base, values))
    .map(({ option, value }) => `--set ${quoted(`${option}=${valueText(value)}`)}`)
    .join(' ');
}

const quoted = (text: string): string =>
  /[^\w.,=+-]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : text;

if (require.main === module) {
  runAsProgram(help, (args) =>
    whenReady((signal) => runSweepCommand(args, { signal }), { needsNothing: args.includes('--list') }),
  );
}
