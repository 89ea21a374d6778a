import { formatPercent } from '../../core/base';
import { ProbabilityBars } from '../result/probability-bars';
import { verdictOf } from '../result/verdict';
import type { LiveWindow, ModelSummary } from '../worker/protocol';
import type { LiveTimes } from './statistics';

/** The live prediction in words and bars. */
export function LiveView({
  model,
  window,
  threshold,
  isTooQuiet,
  isActive,
}: {
  model: ModelSummary;
  /** the latest; undefined before the first */
  window: LiveWindow | undefined;
  threshold: number;
  isTooQuiet: boolean;
  /** the microphone is on */
  isActive: boolean;
}) {
  const { classes } = model;
  const probabilities = window?.probabilities;
  const verdict = probabilities && verdictOf(classes, probabilities, threshold);
  const state = !window ? (isActive ? 'listening …' : '–') : !verdict ? 'silence' : verdict.label;
  const detail = !window
    ? 'The first prediction comes after half a second.'
    : !verdict
      ? 'The window contains no sound.'
      : verdict.isUnsure
        ? `${verdict.best} is most probable with ${formatPercent(verdict.confidence)}, below ${formatPercent(threshold)}`
        : formatPercent(verdict.confidence);
  const isPlain = verdict !== undefined && !verdict.isUnsure;
  return (
    <div class="live-view">
      <p class={isPlain ? 'verdict' : 'verdict unsure'}>
        <span class="verdict-label">{state}</span>
        <span class="quiet">{detail}</span>
        {isTooQuiet && verdict && (
          <span class="level-warning small">⚠ Too quiet for speech: this prediction is about noise</span>
        )}
      </p>
      <ProbabilityBars classes={classes} probabilities={probabilities} threshold={threshold} />
      <ul class="live-notes small">{verdict && window.notes.map((note) => <li key={note}>{note}</li>)}</ul>
    </div>
  );
}

/** Measured times, for those who want to know how live it is. */
export function StatisticsLine({
  times,
  hopSec,
  inputLatencySec,
  sampleRate,
}: {
  times: LiveTimes | undefined;
  hopSec: number;
  inputLatencySec?: number;
  sampleRate?: number;
}) {
  if (!times) return <p class="statistics">Statistics appear with the first prediction.</p>;
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  const { compute, display, windows } = times;
  return (
    <p class="statistics">
      <span>
        {windows} windows, one every {ms(1000 * hopSec)}
      </span>
      <span>
        computation {ms(compute.median)} (95 %: {ms(compute.p95)})
      </span>
      <span>
        sound to display {ms(display.median)} (95 %: {ms(display.p95)})
      </span>
      {inputLatencySec !== undefined && <span>microphone {ms(1000 * inputLatencySec)}</span>}
      {sampleRate !== undefined && <span>{sampleRate.toLocaleString('en')} Hz</span>}
    </p>
  );
}
