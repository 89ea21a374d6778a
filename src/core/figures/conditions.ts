import { formatPercent, InvalidArgumentError } from '../base';
import { type ConditionScores, type ConditionsReport, protocolText } from '../evaluation';
import { type Figure, literal, type Trace } from './figure';
import { errorBars } from './score-bars';
import { baseLayout, inks, plainAxis, valueAxis } from './theme';

/** A model's scores under recording conditions, with its name in the legend. */
export interface ComparedConditions extends Pick<
  ConditionsReport,
  'rows' | 'protocol' | 'protocolLabel' | 'isLeaky'
> {
  name: string;
}

/** The options of {@link conditionsFigure}. */
export interface ConditionsOptions {
  /** description of the clips and the models, shown below the title */
  source: string;
  title?: string;
}

const rowHeight = 40;
const marginTop = 122;
/** Filled and hollow, so that colour is not the only difference. */
const markers = [
  { color: inks.line, symbol: 'circle' },
  { color: '#ffffff', symbol: 'diamond', line: { color: inks.line, width: 2 } },
  { color: inks.mark, symbol: 'square' },
];

/**
 * Draws the accuracy of models under recording conditions with intervals, and beside each the calibration error and the share of clips
 * without an answer.
 *
 * @param models - one to three, with the same conditions
 * @throws {@link InvalidArgumentError} if there is no model or more than three, or one lacks a condition
 * @example
 * ```ts
 * const { conditions } = model.card;
 * ser.figures.conditions([{ name: 'speakers', ...conditions }], { source: 'test clips of fold 5' });
 * ```
 */
export function conditionsFigure(
  models: readonly ComparedConditions[],
  { source, title = 'Accuracy under recording conditions' }: ConditionsOptions,
): Figure {
  if (models.length === 0 || models.length > markers.length)
    throw new InvalidArgumentError('models', 'a list of one to three models', models.length);
  const [first] = models;
  const names = first.rows.map(({ condition }) => condition);
  const rowOf = ({ name, rows }: ComparedConditions, condition: string): ConditionScores => {
    const row = rows.find((one) => one.condition === condition);
    if (!row)
      throw new InvalidArgumentError(
        `models.${name}`,
        `scores for every condition of ${first.name}`,
        condition,
      );
    return row;
  };
  const shift = (model: number): number => (model - (models.length - 1) / 2) * 0.28;
  const traces = models.map((model, m): Trace => {
    const rows = names.map((condition) => rowOf(model, condition));
    const { color, line } = markers[m] as { color: string; line?: { color: string } };
    return {
      type: 'scatter',
      mode: 'markers',
      name: literal(model.name),
      x: rows.map(({ accuracy }) => 100 * accuracy.value),
      y: rows.map((_, at) => at + shift(m)),
      error_x: errorBars(
        rows.map(({ accuracy }) => accuracy),
        line?.color ?? color,
      ),
      marker: { size: 10, ...markers[m] },
      customdata: rows.map(({ condition, ece, abstained }) => [
        literal(condition),
        ece.toFixed(3),
        formatPercent(abstained),
      ]),
      hovertemplate:
        '%{customdata[0]}: %{x:.1f} %, ECE %{customdata[1]}, abstained %{customdata[2]}<extra></extra>',
    };
  });
  const beside = models.flatMap((model, m) =>
    names.map((condition, at) => {
      const { ece, abstained } = rowOf(model, condition);
      return {
        x: 1.01,
        xref: 'paper',
        xanchor: 'left',
        y: at + shift(m),
        text: `ECE ${ece.toFixed(2)}, no answer ${(100 * abstained).toFixed(0)} %`,
        showarrow: false,
        font: { size: 11, color: inks.text },
      };
    }),
  );
  const plotHeight = rowHeight * names.length + 14;
  return {
    data: traces,
    layout: baseLayout(
      { title, source, protocol: protocolText(first) },
      {
        height: marginTop + plotHeight + 56,
        showlegend: models.length > 1,
        margin: { t: marginTop, r: 190 },
        legend: { y: 1 + 10 / plotHeight },
        annotations: beside,
        shapes: [
          {
            type: 'line',
            x0: 100 * first.rows[0].accuracy.value,
            x1: 100 * first.rows[0].accuracy.value,
            y0: 0,
            y1: 1,
            yref: 'paper',
            layer: 'below',
            line: { color: inks.axis, width: 1.5, dash: 'dash' },
          },
        ],
        xaxis: valueAxis('Accuracy (%), with 95 % intervals', { nticks: 10 }),
        yaxis: plainAxis('Condition', {
          range: [names.length - 0.4, -0.6],
          tickvals: names.map((_, at) => at),
          ticktext: names.map((name) => literal(name)),
          ticks: '',
          ticklabelstandoff: 8,
          showline: false,
        }),
      },
    ),
  };
}
