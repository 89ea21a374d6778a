import type { Waveform } from '../audio';
import { type Emotion, formatPercent, InvalidArgumentError } from '../base';
import { type Envelope, waveformEnvelope } from './envelope';
import type { Annotation, Axis, Figure, Trace } from './figure';
import { caption, type PredictedProbabilities, type PredictionFigureOptions } from './prediction';
import { baseLayout, classColor, fills, inks, plainAxis, valueAxis } from './theme';

/** The options of {@link emotionTimelineFigure}. */
export interface EmotionTimelineOptions extends PredictionFigureOptions {
  /** the recording, or its envelope if it is too long for memory; without it, the figure has no waveform */
  waveform?: Waveform | Envelope;
}

/** Heights in pixels, from top to bottom. */
const [waveHeight, bandHeight, laneHeight, gap] = [92, 26, 34, 12];
const [marginTop, marginBottom] = [126, 76];
/** Shorter pauses, as a share of the recording, are not shaded: the figure of a long recording would be full of stripes. */
const shadedShare = 0.004;
/** A segment gets a label if its name fits: width of a character and of the padding, as shares of the plot. */
const [characterShare, paddingShare] = [0.0088, 0.012];
const width = 900;

/**
 * Draws the course of a recording: waveform, segments, and the probability of each emotion over time in a lane of its own, so that
 * position, not only colour, tells the emotions apart. The line of a lane connects the middles of the windows; it is drawn only where
 * the recording is not silent. A thick bar below it marks the segments with this emotion.
 *
 * @throws {@link InvalidArgumentError} if there are no segments
 * @example
 * ```ts
 * emotionTimelineFigure(await predictor.predict('interview.wav'), { source: 'interview.wav' });
 * ```
 */
