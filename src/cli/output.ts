import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import {
  formatPercent,
  isShareColumn,
  printable,
  printableLines,
  textTable,
  WorkbenchError,
} from '../core/base';
import { valueText } from '../core/config';
import type { LabelMap } from '../core/dataset';
import { overallSteps } from '../core/network';
import { type Corpora, loadCorpora } from '../node/corpora';
import type { CompareProtocolsOptions } from '../node/experiment';
import { projectRoot } from '../node/files';
import { formatSkippedRecords, readRunRecords, type StoredRun } from '../node/runs';
import { type CellEvent, formatProgress, terminalBar } from '../notebook';

/**
 * Checks that a command does not replace a file.
 *
 * @param overwrite - the option `--overwrite`; undefined for commands without it
 * @throws {@link WorkbenchError} if the file exists, and is not to be replaced
 */
export function requireNewFile(output: string, overwrite?: boolean): void {
  if (overwrite || !existsSync(output)) return;
  const orReplace = overwrite === undefined ? '' : ', or add --overwrite';
  throw new WorkbenchError(`${output} exists; choose another name with --output${orReplace}`);
}

/** Shows the progress of a long operation. */
export interface TerminalProgress {
  /**
   * @param label - names the step; a new label starts a new bar
   * @param total - undefined while the total is unknown
   */
  update: (label: string, done: number, total: number | undefined, unit: 'bytes' | 'files' | 'clips') => void;
  /** prints a line that stays visible */
  note: (text: string) => void;
  /** removes the bar */
  stop: () => void;
}

/**
 * A progress bar on a terminal; in a log file, a line at regular intervals.
 *
 * @param options.stream - default stderr
 * @param options.everySec - shortest time between two lines in a log
 */
export function terminalProgress({
  stream = process.stderr,
  everySec = 30,
}: { stream?: NodeJS.WritableStream & { isTTY?: boolean }; everySec?: number } = {}): TerminalProgress {
  return stream.isTTY ? onTerminal(stream) : inLog(stream, everySec);
}

function onTerminal(stream: NodeJS.WritableStream): TerminalProgress {
  const { update, stop } = terminalBar(stream, { clear: true });
  return {
    update: (label, done, total, unit) => {
      update({ label, done, total, ...(unit === 'bytes' && { unit }) });
    },
    note: (text) => {
      stop();
      stream.write(`${printableLines(text)}\n`);
    },
    stop,
  };
}

function inLog(stream: NodeJS.WritableStream, everySec: number): TerminalProgress {
  let shownAt = performance.now(); // short operations print nothing
  return {
    update: (label, done, total, unit) => {
      const now = performance.now();
      if (now - shownAt < everySec * 1000) return;
      shownAt = now;
      stream.write(`${formatProgress({ label, done, total, ...(unit === 'bytes' && { unit }) })}\n`);
    },
    note: (text) => {
      stream.write(`${printableLines(text)}\n`);
    },
    stop: () => undefined,
  };
}

export interface CellProgress {
  /** @param label - of the notebook; empty if it runs alone */
  onCell: (event: CellEvent, label: string) => void;
  /** removes a notebook that has ended, and clears the line */
  stop: (label: string) => void;
  clear: () => void;
  draw: () => void;
}

/** Progress of the running notebooks: on a terminal one line that changes, in a log one line per cell. */
export function cellProgress(
  stream: NodeJS.WritableStream & { isTTY?: boolean; columns?: number } = process.stdout,
): CellProgress {
  const isLive = stream.isTTY ?? false;
  const width = isLive ? (stream.columns ?? 80) - 1 : 100;
  const running = new Map<string, CellEvent>();
  const clear = (): void => {
    if (isLive) stream.write('\r\u001b[2K');
  };
  const draw = (): void => {
    clear();
    if (!isLive || running.size === 0) return;
    const events = [...running].sort(([a], [b]) => a.localeCompare(b));
    const [[label, event]] = events;
    const shared = events.map(([name, { number: index, total }]) => `${name}: cell ${index} of ${total}`);
    stream.write(
      events.length === 1 ? cellLine(event, width, label) : `  ${shared.join('   ')}`.slice(0, width),
    );
  };
  return {
    onCell: (event, label) => {
      running.set(label, event);
      if (isLive) draw();
      else if (event.state !== 'started') stream.write(`${cellLine(event, width, label)}\n`);
    },
    stop: (label) => {
      running.delete(label);
      clear();
    },
    clear,
    draw,
  };
}

