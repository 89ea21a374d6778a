import { SingleBar } from 'cli-progress';
import { InvalidArgumentError, printable, shorten } from '../core/base';
import { overallSteps, type TrainingPosition } from '../core/network';
import { cellHost, escapeHtml, type MimeBundle } from './display';
import { liveDisplay } from './figure';
import { formatNumber } from './table';

/** A running count. Its functions do not use `this`: pass `bar.update` as any `onProgress`. */
export interface Progress {
  /** sets the number of finished items, with an optional note about the current one */
  update(done: number, note?: string): void;
  /** adds finished items, default 1 */
  increment(count?: number, note?: string): void;
  /** ends the display; later calls do nothing */
  stop(note?: string): void;
}

/** State of a running count. */
export interface ProgressState {
  label: string;
  done: number;
  /** undefined: not known yet */
  total: number | undefined;
  /** default: items */
  unit?: 'bytes';
  /** without it, no times are shown */
  elapsedSec?: number;
  /** number of items that were finished when the clock started, default 0 */
  before?: number;
  note?: string;
}

/** Minimum time between two updates of an output (ms): each update is a message to the browser. */
const throttleMs = 200;

/**
 * Shows the progress of long work: in a cell as one output that changes, on a terminal as a bar, in a log as one line at the end.
 *
 * @param total - number of items
 * @throws {@link InvalidArgumentError} if `total` is negative or not finite
 * @example
 * ```ts
 * const bar = ser.progress(files.length, 'files');
 * for (const file of files) {
 *   await read(file);
 *   bar.increment();
 * }
 * ```
 */
export function progress(total: number, label: string): Progress {
  if (!(Number.isFinite(total) && total >= 0))
    throw new InvalidArgumentError('total', 'a count of at least 0', total);
  const show = cellHost() ? inCell() : process.stderr.isTTY ? onTerminal() : inLog();
  const started = performance.now();
  let done = 0;
  let stopped = false;
  const state = (note?: string): ProgressState => ({
    label,
    done,
    total,
    elapsedSec: (performance.now() - started) / 1000,
    ...(note !== undefined && { note }),
  });
  const update = (value: number, note?: string): void => {
    if (stopped) return;
    done = value;
    show(state(note), false);
    if (done >= total) stop(note);
  };
  const stop = (note?: string): void => {
    if (stopped) return;
    stopped = true;
    show(state(note), true);
  };
  show(state(), false);
  return {
    update,
    stop,
    increment: (count = 1, note) => {
      update(done + count, note);
    },
  };
}

/**
 * Returns an `onProgress` callback `(done, total)` that shows the {@link progress}, starting with the first call.
 *
 * @example
 * ```ts
 * const set = await ser.extractFeatures(corpora, config, { onProgress: ser.showProgress('features') });
 * ```
 */
export function showProgress(label: string): (done: number, total: number) => void {
  let running: Progress | undefined;
  return (done, total) => {
    running ??= progress(total, label);
    running.update(done);
  };
}

type Show = (state: ProgressState, isLast: boolean) => void;

function inCell(): Show {
  const live = liveDisplay();
  let shownAt = -Infinity;
  return (state, isLast) => {
    const now = performance.now();
    if (!isLast && now - shownAt < throttleMs) return;
    shownAt = now;
    live.update(progressBundle(state));
  };
}

function onTerminal(): Show {
  const bar = terminalBar(process.stderr);
  return (state, isLast) => {
    bar.update(state);
    if (isLast) bar.stop();
  };
}

function inLog(): Show {
  return (state, isLast) => {
    if (isLast) process.stderr.write(`${formatProgress(state)}\n`);
  };
}

/** A bar on a terminal; a new label starts a new bar. */
export interface TerminalBar {
  update: (state: ProgressState) => void;
  stop: () => void;
}

/**
 * Creates a progress bar on a terminal; without a total the bar stays empty and its text counts.
 *
 * @param options.clear - remove the bar when it ends
 */
