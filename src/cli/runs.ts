import { formatCount } from '../core/base';
import { formatConfig } from '../core/config';
import { formatScoreReport } from '../core/evaluation';
import { formatFor, paths, tableFormats } from '../node/files';
import { exportRunPredictions, findRun, recordSource, runTable, type StoredRun } from '../node/runs';
import { type CommandTools, defineCommands, subcommand } from './command';
import { flag, oneOf, option, userPath } from './options';
import { displayPath, readRecords, recordTable, requireNewFile } from './output';
import { runAsProgram } from './program';

/** Replaced in tests. */
export interface RunsContext {
  runs?: string;
}

const runArgument = {
  '<RUN>': { help: 'part of the name of a record; the newest one that matches is used' },
};
const folderOption = { runs: option('DIR', 'folder of run records; default: runs/', userPath) };

export const runsCommand = defineCommands<RunsContext>('npm run runs', {
  summary: 'List saved runs, show one, or export its predictions.',
  defaultCommand: 'list',
  commands: {
    list: subcommand({
      summary: 'List the runs with their scores and the options in which they differ.',
      options: folderOption,
      run: async ({ runs }, { runs: standard = paths.runs, print }: CommandTools & RunsContext) => {
        const records = await readRecords(runs ?? standard);
        print(records.length === 0 ? 'no runs yet' : recordTable(runTable(records)));
        return 0;
      },
    }),
    show: subcommand({
      summary: 'Show the experiment of a run, its scores, and whether its predictions are stored.',
      arguments: runArgument,
      options: folderOption,
      run: async (
        { runs },
        { args: [name], runs: standard = paths.runs, print }: CommandTools & RunsContext,
      ) => {
        print(describeRun(await runNamed(name, runs ?? standard)));
        return 0;
      },
    }),
    export: subcommand({
      summary:
        'Write the predictions of a run for other programs: one row per tested row, with clip, fold, actual and predicted class, and probabilities before (p_…) and after calibration (c_…).',
      arguments: runArgument,
      options: {
        format: option(
          'FORMAT',
          'format of the file; default: by its extension, or csv',
          oneOf(tableFormats),
        ),
        output: option('FILE', 'default: the name of the run, in the current folder', userPath),
        overwrite: flag('replace an existing file'),
        ...folderOption,
      },
      run: async (
        { format, output, overwrite, runs },
        { args: [name], runs: standard = paths.runs, print }: CommandTools & RunsContext,
      ) => {
        const records = runs ?? standard;
        const run = await runNamed(name, records);
        const file = output ?? userPath(run.file.replace(/(\.json)?$/, `.predictions.${format ?? 'csv'}`));
        const chosen = formatFor(file, tableFormats, format);
        requireNewFile(file, overwrite);
        const rows = await exportRunPredictions(run, file, { format: chosen, records });
        print(`${displayPath(file)}: ${formatCount(rows)} rows`);
        return 0;
      },
    }),
  },
});
export const runRuns = runsCommand.run;

async function runNamed(name: string, folder: string): Promise<StoredRun> {
  return findRun((await readRecords(folder)).reverse(), name);
}

function describeRun(run: StoredRun): string {
  const { file, started, status, reason, config, members, data, report, predictions } = run;
  const stored = predictions
    ? `predictions: ${formatCount(predictions.rows)} rows; npm run runs -- export ${file.replace(/\.json$/, '')}`
    : `no predictions are stored${report ? ': the record was written by an older version; run it again to store them' : ''}`;
  return [
    `run: ${file}`,
    `started: ${started}, ${status}${reason === undefined ? '' : `: ${reason}`}`,
    ...(data ? [`data: ${recordSource({ ...run, data })}`] : []),
    ...(members
      ? [`ensemble of ${members.map(({ name, kind, seed }) => `${name} (${kind}, seed ${seed})`).join(', ')}`]
      : []),
    stored,
    `\n${formatConfig(config)}`,
    ...(report ? [`\n${formatScoreReport(report)}`] : []),
  ].join('\n');
}

if (require.main === module) {
  runAsProgram(runRuns);
}