function cellLine(
  { state, number: index, total, source, durationSec }: CellEvent,
  width: number,
  label: string,
): string {
  const code = source.split('\n').find((text) => text.trim() !== '' && !text.trim().startsWith('//')) ?? '';
  const first = printable(code);
  const end =
    state === 'started' ? '…' : `${durationSec.toFixed(1)} s${state === 'failed' ? '  FAILED' : ''}`;
  const prefix = `  [${label === '' ? '' : `${label}: `}${index}/${total}] `;
  const room = width - prefix.length - end.length - 2;
  const excerpt = first.length > room ? `${first.slice(0, room - 1)}…` : first.padEnd(room);
  return `${prefix}${excerpt}  ${end}`;
}

/** Reads the installed corpora with a progress bar. */
export function readCorpora(
  progress: TerminalProgress,
  signal?: AbortSignal,
  { labels }: { labels?: LabelMap | null } = {},
): Promise<Corpora> {
  return loadCorpora({
    signal,
    labels,
    onProgress: (done, total) => {
      progress.update('reading', done, total, 'files');
    },
  });
}

/** Callbacks of an experiment that drive a progress bar: one for the features, one for each training over all its epochs. */
export function experimentProgress(progress: TerminalProgress) {
  let protocolText = '';
  let seedText = '';
  let overall = overallSteps();
  return {
    onFeatures: ({ done, total }) => {
      progress.update('features', done, total, 'files');
    },
    onProtocol: ({ protocol }) => {
      protocolText = `${protocol}, `;
    },
    onSeed: ({ seed, count }) => {
      seedText = count > 1 ? `seed ${seed}, ` : '';
      overall = overallSteps();
    },
    onStep: (step, place) => {
      const { label, done, total } = overall.shown(step, place);
      progress.update(`${protocolText}${seedText}${label}, steps`, done, total, 'files');
    },
    onSplitEnd: (_outcome, place) => {
      overall.end(place);
    },
  } satisfies CompareProtocolsOptions;
}

/** Reads the run records of a folder; files that are not valid records are counted and named on stderr. */
export async function readRecords(folder: string): Promise<StoredRun[]> {
  const { records, skipped } = await readRunRecords(folder);
  if (skipped.length > 0) console.error(formatSkippedRecords(skipped));
  return records;
}

/** Records with the same keys as a text table. Columns that contain text are aligned to the left. */
export function recordTable(records: readonly object[]): string {
  const rows = records as readonly Record<string, unknown>[];
  const columns = Object.keys(rows[0]);
  const words = [...columns.keys()].filter((k) => rows.some((row) => typeof row[columns[k]] === 'string'));
  const cells = columns.map((column) => {
    const values = rows.map((row) => row[column]);
    const isShare = isShareColumn(column, values);
    return values.map((value) =>
      isShare && typeof value === 'number' ? formatPercent(value) : cellText(value),
    );
  });
  return textTable([columns, ...rows.map((_, i) => cells.map((column) => column[i]))], words);
}

function cellText(value: unknown): string {
  if (typeof value !== 'number' || Number.isInteger(value)) return valueText(value ?? '');
  return String(Number(value.toPrecision(3)));
}

/** A path as it is printed: relative to the project if it is inside, otherwise unchanged. */
export function displayPath(path: string): string {
  const inside = relative(projectRoot, path);
  return inside.startsWith('..') ? path : inside;
}

/** JSON in which typed arrays are plain arrays. */
export function toJson(value: object): string {
  const plain = (_: string, part: unknown): unknown =>
    ArrayBuffer.isView(part) ? Array.from(part as unknown as ArrayLike<number>) : part;
  return JSON.stringify(value, plain, 2);
}
