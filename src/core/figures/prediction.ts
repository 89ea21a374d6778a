import { type Emotion, formatPercent, InvalidArgumentError } from '../base';
import { protocolText, type UnderProtocol } from '../evaluation';
import type { Figure } from './figure';
import { baseLayout, type Caption, emotionColors, inks, plainAxis, valueAxis } from './theme';

/** The parts of a prediction that the figures show. */
export interface PredictedProbabilities extends UnderProtocol {
  model: string;
  abstained: boolean;
  threshold: number;
  durationSec: number;
  /** sorted, most probable first */
  probabilities: readonly { emotion: Emotion; probability: number }[];
  timeline: readonly {
    startSec: number;
    endSec: number;
    probabilities: readonly { emotion: Emotion; probability: number }[];
  }[];
}

/** The options of {@link predictionFigure} and {@link predictionTimelineFigure}. */
export interface PredictionFigureOptions {
  /** description of the recording, shown below the title */
  source: string;
  title?: string;
}

/**
 * Draws the probability of each emotion, and the threshold below which the model abstains.
 *
 * @throws {@link InvalidArgumentError} if there are no probabilities
 */
export function predictionFigure(
  prediction: PredictedProbabilities,
  options: PredictionFigureOptions,
): Figure {
  const { probabilities, abstained, threshold } = prediction;
  if (probabilities.length === 0)
    throw new InvalidArgumentError('probabilities', 'a list with at least one entry', []);
  const [{ emotion, probability }] = probabilities;
  const title = abstained
    ? `Abstained: ${emotion} has only ${formatPercent(probability)}`
    : `${emotion}, ${formatPercent(probability)}`;
  const names = probabilities.map((one) => one.emotion);
  return {
    data: [
      {
        type: 'bar',
        orientation: 'h',
        x: probabilities.map((one) => 100 * one.probability),
        y: names,
        text: probabilities.map((one) => formatPercent(one.probability)),
        textposition: 'outside',
        cliponaxis: false,
        marker: { color: names.map((name) => emotionColors[name]), opacity: abstained ? 0.5 : 1 },
        hovertemplate: '%{y}: %{x:.1f} %<extra></extra>',
        showlegend: false,
      },
    ],
    layout: baseLayout(caption(prediction, { title, ...options }), {
      height: 150 + 34 * names.length,
      margin: { t: 122 },
      bargap: 0.25,
      showlegend: threshold > 0,
      shapes: [
        {
          type: 'line',
          x0: 100 * threshold,
          x1: 100 * threshold,
          yref: 'paper',
          y0: 0,
          y1: 1,
          line: { color: inks.line, width: 1.75, dash: 'dash' },
          name: `abstains below ${formatPercent(threshold)}`,
          showlegend: true,
          visible: threshold > 0,
        },
      ],
      xaxis: valueAxis('Probability (%)', { range: [0, 108], tickvals: [0, 20, 40, 60, 80, 100] }),
      yaxis: plainAxis('Emotion', { range: [names.length - 0.5, -0.5], ticks: '', ticklabelstandoff: 8 }),
    }),
  };
}

/**
 * Draws the probabilities over the course of a recording: one stacked bar per window, at the middle of the window. Gaps are
 * passages that no window covers.
 *
 * @throws {@link InvalidArgumentError} if the timeline is empty
 */
export function predictionTimelineFigure(
  prediction: PredictedProbabilities,
  options: PredictionFigureOptions,
): Figure {
  const { timeline, probabilities, durationSec } = prediction;
  if (timeline.length === 0)
    throw new InvalidArgumentError('timeline', 'a list with at least one window', []);
  const [{ startSec, endSec }] = timeline;
  const hops = timeline.slice(1).map((entry, i) => entry.startSec - timeline[i].startSec);
  const width = Math.min(endSec - startSec, ...hops);
  const middles = timeline.map((entry) => (entry.startSec + entry.endSec) / 2);
  return {
    data: probabilities.map(({ emotion }) => ({
      type: 'bar',
      name: emotion,
      x: middles,
      y: timeline.map(
        (entry) => 100 * (entry.probabilities.find((one) => one.emotion === emotion)?.probability ?? 0),
      ),
      width: middles.map(() => width),
      marker: { color: emotionColors[emotion], line: { width: 0 } },
      hovertemplate: `${emotion}, %{x:.1f} s: %{y:.1f} %<extra></extra>`,
    })),
    layout: baseLayout(caption(prediction, { title: 'Emotions over the recording', ...options }), {
      height: 400,
      margin: { t: 122 },
      barmode: 'stack',
      bargap: 0,
      xaxis: valueAxis(`Time (s), middle of a window of ${Number((endSec - startSec).toFixed(2))} s`, {
        range: [0, durationSec],
        showgrid: false,
      }),
      yaxis: valueAxis('Probability (%)', { range: [0, 100] }),
    }),
  };
}

function caption(
  { model, ...under }: PredictedProbabilities,
  { title, source }: { title: string; source: string },
): Caption {
  return { title, source: `${source} · model ${model}`, protocol: `scored under ${protocolText(under)}` };
}
