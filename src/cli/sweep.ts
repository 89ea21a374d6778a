import { formatLeftOut, formatPercent } from '../core/base';
import {
  configDifferences,
  experimentConfig,
  type ExperimentConfig,
  formatConfig,
  type OptionValues,
  valueText,
} from '../core/config';
import { corporaFor, type Corpora } from '../node/corpora';
import { distributeTrials } from '../node/cluster';
import { describeResources, maxWorkers, paths, runDefaults } from '../node/files';
import {
  type EndedTrial,
  gridPlan,
  maxTrials,
  parseSweepSpace,
  type PlannedTrial,
  randomPlan,
  runSweep,
  sweepCaveats,
  sweepMethods,
  type SweepProgress,
  type SweepResult,
  sweepTable,
} from '../node/sweep';
import { clusterNotes, clusterOptions, divide, lookAtPlan, looksAtPlan, planInputs } from './cluster';
import { type CommandTools, defineCommand, shellQuoted, UsageError } from './command';
import {
  configFrom,
  experimentNotes,
  experimentOptions,
  flag,
  integer,
  oneOf,
  option,
  repeated,
} from './options';
import { displayPath, readCorpora, recordTable, type TerminalProgress } from './output';
import { runAsProgram, stopSignal } from './program';
import { prepareWorkbench } from './setup';

/** Replaced in tests. */
export interface SweepContext {
  corpora?: Corpora;
  runs?: string;
  /** the file with the `runTrial` function */
  module?: string;
}

export const sweepCommand = defineCommand('npm run sweep', {
  summary: 'Search for good hyperparameters by training a model for each of several configs.',
  details: `Trials are compared by their validation scores; the test set is not used. Each trial runs in its own process. Finished trials are saved in runs/, so the same command resumes a sweep that was interrupted. Ctrl-C stops the sweep; trials that have not finished continue after their last epoch when it resumes.

Spaces: a list model.width=64,128; a range training.mixup=0..0.4; a log-uniform range training.learningRate=log:1e-4..1e-2; a range of integers training.epochs=int:5..20.

${experimentNotes}

${clusterNotes}`,
  options: {
    space: repeated('OPTION=VALUES', 'an option to vary and its values'),
    method: option(
      'NAME',
      'halving starts many configs with few epochs and continues the best',
      oneOf(sweepMethods),
      'random',
    ),
    trials: option('N', 'number of configs, for random and halving', integer(1, maxTrials), 20),
    seed: option('N', 'seed of the random configs', integer(0), 42),
    workers: option(
      'N',
      'trials at the same time; default: half the number of processors, as far as the memory suffices',
      integer(1, maxWorkers),
    ),
    ...clusterOptions,
    ...experimentOptions,
    retry: flag('run failed trials again'),
    json: flag('print the trials as JSON, best first'),
    list: flag('list the configs without training (for halving: those of the first round)'),
  },
  skipsPreparation: (options) => options.list || options.space.length === 0 || looksAtPlan(options),
  interrupted: 'interrupted; run the same command again to continue',
  run: async (options, tools: CommandTools & SweepContext) => {
    const { corpora, runs = paths.runs, module, info, print, progress } = tools;
    const looked = await lookAtPlan(options, tools, runs);
    if (looked !== undefined) return looked;
    const { method, trials, seed, workers, retry, json } = options;
    if (options.space.length === 0)
      throw new UsageError("required option '--space <OPTION=VALUES>' not specified");
    const dryRun = new AbortController();
    const signal = AbortSignal.any([dryRun.signal, ...(tools.signal ? [tools.signal] : [])]);
    const base = configFrom(options);
    const space = parseSweepSpace(options.space);
    if (options.list) {
      const plan = method === 'grid' ? gridPlan(space) : randomPlan(space, { trials, seed });
      for (const values of plan) print(settingsOf(base, values));
      return 0;
    }
    info(`${formatConfig(base)}\n${describeResources()}`);
    const loaded = corpora ?? (await readCorpora(progress, signal, base));
    corporaFor(loaded, base); // reports an unknown name before any trial runs
    const runTrials = async (missing: readonly PlannedTrial[]) => {
      const context = { corpora: loaded, runs, workers: workers ?? runDefaults().sweepWorkers };
      const inputs = await planInputs(options, context, tools);
      const work = await distributeTrials(missing, { ...inputs, module, retryFailed: retry });
      const ends = await divide(work, { ...options, workers: context.workers }, tools, (found) => found);
      if (ends) return ends;
      dryRun.abort();
      throw dryRun.signal.reason as Error;
    };
    const result = await runSweep(base, space, {
      method,
      trials,
      seed,
      ...(workers !== undefined && { workers }),
      corpora: loaded,
      runs,
      retryFailed: retry,
      signal,
      onProgress: showOn(progress),
      module,
      ...(options.on !== undefined && { runTrials }),
    });
    if (dryRun.signal.aborted) return 0;
    print(json ? JSON.stringify(result.trials, null, 2) : describeSweep(base, result));
    if (result.outcome === 'interrupted') return 130;
    return result.trials.some(({ status }) => status === 'finished') ? 0 : 1;
  },
});
export const runSweepCommand = sweepCommand.run;

/** One bar for all trials, with the best score so far. */
function showOn(progress: TerminalProgress): (now: SweepProgress) => void {
  return ({ done, failed, total, best }) => {
    const score = best?.status === 'finished' ? `, best ${formatPercent(best.score)}` : '';
    progress.update(`trials${failed > 0 ? ` (${failed} failed)` : ''}${score}`, done, total, 'files');
  };
}

function describeSweep(base: ExperimentConfig, result: SweepResult): string {
  const { trials, outcome, log } = result;
  const { monitor } = base.training;
  const [best] = trials as (EndedTrial | undefined)[];
  const { leftOut, warnings } = sweepCaveats(result);
  return [
    ...(trials.length > 0 ? [`\n${recordTable(sweepTable(result))}\n`] : []),
    ...(best?.status === 'finished'
      ? [
          `score: ${scoreNames[monitor]} of the validation set; protocol ${base.dataset.protocol}`,
          `best: npm run train -- --preset ${base.name} ${settingsOf(base, best.values)}`,
        ]
      : []),
    ...formatLeftOut(leftOut).map((line) => `left out: ${line}`),
    ...warnings.map((warning) => `warning: ${warning}`),
    `log: ${displayPath(log)}${outcome === 'interrupted' ? '; run the same command again to resume' : ''}`,
  ].join('\n');
}

const scoreNames = { valUar: 'UAR', last: 'UAR', valAccuracy: 'accuracy', valLoss: 'negative loss' };

/** The `--set` arguments that turn the preset into the config of a trial. */
function settingsOf(base: ExperimentConfig, values: OptionValues): string {
  return configDifferences(experimentConfig(base, values))
    .map(({ option: name, value }) => `--set ${shellQuoted(`${name}=${valueText(value)}`)}`)
    .join(' ');
}

if (require.main === module) {
  runAsProgram(runSweepCommand, { signal: stopSignal(), prepare: prepareWorkbench });
}
