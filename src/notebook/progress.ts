import { SingleBar } from 'cli-progress';
import { InvalidArgumentError } from '../core/base';
import { overallSteps, type TrainingPlace } from '../core/network';
import { cellHost, escapeHtml, type MimeBundle } from './display';
import { liveDisplay } from './figure';
import { formatNumber } from './table';

/** A running count. Its functions need no `this`: hand `bar.update` to any `onProgress`. */
export interface Progress {
  /** how many are done now, and a word on the present one */
  update(done: number, note?: string): void;
  /** so many more are done; 1 if not said */
  increment(count?: number, note?: string): void;
  /** ends it, with a last word; later calls do nothing */
  stop(note?: string): void;
}

/** State of a count, as shown. */
export interface ProgressState {
  label: string;
  done: number;
  total: number;
  elapsedSec: number;
  /** of those done, how many were so when the clock was started; default 0 */
  before?: number;
  note?: string;
}

/** An output is replaced at most so often (ms): each one is a message to the browser. */
const throttleMs = 200;

/**
 * Shows how far long work is: in a cell one output that changes, on a terminal a bar, in a log one line at the end.
 *
 * @param total - how many there are to do
 * @throws {@link InvalidArgumentError} if `total` is negative or not finite
 */
export function progress(total: number, label: string): Progress {
  if (!(Number.isFinite(total) && total >= 0))
    throw new InvalidArgumentError('total', 'a count of at least 0', total);
  const show = cellHost() ? inCell() : process.stderr.isTTY ? onTerminal(total, label) : inLog();
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
 * The same for functions that report `(done, total)`: hand it over as their `onProgress`. It appears with the first
 * report.
 */
export function showProgress(label: string): (done: number, total: number) => void {
  let running: Progress | undefined;
  return (done, total) => {
    running ??= progress(total, label);
    running.update(done);
  };
}

/** A count as a bar in HTML and as a line of text. */
export function progressBundle(state: ProgressState): MimeBundle {
  const text = progressLine(state);
  return {
    'text/html':
      `<div class="ser-progress"><progress max="${state.total}" value="${state.done}" style="vertical-align:middle">` +
      `</progress> ${escapeHtml(text)}</div>`,
    'text/plain': text,
  };
}

function progressLine({ label, done, total, elapsedSec, before = 0, note }: ProgressState): string {
  const secondsEach = elapsedSec / (done - before);
  const left = done > before && done < total ? `, ${duration(secondsEach * (total - done))} left` : '';
  const word = note === undefined ? '' : ` · ${note}`;
  return `${label}: ${formatNumber(done)} of ${formatNumber(total)} in ${duration(elapsedSec)}${left}${word}`;
}

/** `4.2 s`, `38 s`, `5 min`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
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

function onTerminal(total: number, label: string): Show {
  const bar = new SingleBar({
    format: '{label} [{bar}] {value}/{total} {note} ETA {eta} s',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: false,
  });
  bar.start(total, 0, { label, note: '' });
  return ({ done, note = '' }, isLast) => {
    bar.update(done, { note });
    if (isLast) bar.stop();
  };
}

function inLog(): Show {
  return (state, isLast) => {
    if (isLast) process.stderr.write(`${progressLine(state)}\n`);
  };
}

/** What long training reports, as `runExperiment`, `evaluateExperiment` and `compareProtocols` take it. */
export interface TrainingCallbacks {
  onFeatures: (progress: { done: number; total: number }) => void;
  onProtocol: (place: { protocol: string }) => void;
  onSeed: (place: { seed: number; count: number }) => void;
  onStep: (
    progress: { epoch: number; epochs: number; step: number; steps: number },
    place: TrainingPlace,
  ) => void;
  onSplitEnd: (outcome: unknown, place: TrainingPlace) => void;
}

/** The output is replaced at most so often (ms): each time is a message to the browser. */
const trainingThrottleMs = 200;

/**
 * Shows how far an experiment is, in one output of the cell that changes: hand it over among the options,
 * `compareProtocols(config, protocols, { ...showTraining() })`.
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
    else if (now - shownAt < trainingThrottleMs && done < total) return;
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
