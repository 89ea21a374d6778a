import { InvalidArgumentError, formatPercent } from '../base';
import { type Abstention, protocolText } from '../evaluation';
import type { Figure } from './figure';
import { runColor } from './run-colors';
import { sharedProtocol } from './shared-protocol';
import { baseLayout, inks, valueAxis } from './theme';

/** One curve of {@link abstentionFigure}. */
export interface AbstentionCurve {
  /** name of the run */
  name: string;
  abstention: Abstention;
}

const mostPoints = 400;
/** The first answers are too few for a share. */
const leastAnswers = 20;

/**
 * Accuracy against coverage: what a model gains by keeping silent where it is not sure. A flat line means that its
 * confidence tells nothing.
 *
 * @throws {@link InvalidArgumentError} if there are no curves, or they have different protocols
 */
export function abstentionFigure(
  curves: readonly AbstentionCurve[],
  { source, title = 'Accuracy if the model may abstain' }: { source: string; title?: string },
): Figure {
  if (curves.length === 0) throw new InvalidArgumentError('curves', 'a list with at least one curve', []);
  const under = sharedProtocol(curves.map(({ abstention }) => abstention));
  return {
    data: curves.flatMap(({ name, abstention }, i) => {
      const { coverage, accuracy, threshold, aurc, errorRate, rows } = abstention;
      const enough = Array.from(coverage.keys()).filter((at) => coverage[at] * rows >= leastAnswers);
      const step = Math.ceil(enough.length / mostPoints);
      const shown = enough.filter((_, at) => at % step === 0 || at === enough.length - 1);
      return [
        {
          type: 'scatter',
          mode: 'lines',
          name: `${name}: AURC ${aurc.toFixed(3)}, error rate ${formatPercent(errorRate)}`,
          x: shown.map((at) => 100 * coverage[at]),
          y: shown.map((at) => 100 * accuracy[at]),
          customdata: shown.map((at) => 100 * threshold[at]),
          line: { color: runColor(i), width: 2.5 },
          hovertemplate:
            'answers %{x:.1f} %, right in %{y:.1f} % (sure by %{customdata:.0f} %)<extra></extra>',
        },
        {
          type: 'scatter',
          mode: 'lines',
          x: [0, 100],
          y: [100 * (1 - errorRate), 100 * (1 - errorRate)],
          line: { color: runColor(i), width: 1.25, dash: 'dot' },
          hoverinfo: 'skip',
          showlegend: false,
        },
      ];
    }),
    layout: baseLayout(
      { title, source, protocol: protocolText(under) },
      {
        height: 430,
        showlegend: true,
        margin: { t: 100 + 22 * curves.length },
        legend: { orientation: 'v' },
        annotations: [
          {
            text: 'dotted: all rows answered',
            x: 0,
            y: 100 * (1 - curves[0].abstention.errorRate),
            xanchor: 'left',
            yanchor: 'top',
            showarrow: false,
            font: { size: 11.5, color: inks.quiet },
          },
        ],
        xaxis: valueAxis('Coverage: rows answered, surest first (%)', { range: [0, 100] }),
        yaxis: valueAxis('Right answers (%)', { nticks: 8 }),
      },
    ),
  };
}