export function emotionTimelineFigure(
  prediction: PredictedProbabilities,
  { waveform, ...options }: EmotionTimelineOptions,
): Figure {
  const { segments, probabilities, durationSec, threshold } = prediction;
  if (segments.length === 0)
    throw new InvalidArgumentError('segments', 'a list with at least one segment', []);
  const emotions = probabilities.map(({ emotion }) => emotion).toSorted();
  const labels = [...emotions, 'unsure', 'silence'] as const;
  const present = labels.filter((label) => segments.some((segment) => segment.label === label));

  const plotHeight = (waveform ? waveHeight + gap : 0) + bandHeight + gap + emotions.length * laneHeight;
  let top = 0;
  const nextDomain = (height: number): [number, number] => {
    const domain: [number, number] = [
      Math.max(0, 1 - (top + height) / plotHeight),
      Math.min(1, 1 - top / plotHeight),
    ];
    top += height;
    return domain;
  };
  const axes: Record<string, Axis> = {};
  const data: Trace[] = [];
  const annotations: Annotation[] = [];

  if (waveform) {
    const { timeSec, amplitude } = 'samples' in waveform ? waveformEnvelope(waveform) : waveform;
    const limit = Math.max(
      0.01,
      1.08 * amplitude.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    );
    axes.yaxis2 = valueAxis('Amplitude', {
      domain: nextDomain(waveHeight),
      range: [-limit, limit],
      nticks: 3,
      showgrid: false,
      zeroline: true,
      zerolinecolor: inks.axis,
      zerolinewidth: 1,
    });
    top += gap;
    data.push({
      type: 'scatter',
      mode: 'lines',
      x: timeSec,
      y: amplitude,
      yaxis: 'y2',
      line: { color: inks.mark, width: 0.8 },
      hovertemplate: '%{x:.2f} s: %{y:.3f}<extra></extra>',
      showlegend: false,
    });
  }

  axes.yaxis3 = plainAxis('', {
    domain: nextDomain(bandHeight),
    range: [0, 1],
    tickvals: [0.5],
    ticktext: ['segments'],
    ticks: '',
    ticklabelstandoff: 6,
    showline: false,
    fixedrange: true,
  });
  top += gap;
  for (const label of present) {
    const own = segments.filter((segment) => segment.label === label);
    data.push({
      type: 'bar',
      name: label,
      x: own.map(({ startSec, endSec }) => (startSec + endSec) / 2),
      y: own.map(() => (label === 'silence' ? thin : 1)),
      base: own.map(() => (label === 'silence' ? (1 - thin) / 2 : 0)),
      width: own.map(({ startSec, endSec }) => endSec - startSec),
      yaxis: 'y3',
      marker: markerOf(label, emotions),
      customdata: own.map(({ startSec, endSec, probabilities: [first] }) => [
        startSec.toFixed(2),
        endSec.toFixed(2),
        label === 'silence' ? '' : `${first.emotion} ${formatPercent(first.probability)}`,
      ]),
      hovertemplate: `${label}, %{customdata[0]} to %{customdata[1]} s<br>%{customdata[2]}<extra></extra>`,
    });
  }
  for (const { startSec, endSec, label } of segments) {
    const share = (endSec - startSec) / durationSec;
    if (label === 'silence' || share < label.length * characterShare + paddingShare) continue;
    annotations.push({
      text: label,
      x: (startSec + endSec) / 2,
      y: 0.5,
      yref: 'y3',
      showarrow: false,
      font: { size: 12, color: inks.text },
      bgcolor: `${inks.ground}d1`,
      borderpad: 1,
    });
  }

  for (const [i, emotion] of emotions.entries()) {
    const id = String(4 + i);
    axes[`yaxis${id}`] = plainAxis('', {
      domain: nextDomain(laneHeight),
      // Below 0 is the place of the bar that marks the segments.
      range: [-18, 108],
      tickvals: [45],
      ticktext: [emotion],
      ticks: '',
      ticklabelstandoff: 6,
      showline: false,
      fixedrange: true,
    });
    data.push(...laneOf(prediction, emotion, { yaxis: `y${id}`, color: classColor(emotion, emotions) }));
    if (present.includes(emotion)) data.push(marksOf(segments, emotion, `y${id}`));
  }
  annotations.push({
    text: [
      `Each lane: probability of an emotion, 0 to 100 %${threshold > 0 ? `; unsure below ${formatPercent(threshold)}` : ''}.`,
      'Black bars: segments with this emotion.',
      ...(waveform ? ['Amplitude: 1 is full scale.'] : []),
    ].join(' '),
    ...{ x: 0, y: 0, xref: 'paper', yref: 'paper', xanchor: 'left', yanchor: 'top', yshift: -46 },
    showarrow: false,
    font: { size: 11.5, color: inks.quiet },
  });

  return {
    data,
    layout: baseLayout(caption(prediction, { title: 'Emotions over the recording', ...options }), {
      width,
      height: marginTop + plotHeight + marginBottom,
      margin: { t: marginTop, l: 92, b: marginBottom },
      barmode: 'overlay',
      bargap: 0,
      shapes: segments
        .filter(
          ({ label, startSec, endSec }) =>
            label === 'silence' && endSec - startSec >= shadedShare * durationSec,
        )
        .map(({ startSec, endSec }) => ({
          type: 'rect',
          x0: startSec,
          x1: endSec,
          yref: 'paper',
          y0: 0,
          y1: 1,
          fillcolor: fills.silence,
          line: { width: 0 },
          layer: 'below',
        })),
      annotations,
      xaxis: valueAxis(durationSec < 120 ? 'Time (s)' : 'Time (min:s)', {
        range: [0, durationSec],
        showgrid: false,
        anchor: 'free',
        position: 0,
        ...(durationSec >= 120 && minuteTicks(durationSec)),
      }),
      ...axes,
    }),
  };
}

/** Height of silence in the row of segments, which has height 1. */
const thin = 0.25;

