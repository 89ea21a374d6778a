import { type Faithfulness, protocolText, type UnderProtocol } from '../evaluation';
import type { Figure } from './figure';
import { baseLayout, inks, valueAxis } from './theme';

export interface DeletionCurvesOptions {
  /** which clips, shown below the title */
  source: string;
  /** of the model that is explained */
  protocol: UnderProtocol;
  title?: string;
}

/**
 * The faithfulness of an explanation: how fast the probability falls while cells are covered, the most important first,
 * against random order. The shaded area is what the explanation knows.
 */
export function deletionCurvesFigure(
  { removed, important, random, areas, meanArea, pValue }: Faithfulness,
  { source, protocol, title = 'Does the model look where the explanation says?' }: DeletionCurvesOptions,
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
  const rows = areas.length === 1 ? '1 row' : `${areas.length} rows`;
  return {
    data: [
      line('random order', random, inks.mark),
      {
        ...line('most important first', important, inks.line),
        fill: 'tonexty',
        fillcolor: 'rgba(194, 65, 12, 0.12)',
      },
    ],
    layout: baseLayout(
      { title, source, protocol: protocolText(protocol) },
      {
        height: 430,
        margin: { t: 118 },
        annotations: [
          {
            text: `area between the curves ${(100 * meanArea).toFixed(1)} points, mean of ${rows}<br>p ${pValue < 0.001 ? '< 0.001' : `= ${pValue.toFixed(3)}`} (signs flipped, one-sided)`,
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
