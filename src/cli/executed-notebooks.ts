import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { projectRoot } from '../node/files';
import {
  type IndexEntry,
  type NotebookRun,
  notebookTitle,
  type PageLink,
  plotlyFile,
  readNotebook,
  renderIndexHtml,
  renderNotebookHtml,
  sourceSha256,
  writeNotebook,
} from '../notebook';
import { notebookFiles } from './choose-notebooks';

/** What an executed copy knows about its run, kept in the notebook's metadata. */
interface RunRecord {
  /** ISO 8601 */
  executedAt: string;
  durationSec: number;
  /** data and engine; old copies lack it */
  runsOn?: string;
  /** of the notebook's cells as they were executed */
  sourceSha256: string;
  /** what failed; absent after a whole run */
  failure?: string;
}

const recordKey = 'speech_emotion_workbench';

/** Folders of one `npm start`. */
export interface ExecutedOptions {
  /** where the notebooks are */
  notebooks: string;
  /** where their executed copies and pages go */
  output: string;
}

/**
 * Takes away what earlier runs left for these notebooks, before they run: whatever lies in the folder afterwards is
 * new, or says when it was made. Files of notebooks that no longer exist go as well.
 */
export function clearExecuted(files: readonly string[], { notebooks, output }: ExecutedOptions): void {
  mkdirSync(output, { recursive: true });
  const running = new Set(files.map(nameOf));
  const known = new Set(notebookFiles(notebooks).map(nameOf));
  for (const file of readdirSync(output).filter((name) => /\.(ipynb|html)$/.test(name))) {
    if (running.has(nameOf(file)) || !known.has(nameOf(file))) rmSync(join(output, file));
  }
}

/** Writes an executed notebook as `.ipynb` and as a page. */
export function writeExecuted(
  run: NotebookRun,
  { notebooks, output, runsOn }: ExecutedOptions & Required<Pick<RunRecord, 'runsOn'>>,
): void {
  const record: RunRecord = {
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
  writeFileSync(join(output, `${nameOf(run.file)}.html`), page);
}

/** Writes the list of all executed notebooks in the folder, saying of each whether it is up to date. */
export function writeIndex({ notebooks, output }: ExecutedOptions): void {
  const entries = notebookFiles(output).map((file): IndexEntry => {
    const executed = readNotebook(join(output, file));
    const record = executed.metadata[recordKey] as RunRecord;
    const isOld = sourceSha256(readNotebook(join(notebooks, file))) !== record.sourceSha256;
    const warning = [
      ...(record.failure === undefined ? [] : [record.failure]),
      ...(isOld ? ['the notebook has changed since this run'] : []),
    ].join('; ');
    return {
      title: notebookTitle(executed) ?? nameOf(file),
      url: `${nameOf(file)}.html`,
      note: describe(record),
      ...(warning !== '' && { warning }),
    };
  });
  const note =
    'Executed notebooks of the Speech Emotion Workbench, made by npm start. Open them live: npm run lab';
  writeFileSync(
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

/** A notebook that cannot be read fails when its turn comes, not where it is linked from. */
function titleOf(path: string): string {
  try {
    return notebookTitle(readNotebook(path)) ?? nameOf(path);
  } catch {
    return nameOf(path);
  }
}

function describe({ executedAt, durationSec, runsOn }: RunRecord): string {
  const [date, time] = executedAt.split('T');
  return `Executed on ${date} at ${time.slice(0, 5)} UTC in ${durationSec.toFixed(1)} s${runsOn === undefined ? '' : `, on ${runsOn}`}`;
}

function nameOf(file: string): string {
  return basename(file).replace(/\.(ipynb|html)$/, '');
}

function urlFrom(folder: string, target: string): string {
  return relative(folder, target).split(sep).map(encodeURIComponent).join('/');
}
