import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatConfig, formatOptions } from '../core/config';
import { formatAudit } from '../core/dataset';
import { formatScoreReport } from '../core/evaluation';
import { formatEpoch, placeName } from '../core/network';
import { loadEngine } from '../node/engine';
import {
  type RecordedOptions,
  type RecordedResult,
  runRecorded,
  type SplitPosition,
  tensorBoardLog,
} from '../node/experiment';
import { describeResources, maxWorkers, paths } from '../node/files';
import { distributeFolds } from '../node/cluster';
import { clusterNotes, clusterOptions, divide, lookAtPlan, looksAtPlan, planInputs } from './cluster';
import { type CommandTools, defineCommand } from './command';
import { configFrom, experimentNotes, experimentOptions, flag, integer, option, userPath } from './options';
import { displayPath, experimentProgress, readCorpora } from './output';
import { runAsProgram, stopSignal } from './program';
import { prepareWorkbench } from './setup';

/** Replaced in tests. */
export interface TrainContext {
  runs?: string;
}

export const trainCommand = defineCommand('npm run train', {
  summary: 'Train a model and test it under its protocol.',
  details: `The run record in runs/ contains the config, the history and the scores; the predictions for the test rows and the trained model are saved next to it (npm run runs lists all runs). Ctrl-C stops after the current step. A run that was killed resumes from its last epoch when the same command is run again.

${experimentNotes}

${clusterNotes}`,
  options: {
    ...experimentOptions,
    workers: option(
      'N',
      'splits trained at the same time, in processes that share the processors; resume with the same number',
      integer(1, maxWorkers),
      1,
    ),
    fresh: flag('start again instead of resuming a run that was killed'),
    ...clusterOptions,
    tensorboard: option('DIR', 'also write TensorBoard logs; requires the native engine', userPath),
    json: flag('print the run record as JSON'),
    options: flag('list all options for --set, with values and descriptions, without training'),
  },
  conflicts: { on: ['fresh', 'tensorboard'] },
  skipsPreparation: (options) => options.options || looksAtPlan(options),
  interrupted: 'interrupted; run the same command again to continue',
  run: async (options, tools: CommandTools & TrainContext) => {
    const { runs = paths.runs, info, print, progress, signal } = tools;
    const looked = await lookAtPlan(options, tools, runs);
    if (looked !== undefined) return looked;
    const config = configFrom(options);
    if (options.options) {
      print(formatOptions(config));
      return 0;
    }
    info(`${formatConfig(config)}\n${describeResources()}`);
    const engine = await loadEngine();
    const corpora = await readCorpora(progress, signal, config);
    const { tensorboard } = options;
    const log = tensorboard === undefined ? undefined : tensorBoardLog(engine, tensorboard);
    const settings: RecordedOptions = {
      ...experimentProgress(progress),
      engine,
      corpora,
      runs,
      savesModels: true,
      workers: options.workers,
      signal,
      ...(!options.fresh && { checkpoints: join(runs, 'checkpoints') }),
      onAudit: (audits) => {
        info(`\n${formatAudit(audits)}`);
      },
      onSplit: (place, { notes = [] }) => {
        info([`\n${placeName(place)}`, ...notes.map((note) => `  note: ${note}`)].join('\n'));
      },
      onResume: ({ length }, place) => {
        info(`  ${splitPrefix(place)}resuming after epoch ${length}`);
      },
      onEpoch: (record, _, place) => {
        info(`  ${splitPrefix(place)}${formatEpoch(record)}`);
        log?.(place.name, record);
      },
    };
    const train = async (): Promise<RecordedResult | undefined> => {
      if (options.on === undefined) return runRecorded(config, settings);
      const context = { corpora, runs, workers: options.workers };
      const inputs = await planInputs(options, context, tools);
      const work = await distributeFolds([config], { ...inputs, ...experimentProgress(progress), signal });
      return divide(work, options, tools, (trainedFold, { folder }) =>
        // The checkpoints stay, so that collecting again writes no second record.
        runRecorded(config, {
          ...settings,
          trainedFold,
          checkpoints: join(folder, 'checkpoints'),
          keepsCheckpoints: true,
        }),
      );
    };
    const result = await train();
    if (!result) return 0;
    if (options.json) print(await readFile(result.path, 'utf8'));
    if (result.report) info(`\n${formatScoreReport(result.report)}`);
    const { all, features, training } = result.seconds;
    info(`total ${all.toFixed(1)} s: features ${features.toFixed(1)} s, training ${training.toFixed(1)} s`);
    info(`record: ${displayPath(result.path)}`);
    if (result.models !== undefined) info(`models: ${displayPath(result.models)}/`);
    return result.outcome === 'interrupted' ? 130 : 0;
  },
});
export const runTrain = trainCommand.run;

/** The name of the split, if lines of several splits alternate. */
const splitPrefix = ({ name, atOnce }: SplitPosition): string => (atOnce > 1 ? `${name}, ` : '');

if (require.main === module) {
  runAsProgram(runTrain, { signal: stopSignal(), prepare: prepareWorkbench });
}
