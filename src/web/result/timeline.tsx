import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Surface, timeTicks, useCanvas } from './canvas';
import { formatTime, type Piece, verdictOf } from './classes';
import { classColor } from '../../core/figures';

/** The timeline of a recording with its player. Clicking into the timeline moves the player. */
export function PlayableTimeline({
  classes,
  pieces,
  envelope,
  durationSec,
  threshold,
  audio,
  summary,
}: {
  classes: readonly string[];
  pieces: readonly Piece[];
  envelope: Float32Array;
  durationSec: number;
  threshold: number;
  /** what the player plays */
  audio: Blob;
  /** the timeline in words, for screen readers */
  summary: string;
}) {
  const player = useRef<HTMLAudioElement>(null);
  const cursorSec = useRef(0);
  const [address, setAddress] = useState('');
  useEffect(() => {
    const created = URL.createObjectURL(audio);
    setAddress(created);
    return () => {
      URL.revokeObjectURL(created);
    };
  }, [audio]);

  const draw = useCallback(
    (surface: Parameters<typeof drawTimeline>[0]) => {
      drawTimeline(surface, {
        classes,
        pieces,
        envelope,
        fromSec: 0,
        toSec: durationSec,
        cursorSec: cursorSec.current,
        threshold,
      });
    },
    [classes, pieces, envelope, durationSec, threshold],
  );
  const [canvas, redraw] = useCanvas(draw);

  useEffect(() => {
    const element = player.current;
    if (!element) return undefined;
    let frame = 0;
    const follow = (): void => {
      cursorSec.current = element.currentTime;
      redraw();
      cancelAnimationFrame(frame);
      if (!element.paused) frame = requestAnimationFrame(follow);
    };
    const events = ['play', 'pause', 'seeked', 'seeking', 'timeupdate', 'ended'];
    for (const name of events) element.addEventListener(name, follow);
    return () => {
      for (const name of events) element.removeEventListener(name, follow);
      cancelAnimationFrame(frame);
    };
  }, [redraw]);

  const seek = ({ offsetX, currentTarget }: MouseEvent): void => {
    const { clientWidth } = currentTarget as HTMLCanvasElement;
    const share = (offsetX - timelineMargin) / (clientWidth - timelineMargin);
    if (player.current && share >= 0) player.current.currentTime = share * durationSec;
  };
  return (
    <div class="stack-small">
      {/* The player has controls for the keyboard; a click is a shortcut. */}
      <canvas
        ref={canvas}
        class="timeline"
        role="img"
        aria-label={summary}
        style={{ height: `${timelineHeight(classes.length, true)}px` }}
        onClick={seek}
      />
      <audio
        ref={player}
        controls
        preload="metadata"
        {...(address !== '' && { src: address })}
        aria-label={`Player, ${formatTime(durationSec)}`}
      />
    </div>
  );
}

/** What {@link drawTimeline} shows. */
export interface TimelineView {
  classes: readonly string[];
  pieces: readonly Piece[];
  /** largest magnitudes of equal parts of the recording, 0 to 1; undefined: no waveform */
  envelope?: Float32Array;
  /** the visible time */
  fromSec: number;
  toSec: number;
  /** position of the player */
  cursorSec?: number;
  threshold: number;
}

const waveHeight = 56;
const bandHeight = 26;
const rowHeight = 24;
const axisHeight = 22;
const gap = 8;
/** Width of the names of the classes. */
const timelineMargin = 76;

/** Height of a timeline, CSS pixels. */
export function timelineHeight(classes: number, hasWaveform: boolean): number {
  return (hasWaveform ? waveHeight + gap : 0) + bandHeight + gap + classes * rowHeight + axisHeight;
}

/**
 * Draws a recording over time: its waveform, a band with the most probable class of each piece, and a row per class, in which the height
 * of the area is the probability.
 */
