import type { Ref } from 'preact';
import { useCallback, useEffect, useImperativeHandle, useRef } from 'preact/hooks';
import { formatPercent, median, quantile } from '../../core/base';
import { useCanvas } from '../result/canvas';
import { type Piece, verdictOf } from '../result/classes';
import { ProbabilityBars } from '../result/prediction-result';
import { drawTimeline, timelineHeight } from '../result/timeline';
import type { LiveWindow, ModelSummary, SpectrogramColumns } from '../worker/protocol';

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
          <span class="level-warning small">⚠ Too quiet for speech: this prediction is based on noise</span>
        )}
      </p>
      <ProbabilityBars classes={classes} probabilities={probabilities} threshold={threshold} />
      <ul class="live-notes small">{verdict && window.notes.map((note) => <li key={note}>{note}</li>)}</ul>
    </div>
  );
}

/** Measured latency of the live predictions. */
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

/** Number of windows that the statistics cover: the last minute. */
const most = 240;

/** Times of the last live predictions, ms. */
export interface LiveTimes {
  windows: number;
  compute: { median: number; p95: number };
  /** from the arrival of the last sample of a window to its display */
  display: { median: number; p95: number };
}

/** Collects the times of live predictions. */
export class LiveStatistics {
  private readonly compute: number[] = [];
  private readonly display: number[] = [];
  private count = 0;

  /** @param shownMs - when the prediction was displayed, ms since 1970 */
  add({ computeMs, arrivedMs }: LiveWindow, shownMs: number): void {
    this.count++;
    this.compute.push(computeMs);
    this.display.push(shownMs - arrivedMs);
    for (const times of [this.compute, this.display]) if (times.length > most) times.shift();
  }

  /** undefined before the first prediction */
  get times(): LiveTimes | undefined {
    if (this.count === 0) return undefined;
    const summary = (values: readonly number[]) => {
      const sorted = [...values].sort((a, b) => a - b);
      return { median: median(sorted), p95: quantile(sorted, 0.95) };
    };
    return { windows: this.count, compute: summary(this.compute), display: summary(this.display) };
  }
}

/** Visible time, seconds. */
const visibleSec = 10;
/** Range of levels that the colours show, dBFS. */
const lowestDb = -90;
const highestDb = -10;

/** matplotlib's magma at nine points (van der Walt and Smith 2015). */
const palette = [
  [0, 0, 4],
  [28, 16, 68],
  [79, 18, 123],
  [129, 37, 129],
  [181, 54, 122],
  [229, 89, 100],
  [251, 135, 97],
  [254, 194, 135],
  [252, 253, 191],
];

/** Draws the columns that arrive. */
export interface SpectrogramHandle {
  append: (columns: SpectrogramColumns) => void;
  clear: () => void;
}

/** The log-mel spectrogram of the last ten seconds; new columns enter at the right. */
export function Spectrogram({ handle }: { handle: Ref<SpectrogramHandle> }) {
  const image = useRef<{ canvas: OffscreenCanvas; filled: number; stepSec: number } | undefined>(undefined);
  const draw = useCallback(
    ({ context, width, height, color }: Parameters<Parameters<typeof useCanvas>[0]>[0]) => {
      context.fillStyle = color('spectrogram');
      context.fillRect(0, 0, width, height);
      if (!image.current) return;
      const { canvas, filled, stepSec } = image.current;
      const columns = Math.min(filled, Math.round(visibleSec / stepSec), canvas.width);
      const drawn = (width * columns * stepSec) / visibleSec;
      context.imageSmoothingEnabled = false;
      context.drawImage(
        canvas,
        canvas.width - columns,
        0,
        columns,
        canvas.height,
        width - drawn,
        0,
        drawn,
        height,
      );
    },
    [],
  );
  const [canvas, redraw] = useCanvas(draw);
  useImperativeHandle(
    handle,
    () => ({
      append: (columns) => {
        const { bands, stepSec } = columns;
        const known = image.current;
        const isSame = known?.stepSec === stepSec && known.canvas.height === bands;
        const current = isSame
          ? known
          : {
              canvas: new OffscreenCanvas(Math.ceil(visibleSec / stepSec), bands),
              filled: 0,
              stepSec,
            };
        image.current = current;
        current.filled += paint(current.canvas, columns);
        redraw();
      },
      clear: () => {
        image.current = undefined;
        redraw();
      },
    }),
    [redraw],
  );
  useEffect(() => redraw, [redraw]);
  return (
    <canvas
      ref={canvas}
      class="spectrogram"
      role="img"
      aria-label={`Log-mel spectrogram of the last ${visibleSec} seconds, 0 to 8 kHz`}
    />
  );
}

/** Moves the image to the left and paints the new columns at the right. @returns the number of columns */
function paint(canvas: OffscreenCanvas, { data, bands }: SpectrogramColumns): number {
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const columns = data.length / bands;
  const pixels = new ImageData(columns, bands);
  for (let column = 0; column < columns; column++) {
    for (let band = 0; band < bands; band++) {
      const db = data[column * bands + band];
      const place = Math.min(1, Math.max(0, (db - lowestDb) / (highestDb - lowestDb))) * (palette.length - 1);
      const [low, high] = [palette[Math.floor(place)], palette[Math.ceil(place)]];
      const at = 4 * ((bands - 1 - band) * columns + column);
      for (let c = 0; c < 3; c++) pixels.data[at + c] = low[c] + (high[c] - low[c]) * (place % 1);
      pixels.data[at + 3] = 255;
    }
  }
  context.drawImage(canvas, -columns, 0);
  context.putImageData(pixels, canvas.width - columns, 0);
  return columns;
}

/** Draws live predictions as they arrive. */
export interface LiveTimelineHandle {
  append: (piece: Piece) => void;
  clear: () => void;
}

/** The predictions of the last ten seconds. */
export function LiveTimeline({
  handle,
  classes,
  threshold,
}: {
  handle: Ref<LiveTimelineHandle>;
  classes: readonly string[];
  threshold: number;
}) {
  const pieces = useRef<Piece[]>([]);
  const draw = useCallback(
    (surface: Parameters<typeof drawTimeline>[0]) => {
      // The newest is at the right, as in the spectrogram.
      const toSec = pieces.current.at(-1)?.endSec ?? visibleSec;
      drawTimeline(surface, {
        classes,
        pieces: pieces.current,
        fromSec: toSec - visibleSec,
        toSec,
        threshold,
      });
    },
    [classes, threshold],
  );
  const [canvas, redraw] = useCanvas(draw);
  useImperativeHandle(
    handle,
    () => ({
      append: (piece) => {
        pieces.current = [
          ...pieces.current.filter(({ endSec }) => endSec > piece.endSec - 2 * visibleSec),
          piece,
        ];
        redraw();
      },
      clear: () => {
        pieces.current = [];
        redraw();
      },
    }),
    [redraw],
  );
  return (
    <canvas
      ref={canvas}
      class="timeline"
      role="img"
      aria-label={`Predictions of the last ${visibleSec} seconds`}
      style={{ height: `${timelineHeight(classes.length, false)}px` }}
    />
  );
}
