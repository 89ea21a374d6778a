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
  /** windows, which may overlap */
  timeline: readonly {
    startSec: number;
    endSec: number;
    probabilities: readonly { emotion: Emotion; probability: number }[];
  }[];
  /** without gap or overlap */
  segments: readonly {
    startSec: number;
    endSec: number;
    label: Emotion | 'unsure' | 'silence';
    probabilities: readonly { emotion: Emotion; probability: number }[];
  }[];
}

/** The options of {@link predictionFigure}. */
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

/** Title and subtitle of a figure of a prediction: recording, model, and the protocol of its scores. */
export function caption(
  { model, ...under }: PredictedProbabilities,
  { title, source }: { title: string; source: string },
): Caption {
  return { title, source: `${source} · model ${model}`, protocol: `scored under ${protocolText(under)}` };
}
