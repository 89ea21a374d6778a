import { countOf, type Emotion, formatPercent, InvalidArgumentError } from '../base';
import {
  type Faithfulness,
  type Occlusion,
  percentagePoints,
  protocolText,
  type UnderProtocol,
} from '../evaluation';
import { type Figure, labelsOf, literal } from './figure';
import { spectrogramAxis, type SpectrogramScale, spectrogramTrace } from './spectrograms';
import { baseLayout, type Caption, classColor, colorBar, inks, plainAxis, valueAxis } from './theme';

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
        marker: { color: names.map((name) => classColor(name, names)), opacity: abstained ? 0.5 : 1 },
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

/** The options of {@link occlusionMapFigure}. */
export interface OcclusionMapOptions extends SpectrogramScale {
  /** description of the clip, shown below the title */
  source: string;
  /** protocol under which the explained model was evaluated */
  protocol: UnderProtocol;
  /** the explained emotion */
  emotion: string;
  title?: string;
  /** title of the colour bar of the input; `scaled` by default */
  valueTitle?: string;
}

/** Blue: the probability rises when covered; orange: it falls. */
const divergingScale = [
  [0, '#2166ac'],
  [0.25, '#92c5de'],
  [0.5, '#f7f7f7'],
  [0.75, '#f4a582'],
  [1, '#b2510c'],
] as const;

/**
 * Draws which parts of a clip a prediction depends on: above, the input of the model; below, how much the probability of the
 * emotion falls when a time window × group of coefficients is covered.
 *
 * @param row - the occluded input, shape [frames, coefficients]
 * @throws {@link InvalidArgumentError} if the row does not have the occlusion's shape
 */
export function occlusionMapFigure(
  row: Float32Array,
  { drop, probability, windows, groups, shape }: Occlusion,
  { source, protocol, emotion, title, valueTitle = 'scaled', ...scale }: OcclusionMapOptions,
): Figure {
  const [frames, coefficients] = shape;
  if (row.length !== frames * coefficients) {
    throw new InvalidArgumentError('row', `${frames} × ${coefficients} values`, row.length);
  }
  const frameSec = (scale.hopLength ?? 512) / scale.sampleRate;
  const range = [0, frames * frameSec];
  // At least a tenth of a point, so that rounding errors stay colourless.
  const limit = Math.max(0.1, ...drop.map((value) => 100 * Math.abs(value)));
  const lower = Math.min(0.6, 0.2 + 0.03 * groups.length);
  const height = 560;
  return {
    data: [
      {
        ...spectrogramTrace({ data: row, shape }, scale, { decimals: 2 }),
        // Centres the cells, so that both panels have the same edges.
        x0: frameSec / 2,
        colorbar: { ...colorBar(literal(valueTitle, 30)), len: 0.9 - lower, y: 1, yanchor: 'top' },
        hovertemplate: '%{x:.2f} s: %{z}<extra></extra>',
      },
      {
        type: 'heatmap',
        x: [...windows.map(({ from }) => from * frameSec), windows[windows.length - 1].to * frameSec],
        y: groups.map((_, k) => k),
        z: groups.map((_, k) => windows.map((__, window) => 100 * drop[window * groups.length + k])),
        zmin: -limit,
        zmax: limit,
        colorscale: divergingScale,
        xgap: 1,
        ygap: 1,
        xaxis: 'x',
        yaxis: 'y2',
        colorbar: { ...colorBar('drop (points)'), len: lower, y: lower, yanchor: 'top' },
        customdata: groups.map(({ name }) => windows.map(() => literal(name))),
        hovertemplate: '%{customdata}, %{x:.2f} s: %{z:.1f} points<extra></extra>',
      },
    ],
    layout: baseLayout(
      {
        title: title ?? `What “${emotion}” depends on (${formatPercent(probability)} with nothing covered)`,
        source,
        protocol: protocolText(protocol),
      },
      {
        width: 800,
        height,
        xaxis: valueAxis('Time (s)', { range, showgrid: false, anchor: 'y2' }),
        yaxis: { ...spectrogramAxis(coefficients, scale), domain: [lower + 0.08, 1] },
        yaxis2: plainAxis('Covered', {
          domain: [0, lower],
          range: [-0.5, groups.length - 0.5],
          tickvals: groups.map((_, k) => k),
          ticktext: labelsOf(groups.map(({ name }) => name)),
          tickfont: { size: 11 },
          ticks: '',
          showline: false,
          ticklabelstandoff: 4,
        }),
      },
    ),
  };
}

/** The options of {@link deletionCurvesFigure}. */
export interface DeletionCurvesOptions {
  /** description of the clips, shown below the title */
  source: string;
  /** protocol under which the explained model was evaluated */
  protocol: UnderProtocol;
  title?: string;
}

/**
 * Draws the faithfulness of an explanation: how fast the probability falls when cells are covered in order of importance, compared
 * with random order. The larger the shaded area, the more informative the explanation.
 */
export function deletionCurvesFigure(
  { removed, important, random, areas, meanArea, pValue }: Faithfulness,
  { source, protocol, title = 'Is the explanation faithful to the model?' }: DeletionCurvesOptions,
): Figure {
  const x = Array.from(removed, (share) => 100 * share);
  const percent = (values: Float64Array): number[] => Array.from(values, (value) => 100 * value);
  const line = (name: string, values: Float64Array, color: string): Figure['data'][number] => ({
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x,
    y: percent(values),
    line: { color, width: 2.25 },
    marker: { size: 5, color },
    hovertemplate: '%{x:.0f} % covered: %{y:.1f} %<extra></extra>',
  });
  const rows = countOf(areas.length, 'row');
  return {
    data: [
      line('random order', random, inks.mark),
      {
        ...line('most important first', important, inks.line),
        fill: 'tonexty',
        fillcolor: `${inks.line}1f`,
      },
    ],
    layout: baseLayout(
      { title, source, protocol: protocolText(protocol) },
      {
        height: 430,
        margin: { t: 118 },
        annotations: [
          {
            text: `area between the curves ${percentagePoints(meanArea)} points, mean of ${rows}<br>p ${pValue < 0.001 ? '< 0.001' : `= ${pValue.toFixed(3)}`} (signs flipped, one-sided)`,
            x: 1,
            y: 1,
            xref: 'paper',
            yref: 'paper',
            xanchor: 'right',
            yanchor: 'top',
            align: 'right',
            showarrow: false,
            font: { size: 12, color: inks.quiet },
          },
        ],
        xaxis: valueAxis('Cells covered (%)', { range: [0, 100] }),
        yaxis: valueAxis('Mean probability of the emotion (%)', { rangemode: 'tozero' }),
      },
    ),
  };
}