export function drawTimeline(surface: Surface, view: TimelineView): void {
  const { context, width, color } = surface;
  const { classes, pieces, envelope, fromSec, toSec, cursorSec } = view;
  const scale = (width - timelineMargin - 1) / (toSec - fromSec);
  const x = (sec: number): number => timelineMargin + (sec - fromSec) * scale;
  const visible = pieces.filter(({ startSec, endSec }) => endSec > fromSec && startSec < toSec);
  let top = 0;
  context.textBaseline = 'middle';
  if (envelope) {
    label(surface, 'waveform', top + waveHeight / 2);
    drawEnvelope(surface, envelope, top);
    top += waveHeight + gap;
  }
  label(surface, 'predicted', top + bandHeight / 2);
  const spans = mergedSpans(visible, view);
  for (const span of spans)
    drawSpan(surface, span, { left: x(span.startSec), right: x(span.endSec), top }, classes);
  top += bandHeight + gap;
  const rowsTop = top;
  for (const [k, name] of classes.entries()) {
    label(surface, name, top + rowHeight / 2);
    context.fillStyle = classColor(name, classes);
    for (const { startSec, endSec, probabilities } of visible) {
      const height = (rowHeight - 3) * (probabilities?.[k] ?? 0);
      const [left, right] = [Math.max(timelineMargin, x(startSec)), Math.min(width, x(endSec))];
      context.fillRect(left, top + rowHeight - 1 - height, right - left, height);
    }
    context.fillStyle = color('line');
    context.fillRect(timelineMargin, top + rowHeight - 1, width - timelineMargin, 1);
    top += rowHeight;
  }
  context.fillStyle = color('quiet');
  context.textAlign = 'center';
  for (const tick of timeTicks(fromSec, toSec, width - timelineMargin)) {
    context.globalAlpha = 0.35;
    context.fillRect(x(tick), rowsTop, 1, top - rowsTop);
    context.globalAlpha = 1;
    const text = formatTime(tick, tick % 1 === 0 ? 0 : 1);
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(width - half, x(tick)), top + axisHeight / 2 + 2);
  }
  if (cursorSec !== undefined && cursorSec >= fromSec && cursorSec <= toSec) {
    context.fillStyle = color('text');
    context.fillRect(x(cursorSec) - 1, 0, 2, top);
  }
}

function label({ context, color }: Surface, text: string, y: number): void {
  context.fillStyle = color('quiet');
  context.textAlign = 'left';
  context.fillText(fitted(context, text, timelineMargin - 8), 0, y);
}

function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 0 && context.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return length > 0 ? `${text.slice(0, length)}…` : '';
}

function drawEnvelope({ context, width, color }: Surface, envelope: Float32Array, top: number): void {
  const middle = top + waveHeight / 2;
  context.fillStyle = color('accent');
  const pixels = width - timelineMargin;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const first = Math.floor((pixel / pixels) * envelope.length);
    const end = Math.max(first + 1, Math.floor(((pixel + 1) / pixels) * envelope.length));
    let peak = 0;
    for (let i = first; i < end; i++) peak = Math.max(peak, envelope[i]);
    const half = Math.max(0.5, (Math.min(1, peak) * (waveHeight - 4)) / 2);
    context.fillRect(timelineMargin + pixel, middle - half, 1, 2 * half);
  }
}

interface Span {
  startSec: number;
  endSec: number;
  /** a class, `unsure` or `silence` */
  label: string;
}

/** Neighbouring pieces with the same label, merged. */
function mergedSpans(pieces: readonly Piece[], { classes, threshold }: TimelineView): Span[] {
  const spans: Span[] = [];
  for (const { startSec, endSec, probabilities } of pieces) {
    const own = probabilities ? verdictOf(classes, probabilities, threshold).label : 'silence';
    const last = spans.at(-1);
    if (last?.label === own) last.endSec = endSec;
    else spans.push({ startSec, endSec, label: own });
  }
  return spans;
}

/** A class is a coloured box with its name; unsure is hatched; silence is empty. */
function drawSpan(
  { context, width, color }: Surface,
  { label: name }: Span,
  place: { left: number; right: number; top: number },
  classes: readonly string[],
): void {
  const [left, right] = [Math.max(timelineMargin, place.left), Math.min(width, place.right)];
  const size = Math.max(1, right - left - 1);
  const isClass = classes.includes(name);
  context.save();
  context.beginPath();
  context.rect(left, place.top, size, bandHeight);
  context.clip();
  if (isClass) {
    context.fillStyle = color('surface');
    context.fillRect(left, place.top, size, bandHeight);
    context.globalAlpha = 0.38;
    context.fillStyle = classColor(name, classes);
    context.fillRect(left, place.top, size, bandHeight);
    context.globalAlpha = 1;
    context.fillRect(left, place.top + bandHeight - 4, size, 4);
  } else if (name === 'unsure') {
    context.strokeStyle = color('line');
    context.lineWidth = 1.5;
    context.beginPath();
    for (let at = left - bandHeight; at < right; at += 7) {
      context.moveTo(at, place.top + bandHeight);
      context.lineTo(at + bandHeight, place.top);
    }
    context.stroke();
  }
  context.fillStyle = isClass ? color('text') : color('quiet');
  context.textAlign = 'left';
  const text = fitted(context, name, size - 8);
  if (text === name || text.length > 2)
    context.fillText(text, left + 5, place.top + bandHeight / 2 - (isClass ? 1 : 0));
  context.restore();
}