export function terminalBar(
  stream: NodeJS.WritableStream,
  { clear = false }: { clear?: boolean } = {},
): TerminalBar {
  const bar = new SingleBar({
    format: '{label} [{bar}] {amount}',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: clear,
    stream,
  });
  let current: string | undefined;
  const stop = (): void => {
    bar.stop();
    current = undefined;
  };
  return {
    update: (state) => {
      const { done, total } = state;
      const label = labelText(state);
      const payload = { label, amount: amountText(state) };
      if (label !== current) {
        stop();
        bar.start(total ?? Number.MAX_SAFE_INTEGER, done, payload);
        current = label;
      }
      if (total !== undefined) bar.setTotal(total);
      bar.update(done, payload);
    },
    stop,
  };
}

/** A running count as a bar in HTML and as a line of text. */
export function progressBundle(state: ProgressState): MimeBundle {
  const text = formatProgress(state);
  const total = state.total === undefined ? '' : ` max="${state.total}" value="${state.done}"`;
  return {
    'text/html':
      `<div class="ser-progress"><progress${total} style="vertical-align:middle"></progress> ` +
      `${escapeHtml(text)}</div>`,
    'text/plain': text,
  };
}

/** A running count as a line: `clips: 1,028 of 12,162 in 38 s, 7 min left`, or `RAVDESS: 12.0 of 208.5 MB`. */
export function formatProgress(state: ProgressState): string {
  return `${labelText(state)}: ${amountText(state)}`;
}

/** Labels contain names of corpora and folds. */
const labelText = ({ label }: ProgressState): string => shorten(printable(label), 120);

/** 1 MB is 10^6 bytes. */
function amountText({ done, total, unit, elapsedSec, before = 0, note }: ProgressState): string {
  const format = (value: number): string =>
    unit === 'bytes' ? (value / 1e6).toFixed(1) : formatNumber(value);
  const amount = `${format(done)}${total === undefined ? '' : ` of ${format(total)}`}${unit === 'bytes' ? ' MB' : ''}`;
  const elapsed = elapsedSec === undefined ? '' : ` in ${formatDuration(elapsedSec)}`;
  const secondsEach = (elapsedSec ?? NaN) / (done - before);
  const isTimed = elapsedSec !== undefined && total !== undefined && done > before && done < total;
  const left = isTimed ? `, ${formatDuration(secondsEach * (total - done))} left` : '';
  return `${amount}${elapsed}${left}${note === undefined ? '' : ` · ${shorten(printable(note), 120)}`}`;
}

/** `4.2 s`, `38 s`, `5 min`, `2 h 10 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Progress callbacks of `runExperiment`, `evaluateExperiment` and `compareProtocols`. */
export interface TrainingCallbacks {
  onFeatures: (progress: { done: number; total: number }) => void;
  onProtocol: (place: { protocol: string }) => void;
  onSeed: (place: { seed: number; count: number }) => void;
  onStep: (
    progress: { epoch: number; epochs: number; step: number; steps: number },
    place: TrainingPosition,
  ) => void;
  onSplitEnd: (outcome: unknown, place: TrainingPosition) => void;
}

/**
 * Returns callbacks that show the progress of an experiment in one output of the cell.
 *
 * @example
 * ```ts
 * await ser.compareProtocols(config, protocols, { ...ser.showTraining() });
 * ```
 */
export function showTraining(): TrainingCallbacks {
  const live = liveDisplay();
  let protocolText = '';
  let seedText = '';
  let overall = overallSteps();
  let current = '';
  let started = 0;
  let shownAt = -Infinity;
  const show = (label: string, done: number, total: number): void => {
    const now = performance.now();
    if (label !== current) started = now;
    else if (now - shownAt < throttleMs && done < total) return;
    current = label;
    shownAt = now;
    live.update(progressBundle({ label, done, total, elapsedSec: (now - started) / 1000 }));
  };
  return {
    onFeatures: ({ done, total }) => {
      show('features, clips', done, total);
    },
    onProtocol: ({ protocol }) => {
      protocolText = `${protocol}, `;
    },
    onSeed: ({ seed, count }) => {
      seedText = count > 1 ? `seed ${seed}, ` : '';
      overall = overallSteps();
    },
    onStep: (progress, place) => {
      const { label, done, total } = overall.shown(progress, place);
      show(`${protocolText}${seedText}${label}, training steps`, done, total);
    },
    onSplitEnd: (_outcome, place) => {
      overall.end(place);
    },
  };
}
