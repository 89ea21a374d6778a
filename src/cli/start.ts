import { existsSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { formatLeftOut, messageOf, WorkbenchError } from '../core/base';
import { openFolder, paths, projectRoot, runOnWorkers, writeFileAtomicSync } from '../node/files';
import {
  type IndexEntry,
  type NotebookRun,
  notebookPicture,
  notebookQuestion,
  notebookTitle,
  type PageLink,
  readNotebook,
  renderIndexHtml,
  renderNotebookHtml,
  type RunFailure,
  runNotebook,
  type RunOptions,
  sourceSha256,
  writeNotebook,
} from '../notebook';
import { type CommandTools, defineCommand, UsageError } from './command';
import { integer, number, option } from './options';
import { type CellProgress, cellProgress, displayPath, readCorpora } from './output';
import { runAsProgram } from './program';
import { ensureData, ensureSetup } from './setup';
import { plotlyFile } from '../node/build';

/** Replaced in tests. */
export interface StartContext {
  notebooks?: string;
  output?: string;
  /** sets up engine, library and data */
  prepareNotebooks?: () => Promise<Prepared>;
}

interface Prepared {
  /** data and engine */
  runsOn: string;
  /** lines on the files that were not loaded */
  leftOut: readonly string[];
  /** whether the corpora are so small that two notebooks fit into the memory */
  isSmall?: boolean;
}

export const startCommand = defineCommand('npm start', {
  summary: 'Run the notebooks and write executed copies and HTML pages to runs/latest/.',
  details: 'Open runs/latest/index.html when the command is done. If a notebook fails, the others still run.',
  arguments: {
    '[NOTEBOOK...]': { help: 'start or part of a file name, for example 02; default: all notebooks' },
  },
  options: {
    timeout: option('SECONDS', 'time limit of each cell; default: none', number),
    workers: option(
      'N',
      'number of notebooks that run at the same time; default: 2 on the demo corpus and two cores, otherwise 1',
      integer(1),
    ),
  },
  run: async ({ timeout = Infinity, ...options }, tools: CommandTools & StartContext) => {
    const { notebooks = paths.notebooks, output = join(paths.runs, 'latest'), args, print } = tools;
    if (!(timeout > 0))
      throw new UsageError(`--timeout must be a positive number of seconds, got ${timeout}`);
    const files = chooseNotebooks(args, notebooks);
    const {
      runsOn,
      leftOut,
      isSmall = false,
    } = await (tools.prepareNotebooks ?? (() => prepareAll(tools)))();
    clearExecuted(files, { notebooks, output });
    const failed: string[] = [];
    const leftOutLines = new Set(leftOut);
    const { workers = isSmall && availableParallelism() > 1 ? 2 : 1 } = options;
    const progress = cellProgress();
    const runFile = async (file: string): Promise<void> => {
      progress.clear();
      print(workers === 1 ? file : `${file} …`);
      const label = workers === 1 ? '' : file.slice(0, 2);
      const run = await executeNotebook(join(notebooks, file), { cellTimeoutSec: timeout, label, progress });
      if (run !== undefined) writeExecuted(run, { notebooks, output, runsOn });
      for (const each of run === undefined ? [] : leftOutIn(run)) leftOutLines.add(each);
      if (run === undefined || run.failure !== undefined) failed.push(file);
      else print(`  ${workers === 1 ? '' : `${file} `}done in ${run.durationSec.toFixed(1)} s`);
      progress.draw();
    };
    const lanes = Array.from({ length: workers }, (_, lane) => lane);
    // The last notebooks take longest, so they start first.
    const queue = workers === 1 ? files : [...files].reverse();
    await runOnWorkers(queue, lanes, {}, (_, file) => runFile(file));
    failed.sort();
    writeIndex({ notebooks, output });
    print(`\n${files.length - failed.length} of ${files.length} notebooks finished without errors.`);
    if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}`);
    for (const each of firstLines([...leftOutLines])) print(`left out: ${each}`);
    print(`Open ${displayPath(join(output, 'index.html'))}, or work in the notebooks: npm run lab`);
    return failed.length > 0 ? 1 : 0;
  },
});
export const runStart = startCommand.run;

async function prepareAll({ progress, signal }: CommandTools): Promise<Prepared> {
  const engine = await ensureSetup();
  const { description, isDemo } = await ensureData();
  const { report } = await readCorpora(progress, signal);
  const runsOn = `${description}, engine ${engine}`;
  return { runsOn, leftOut: formatLeftOut(report.leftOut), isSmall: isDemo };
}

/** The lines on left-out items in the audits that a notebook printed. */
function leftOutIn({ notebook }: NotebookRun): string[] {
  const texts = notebook.cells.flatMap(({ outputs = [] }) =>
    outputs.flatMap((output) => (output.output_type === 'stream' ? [output.text].flat().join('') : [])),
  );
  return texts.flatMap((text) => [...text.matchAll(/^ {2}left out: (.+)$/gm)].map(([, found]) => found));
}

/** At most three lines; with more, the last one refers to the notebooks. */
function firstLines(lines: readonly string[]): string[] {
  if (lines.length <= 3) return [...lines];
  return [...lines.slice(0, 2), `${lines.length - 2} more kinds, listed in the audits of the notebooks`];
}

/** The file names of the notebooks in a folder, sorted. */
export function notebookFiles(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.ipynb'))
        .sort()
    : [];
}

/**
 * Finds notebooks by the start or any part of their file names.
 *
 * @param names - empty for all notebooks
 * @returns file names, sorted
 * @throws {@link UsageError} if a name matches no notebook
 */
export function chooseNotebooks(names: readonly string[], folder: string): string[] {
  const all = notebookFiles(folder);
  const matches = (name: string): string[] => {
    const starting = all.filter((file) => file.startsWith(name));
    return starting.length > 0
      ? starting
      : all.filter((file) => file.toLowerCase().includes(name.toLowerCase()));
  };
  const unknown = names.filter((name) => matches(name).length === 0);
  if (all.length === 0) throw new UsageError(`no notebooks in ${folder}`);
  if (unknown.length > 0) {
    const known = all.map((file) => `  ${file}`).join('\n');
    throw new UsageError(`no notebook matches ${unknown.join(', ')}. Notebooks:\n${known}`);
  }
  const wanted = new Set(names.flatMap(matches));
  return names.length === 0 ? all : all.filter((file) => wanted.has(file));
}

/**
 * Runs a notebook with progress, and prints its error if it fails. Returns undefined if it could not be started.
 *
 * @param options.label - shown in the progress if several notebooks run at the same time
 * @param options.progress - shared by the notebooks that run at the same time
 */
export async function executeNotebook(
  path: string,
  {
    env,
    label = '',
    progress = cellProgress(),
    ...options
  }: Omit<RunOptions, 'onCell'> & { label?: string; progress?: CellProgress } = {},
): Promise<NotebookRun | undefined> {
  try {
    const run = await runNotebook(path, {
      ...options,
      // The library has been compiled once for all notebooks.
      env: { ...env, SER_SKIP_BUILD: '1' },
      onCell: (event) => {
        progress.onCell(event, label);
      },
    });
    progress.stop(label);
    if (run.failure) console.error(describeFailure(run.file, run.failure));
    return run;
  } catch (error) {
    progress.stop(label);
    if (!(error instanceof WorkbenchError)) throw error;
    console.error(`  ${messageOf(error)}`);
    return undefined;
  }
}

function describeFailure(file: string, { cell, number, source, traceback }: RunFailure): string {
  const lines = source.split('\n');
  const excerpt = lines.slice(0, 8).map((line) => `    | ${line}`);
  if (lines.length > 8) excerpt.push(`    | … ${lines.length - 8} more lines`);
  return [
    `  ${file} failed at cell ${cell}, [${number}]:`,
    ...excerpt,
    ...traceback.map((line) => `    ${line}`),
  ].join('\n');
}

/** How an executed copy was made; stored in its metadata. */
interface ExecutionRecord {
  /** ISO 8601 */
  executedAt: string;
  durationSec: number;
  /** data and engine; missing in old copies */
  runsOn?: string;
  /** hash of the cells that were executed */
  sourceSha256: string;
  /** the error, if a cell failed */
  failure?: string;
}

const recordKey = 'speech_emotion_workbench';

interface Folders {
  notebooks: string;
  /** folder of the executed copies and pages */
  output: string;
}

/** Deletes the results of earlier runs of these notebooks, and of notebooks that no longer exist. */
function clearExecuted(files: readonly string[], { notebooks, output }: Folders): void {
  openFolder(output);
  const running = new Set(files.map(nameOf));
  const known = new Set(notebookFiles(notebooks).map(nameOf));
  for (const file of readdirSync(output).filter((name) => /\.(ipynb|html)$/.test(name))) {
    if (running.has(nameOf(file)) || !known.has(nameOf(file))) rmSync(join(output, file));
  }
}

/** Writes an executed notebook as `.ipynb` and as HTML. */
function writeExecuted(
  run: NotebookRun,
  { notebooks, output, runsOn }: Folders & Required<Pick<ExecutionRecord, 'runsOn'>>,
): void {
  const record: ExecutionRecord = {
    executedAt: new Date().toISOString(),
    durationSec: Math.round(run.durationSec * 10) / 10,
    runsOn,
    sourceSha256: sourceSha256(run.notebook),
    ...(run.failure && {
      failure: `cell ${run.failure.cell} failed: ${run.failure.ename}: ${run.failure.evalue}`,
    }),
  };
  const notebook = { ...run.notebook, metadata: { ...run.notebook.metadata, [recordKey]: record } };
  writeNotebook(join(output, run.file), notebook);
  const files = notebookFiles(notebooks);
  const at = files.indexOf(run.file);
  const page = renderNotebookHtml(notebook, {
    plotlyUrl: urlFrom(output, join(projectRoot, plotlyFile)),
    notebooksUrl: `${urlFrom(output, notebooks)}/`,
    index: { title: 'All notebooks', url: 'index.html' },
    ...neighbour('previous', files.at(at - 1), at > 0, notebooks),
    ...neighbour('next', files.at(at + 1), at + 1 < files.length, notebooks),
    note: describe(record),
    ...(record.failure !== undefined && { warning: `This run stopped early: ${record.failure}` }),
  });
  writeFileAtomicSync(join(output, `${nameOf(run.file)}.html`), page);
}

/** Writes index.html: all executed notebooks in the folder, with a warning for those that are out of date. */
function writeIndex({ notebooks, output }: Folders): void {
  const entries = notebookFiles(output).map((file): IndexEntry => {
    const executed = readNotebook(join(output, file));
    const record = executed.metadata[recordKey] as ExecutionRecord;
    const isOld = sourceSha256(readNotebook(join(notebooks, file))) !== record.sourceSha256;
    const warning = [
      ...(record.failure === undefined ? [] : [record.failure]),
      ...(isOld ? ['the notebook has changed since this run'] : []),
    ].join('; ');
    const [question, picture] = [notebookQuestion(executed), notebookPicture(executed)];
    return {
      title: notebookTitle(executed) ?? nameOf(file),
      url: `${nameOf(file)}.html`,
      note: describe(record),
      ...(question !== undefined && { question }),
      ...(picture !== undefined && { picture }),
      ...(warning !== '' && { warning }),
    };
  });
  const note =
    'Executed notebooks of the Speech Emotion Workbench, written by npm start. To work in them: npm run lab';
  writeFileAtomicSync(
    join(output, 'index.html'),
    renderIndexHtml(entries, { title: 'Speech Emotion Workbench', note }),
  );
}

function neighbour(
  which: 'previous' | 'next',
  file: string | undefined,
  exists: boolean,
  notebooks: string,
): Partial<Record<'previous' | 'next', PageLink>> {
  if (file === undefined || !exists) return {};
  return { [which]: { title: titleOf(join(notebooks, file)), url: `${nameOf(file)}.html` } };
}

/** The title of a notebook, or its file name if it cannot be read. */
function titleOf(path: string): string {
  try {
    return notebookTitle(readNotebook(path)) ?? nameOf(path);
  } catch {
    return nameOf(path);
  }
}

function describe({ executedAt, durationSec, runsOn }: ExecutionRecord): string {
  const [date, time] = executedAt.split('T');
  return `Executed on ${date} at ${time.slice(0, 5)} UTC in ${durationSec.toFixed(1)} s${runsOn === undefined ? '' : `, on ${runsOn}`}`;
}

function nameOf(file: string): string {
  return basename(file).replace(/\.(ipynb|html)$/, '');
}

function urlFrom(folder: string, target: string): string {
  return relative(folder, target).split(sep).map(encodeURIComponent).join('/');
}

if (require.main === module) {
  runAsProgram(runStart);
}
