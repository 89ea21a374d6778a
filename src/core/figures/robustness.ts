import { countOf, formatCount, formatPercent, InvalidArgumentError } from '../base';
import {
  type ConditionScores,
  type ConditionsReport,
  isWorstClear,
  protocolText,
  type Slice,
  type SliceName,
  type Slices,
} from '../evaluation';
import { type Figure, labelsOf, literal, type Trace } from './figure';
import { errorBars } from './score-bars';
import { baseLayout, inks, plainAxis, valueAxis } from './theme';

const titles: Record<SliceName, string> = {
  sex: 'Sex',
  ageBand: 'Age',
  race: 'Race',
  corpus: 'Corpus',
  speaker: 'Speaker',
  sentence: 'Sentence',
  intensity: 'Intensity',
  duration: 'Duration of the clip',
};

/** Up to this number of groups, labels have two lines. */
const maxSpacious = 12;
/** More groups than this are sorted by score and not labelled. */
const maxNamed = 40;
const marginTop = 122;
const maxPlotHeight = 4000;

/**
 * Draws the score of each group with its interval, compared with the score of all rows. The lowest group is highlighted if its interval
 * does not overlap another one; groups that are too small to rank are hollow.
 *
 * @throws {@link InvalidArgumentError} if there are no groups
 * @example
 * ```ts
 * slicesFigure(sliceScores(predictions, { by: 'sex' }), { source: 'SAVEE, 480 clips' });
 * ```
 */
export function slicesFigure(slices: Slices, { source, title }: { source: string; title?: string }): Figure {
  const { by, rankedBy: metric, overall, worst, minimumClips } = slices;
  if (slices.groups.length === 0)
    throw new InvalidArgumentError('groups', 'a list with at least one group', []);
  const isNamed = slices.groups.length <= maxNamed;
  const isClear = isWorstClear(slices);
  const groups = isNamed
    ? slices.groups
    : slices.groups.toSorted((a, b) => b[metric].value - a[metric].value);
  const metricTitle = metric === 'uar' ? 'UAR' : 'Accuracy';
  const traceOf = (
    name: string,
    isIncluded: (group: Slice) => boolean,
    marker: Record<string, unknown>,
  ): Trace[] => {
    const own = groups.flatMap((group, at) => (isIncluded(group) ? [{ ...group, at }] : []));
    if (own.length === 0) return [];
    return [
      {
        type: 'scatter',
        mode: 'markers',
        name,
        x: own.map((group) => 100 * group[metric].value),
        y: own.map(({ at }) => at),
        error_x: {
          type: 'data',
          symmetric: false,
          array: own.map((group) => 100 * (limit(group, metric, 'high') - group[metric].value)),
          arrayminus: own.map((group) => 100 * (group[metric].value - limit(group, metric, 'low'))),
          color: marker.color === inks.ground ? inks.axis : marker.color,
          thickness: isNamed ? 1.75 : 1,
          width: isNamed ? 4 : 0,
        },
        marker: { size: isNamed ? 10 : 5, ...marker },
        customdata: own.map((group) => [literal(group.name), formatCount(group.clips)]),
        hovertemplate: '%{customdata[0]}: %{x:.1f} %, %{customdata[1]} clips<extra></extra>',
      },
    ];
  };
  const isWorst = ({ name }: Slice): boolean => isClear && name === worst;
  const hollow = { color: inks.ground, line: { color: inks.axis, width: 1.5 } };
  const isSpacious = groups.length <= maxSpacious;
  const plotHeight = Math.min(maxPlotHeight, (isSpacious ? 44 : isNamed ? 22 : 7) * groups.length) + 14;
  const names = labelsOf(groups.map(({ name }) => name));
  const label = ({ clips, speakers }: Slice, at: number): string =>
    isSpacious
      ? `${names[at]}<br><span style="font-size:11px">${countOf(clips, 'clip')}, ${speakersText(speakers)}</span>`
      : `${names[at]}, ${countOf(clips, 'clip')}`;
  return {
    data: [
      ...traceOf(
        worst === undefined || isClear ? 'group' : 'group (intervals overlap)',
        (group) => !group.isTooSmall && !isWorst(group),
        { color: inks.mark },
      ),
      ...traceOf(`lowest: ${literal(worst ?? '')}`, isWorst, { color: inks.line }),
      ...traceOf(`fewer than ${minimumClips} clips`, ({ isTooSmall }) => isTooSmall, hollow),
    ],
    layout: baseLayout(
      {
        title: title ?? `${metricTitle} by ${titles[by].toLowerCase()}`,
        source,
        protocol: protocolText(slices),
      },
      {
        height: marginTop + plotHeight + 56,
        showlegend: true,
        margin: { t: marginTop },
        legend: { y: 1 + 10 / plotHeight },
        shapes: [
          {
            type: 'line',
            x0: 100 * overall[metric].value,
            x1: 100 * overall[metric].value,
            y0: 0,
            y1: 1,
            yref: 'paper',
            layer: 'below',
            line: { color: inks.axis, width: 1.5, dash: 'dash' },
            name: `all rows: ${formatPercent(overall[metric].value)}`,
            showlegend: true,
          },
        ],
        xaxis: valueAxis(
          `${metricTitle} (%), with ${formatPercent(overall[metric].interval.level, 0)} intervals`,
          {
            nticks: 10,
          },
        ),
        yaxis: plainAxis(isNamed ? titles[by] : `${titles[by]} (${formatCount(groups.length)}, by score)`, {
          range: [groups.length - 0.4, -0.6],
          tickvals: isNamed ? groups.map((_, at) => at) : [],
          ticktext: isNamed ? groups.map(label) : [],
          ticks: '',
          ticklabelstandoff: 8,
          showline: false,
        }),
      },
    ),
  };
}

/** A limit of the interval, or the value itself if there is no interval. */
function limit(group: Slice, metric: 'accuracy' | 'uar', side: 'low' | 'high'): number {
  const { value, interval } = group[metric];
  return Number.isNaN(interval[side]) ? value : interval[side];
}

function speakersText(speakers: number): string {
  return countOf(speakers, 'speaker');
}

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
        formatPercent(ece),
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
        text: `ECE ${formatPercent(ece)}, abstained ${formatPercent(abstained, 0)}`,
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
