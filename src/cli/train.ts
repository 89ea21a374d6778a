import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ParseArgsConfig } from 'node:util';
import { formatConfig, presetNames } from '../core/config';
import { formatAudit } from '../core/dataset';
import { formatScoreReport } from '../core/evaluation';
import { formatEpoch } from '../core/network';
import { loadEngine } from '../node/engine';
import { runRecorded, type SplitPlace, tensorBoardLog } from '../node/experiment';
import { paths, projectRoot } from '../node/files';
import { saveModels } from '../node/models';
import { readRunRecords, runTable } from '../node/runs';
import { atLeast } from './at-least';
import { configFrom, configOptions } from './config-options';
import { experimentProgress } from './experiment-progress';
import { fromHere } from './from-here';
import { readCorpora } from './read-corpora';
import { recordTable } from './record-table';
import { runAsProgram } from './run-as-program';
import { type TerminalProgress, terminalProgress } from './terminal-progress';
import { parseOptions, sayFailure } from './usage-error';
import { whenReady } from './when-ready';

const help = `npm run train [-- option …]

  trains a model on the corpora that are there and tests it under its protocol; keeps config, history and scores in runs/, and the
  trained model beside them; a run that was killed goes on from its last epoch when it is started again

  --preset NAME        what to start from: ${presetNames.join(', ')}; default compact
  --set OPTION=VALUE   an option of the experiment, such as training.epochs=10; as often as you like
  --corpora A,B,…      default all that are there
  --workers N          splits that are trained at once, in processes that share the processors; default 1. A killed run goes on
                       with the same number
  --fresh              begin anew instead of going on from a killed run
  --tensorboard DIR    also log the curves for TensorBoard; needs the native engine
  --json               print the run record
  --list               train nothing: show the runs that there are, side by side

  SER_SET="OPTION=VALUE …" does what --set does, which wins. Ctrl-C ends training after the step at work.`;

/** Runs the command. @returns the exit code: 0, 1 when it failed, 2 for a wrong call, 130 when it was interrupted */
export async function runTrain(
  args: readonly string[],
  {
    runs = paths.runs,
    signal,
    progress = terminalProgress(),
  }: { runs?: string; signal?: AbortSignal; progress?: TerminalProgress } = {},
): Promise<number> {
  try {
    const { values } = parseOptions(args, { options });
    const { fresh, tensorboard, json } = values;
    const say = (text: string): void => {
      progress.stop();
      if (!json) console.log(text);
    };
    if (values.list) {
      console.log(await listRuns(runs));
      return 0;
    }
    const config = configFrom(values);
    const workers = atLeast(1, '--workers', values.workers);
    say(formatConfig(config));
    const engine = await loadEngine();
    const corpora = await readCorpora(progress, signal);
    const log = tensorboard === undefined ? undefined : tensorBoardLog(engine, fromHere(tensorboard));
    const result = await runRecorded(config, {
      ...experimentProgress(progress),
      engine,
      corpora,
      runs,
      workers,
      signal,
      ...(!fresh && { checkpoints: join(runs, 'checkpoints') }),
      onAudit: (audits) => {
        say(`\n${formatAudit(audits)}`);
      },
      onSplit: ({ name, number, count }, { notes = [] }) => {
        const place = count > 1 ? ` (${number} of ${count})` : '';
        say([`\n${name}${place}`, ...notes.map((note) => `  note: ${note}`)].join('\n'));
      },
      onResume: ({ length }, place) => {
        say(`  ${whose(place)}goes on after epoch ${length}, where it was stopped`);
      },
      onEpoch: (record, _, place) => {
        say(`  ${whose(place)}${formatEpoch(record)}`);
        log?.(place.name, record);
      },
    });
    progress.stop();
    const folder = await saveModels(result, result.path);
    if (json) console.log(await readFile(result.path, 'utf8'));
    if (result.report) say(`\n${formatScoreReport(result.report)}`);
    const { all, features, training } = result.seconds;
    const [total, made, trained] = [all, features, training].map((seconds) => seconds.toFixed(1));
    say(`${total} s in all: features ${made} s, training ${trained} s`);
    say(`record: ${relative(projectRoot, result.path)}`);
    if (folder !== undefined) say(`models: ${relative(projectRoot, folder)}/`);
    return result.outcome === 'interrupted' ? 130 : 0;
  } catch (error) {
    progress.stop();
    if (signal?.aborted) {
      console.error('stopped before anything was trained');
      return 130;
    }
    return sayFailure(error, help);
  }
}

const options = {
  ...configOptions,
  workers: { type: 'string', default: '1' },
  fresh: { type: 'boolean' },
  tensorboard: { type: 'string' },
  json: { type: 'boolean' },
  list: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

/** The name of a split whose lines come between those of others. */
const whose = ({ name, atOnce }: SplitPlace): string => (atOnce > 1 ? `${name}, ` : '');

async function listRuns(folder: string): Promise<string> {
  const { records, skipped } = await readRunRecords(folder);
  for (const { file, reason } of skipped) console.error(`${file}: ${reason}`);
  if (records.length === 0) return 'there are no runs yet';
  return recordTable(runTable(records));
}

if (require.main === module) {
  runAsProgram(help, (args) =>
    whenReady((signal) => runTrain(args, { signal }), { needsNothing: args.includes('--list') }),
  );
}