/** Colour and pattern of a segment. Silence is a thin bar and uncertainty is hatched, so that they differ without colour. */
function markerOf(
  label: Emotion | 'unsure' | 'silence',
  emotions: readonly Emotion[],
): Record<string, unknown> {
  const line = { width: 0 };
  if (label === 'silence') return { color: inks.unknown, line };
  if (label === 'unsure')
    return { color: '#ffffff', line, pattern: { shape: '/', fgcolor: inks.quiet, size: 6, solidity: 0.25 } };
  return { color: classColor(label, emotions), line };
}

/** The probability of an emotion over time, with gaps in silence. */
function laneOf(
  { timeline, segments }: PredictedProbabilities,
  emotion: Emotion,
  { yaxis, color }: { yaxis: string; color: string },
): Trace[] {
  const middles = timeline.map(({ startSec, endSec }) => (startSec + endSec) / 2);
  const values = timeline.map(
    ({ probabilities }) => 100 * (probabilities.find((one) => one.emotion === emotion)?.probability ?? 0),
  );
  const valueAt = createInterpolation(middles, values);
  const x: number[] = [];
  const y: (number | null)[] = [];
  let next = 0;
  for (const [i, { startSec, endSec, label }] of segments.entries()) {
    while (next < middles.length && middles[next] <= startSec) next++;
    if (label === 'silence') {
      x.push(startSec, endSec);
      y.push(null, null);
      continue;
    }
    if (i === 0 || segments[i - 1].label === 'silence') {
      x.push(startSec);
      y.push(valueAt(startSec));
    }
    for (; next < middles.length && middles[next] < endSec; next++) {
      x.push(middles[next]);
      y.push(values[next]);
    }
    if (i + 1 === segments.length || segments[i + 1].label === 'silence') {
      x.push(endSec);
      y.push(valueAt(endSec));
    }
  }
  const common = { type: 'scatter', mode: 'lines', name: emotion, x, yaxis, showlegend: false };
  const area = { fill: 'tozeroy', fillcolor: `${color}40`, line: { width: 0 } };
  return [
    // Plotly would fill the gaps of the line, too.
    { ...common, ...area, y: y.map((value) => value ?? 0), hoverinfo: 'skip' },
    {
      ...common,
      y,
      line: { color, width: 1.2 },
      connectgaps: false,
      hovertemplate: `${emotion}, %{x:.1f} s: %{y:.1f} %<extra></extra>`,
    },
  ];
}

/** Bars at the bottom of a lane where a segment has its emotion. */
function marksOf(segments: PredictedProbabilities['segments'], emotion: Emotion, yaxis: string): Trace {
  const own = segments.filter(({ label }) => label === emotion);
  return {
    type: 'bar',
    name: emotion,
    x: own.map(({ startSec, endSec }) => (startSec + endSec) / 2),
    y: own.map(() => 12),
    base: own.map(() => -16),
    width: own.map(({ startSec, endSec }) => endSec - startSec),
    yaxis,
    marker: { color: inks.text, line: { width: 0 } },
    hoverinfo: 'skip',
    showlegend: false,
  };
}

/** Linear between points, constant outside. Its calls must be in order of time. */
function createInterpolation(xs: readonly number[], ys: readonly number[]): (x: number) => number {
  let at = 0;
  return (x) => {
    while (at + 1 < xs.length && xs[at + 1] < x) at++;
    if (x <= xs[at] || at + 1 === xs.length) return ys[at] ?? 0;
    return ys[at] + ((ys[at + 1] - ys[at]) * (x - xs[at])) / (xs[at + 1] - xs[at]);
  };
}

/** About ten ticks at whole minutes, or at 15 or 30 seconds, as `min:s`. */
function minuteTicks(durationSec: number): Pick<Axis, 'tickvals' | 'ticktext'> {
  const step = [15, 30, 60, 120, 300, 600, 900].find((sec) => durationSec / sec <= 12) ?? 1800;
  const tickvals = Array.from({ length: Math.floor(durationSec / step) + 1 }, (_, i) => i * step);
  const ticktext = tickvals.map((sec) => `${Math.floor(sec / 60)}:${String(sec % 60).padStart(2, '0')}`);
  return { tickvals, ticktext };
}
