import {
  type Clip,
  corpusOrder,
  formatCount,
  intensities,
  InvalidArgumentError,
  notStated,
  textTable,
} from '../base';
import { type IntervalOptions, type Score, scoreRows, wilsonLimits } from './intervals';
import type { MetricName } from './metrics';
import {
  checkPredictions,
  groupRows,
  predictedClasses,
  type Predictions,
  protocolMark,
  protocolOf,
  protocolText,
  selectRows,
  type UnderProtocol,
} from './predictions';
import { percentagePoints, scoreText } from './score-report';

/** Properties that rows can be grouped by. */
export const sliceNames = [
  'sex',
  'ageBand',
  'race',
  'corpus',
  'speaker',
  'sentence',
  'intensity',
  'duration',
] as const;
/** Name of a property that rows can be grouped by. */
export type SliceName = (typeof sliceNames)[number];

/** Scores of a group of rows. */
export interface Slice {
  /** `female`, `20–29 years`, `CREMA-D: IEO`, …; `not stated` if unknown */
  name: string;
  rows: number;
  clips: number;
  speakers: number;
  accuracy: Score;
  uar: Score;
  /** fewer than `minimumClips`: shown but not ranked, and the accuracy has a Wilson interval */
  isTooSmall: boolean;
}

/** Scores of each group of speakers or clips. */
export interface Slices extends UnderProtocol {
  by: SliceName;
  /** metric of `worst` and `gap` */
  rankedBy: 'accuracy' | 'uar';
  minimumClips: number;
  /** all rows, for comparison */
  overall: Slice;
  groups: Slice[];
  /** name of the lowest-scoring group that is large enough and not `not stated`; undefined if fewer than two groups qualify */
  worst?: string;
  /** difference between the best and the worst group */
  gap?: number;
}

/** Options of {@link sliceScores}. */
export interface SlicesOptions extends IntervalOptions {
  by: SliceName;
  /** groups with fewer clips are marked and not ranked; default 20 */
  minimumClips?: number;
  /** default UAR, since groups differ in their mix of emotions */
  rankBy?: 'accuracy' | 'uar';
}

const ageBands = [20, 30, 40, 50, 60];
/** 3.1 s is the end of the paper's window. */
const durationBandsSec = [2, 2.5, 3.1, 4];

/**
 * Scores groups of rows, for example by sex or age.
 *
 * The worst of many small groups is partly a matter of chance, so read it with its interval. Groups also differ in their mix of
 * corpora; use {@link selectCorpus} to exclude this.
 *
 * @throws {@link InvalidArgumentError} if the predictions are invalid, `by` is unknown, or an option is out of range
 * @example
 * ```ts
 * console.log(formatSlices(sliceScores(predictions, { by: 'sex' })));
 * ```
 */
export function sliceScores(
  predictions: Predictions,
  { by, minimumClips = 20, rankBy = 'uar', ...options }: SlicesOptions,
): Slices {
  checkPredictions(predictions);
  if (!sliceNames.includes(by)) throw new InvalidArgumentError('by', `one of ${sliceNames.join(', ')}`, by);
  if (!(minimumClips >= 1)) throw new InvalidArgumentError('minimumClips', 'at least 1', minimumClips);
  const { clips } = predictions;
  const groups = [...groupRows(clips.length, (row) => nameOf[by](clips[row]) ?? notStated)]
    .map(([name, rows]) => sliceOf(name, selectRows(predictions, rows), { minimumClips, options }))
    .sort((a, b) => rank(by, a.name) - rank(by, b.name) || byName.compare(a.name, b.name));
  const ranked = groups
    .filter(({ name, isTooSmall }) => !isTooSmall && name !== notStated)
    .sort((a, b) => a[rankBy].value - b[rankBy].value);
  return {
    ...protocolOf(predictions),
    by,
    rankedBy: rankBy,
    minimumClips,
    overall: sliceOf('all', predictions, { minimumClips, options }),
    groups,
    ...(ranked.length > 1 && {
      worst: ranked[0].name,
      gap: ranked[ranked.length - 1][rankBy].value - ranked[0][rankBy].value,
    }),
  };
}

/** Whether the interval of the worst group lies below those of all other ranked groups, so that it is unlikely to be the worst by chance. */
export function isWorstClear({
  groups,
  worst,
  rankedBy,
}: Pick<Slices, 'groups' | 'worst' | 'rankedBy'>): boolean {
  const lowest = groups.find(({ name }) => name === worst);
  return (
    lowest !== undefined &&
    groups
      .filter(({ name, isTooSmall }) => !isTooSmall && name !== notStated && name !== worst)
      .every((group) => lowest[rankedBy].interval.high < group[rankedBy].interval.low)
  );
}

/** The properties for which the clips have at least two different values. */
export function availableSlices(clips: readonly Clip[]): SliceName[] {
  return sliceNames.filter((by) => new Set(clips.flatMap((clip) => nameOf[by](clip) ?? [])).size > 1);
}

/**
 * Properties that reports use by default: speaker attributes, intensity and duration, where known. Every report includes the
 * corpora anyway.
 */
export function defaultSlices(clips: readonly Clip[]): SliceName[] {
  const usual: readonly SliceName[] = ['sex', 'ageBand', 'race', 'intensity', 'duration'];
  return availableSlices(clips).filter((name) => usual.includes(name));
}

function sliceOf(
  name: string,
  own: Predictions,
  { minimumClips, options }: { minimumClips: number; options: IntervalOptions },
): Slice {
  const clips = new Set(own.clips.map(({ path }) => path)).size;
  const isTooSmall = clips < minimumClips;
  const names: MetricName[] = ['accuracy', 'uar'];
  const { accuracy, uar } = scoreRows(own, names, options);
  return {
    name,
    rows: own.clips.length,
    clips,
    speakers: new Set(own.clips.flatMap(({ speaker }) => speaker ?? [])).size,
    accuracy: isTooSmall ? withWilson(accuracy, own) : accuracy,
    uar,
    isTooSmall,
  };
}

/** Replaces the interval for few clips: resampling would give width 0 if all or none are correct. */
function withWilson({ value, interval: { level } }: Score, own: Predictions): Score {
  const right = predictedClasses(own).filter((k, row) => k === own.actual[row]).length;
  const count = own.clips.length;
  const [low, high] = wilsonLimits(right, count, level);
  const note = 'few clips: rows taken as independent';
  return { value, interval: { low, high, level, method: 'wilson', by: 'rows', count, note } };
}

const nameOf: Record<SliceName, (clip: Clip) => string | undefined> = {
  sex: ({ sex }) => sex,
  ageBand: ({ age }) => (age === undefined ? undefined : bandOf(age, ageBands, 'years')),
  race: ({ race }) => race,
  corpus: ({ corpus }) => corpus,
  speaker: ({ speaker }) => speaker,
  sentence: ({ corpus, sentence }) => (sentence === undefined ? undefined : `${corpus}: ${sentence}`),
  intensity: ({ intensity }) => intensity,
  duration: ({ durationSec }) =>
    Number.isNaN(durationSec) ? undefined : bandOf(durationSec, durationBandsSec, 's'),
};

/** `under 20 years`, `20–29 years`, `60 years and over`; durations `2–2.5 s`. */
function bandOf(value: number, edges: readonly number[], unit: string): string {
  const next = edges.findIndex((edge) => value < edge);
  if (next === 0) return `under ${edges[0]} ${unit}`;
  if (next < 0) return `${edges[edges.length - 1]} ${unit} and over`;
  const last = unit === 'years' ? edges[next] - 1 : edges[next];
  return `${edges[next - 1]}–${last} ${unit}`;
}

const byName = new Intl.Collator('en', { numeric: true });

/** Natural order of groups: young to old, short to long, weak to strong; `not stated` last. */
function rank(by: SliceName, name: string): number {
  if (name === notStated) return 1000;
  if (by === 'corpus') return (corpusOrder.indexOf(name) + 999) % 999;
  if (by === 'intensity') return (intensities as readonly string[]).indexOf(name);
  if (by === 'ageBand' || by === 'duration') return name.startsWith('under') ? 0 : Number.parseFloat(name);
  return 0;
}

/** Slices as text, with the protocol in the first line and at the end of every line with a score. */
export function formatSlices(slices: Slices): string {
  const { by, overall, groups, worst, gap, rankedBy, minimumClips } = slices;
  const mark = protocolMark(slices);
  const lines = [overall, ...groups].map(({ name, rows, clips, speakers, accuracy, uar, isTooSmall }) => [
    isTooSmall ? `${name} (too few)` : name,
    ...[rows, clips, speakers].map(formatCount),
    scoreText('accuracy', accuracy),
    scoreText('uar', uar),
    mark,
  ]);
  const verdict =
    worst === undefined
      ? `Fewer than two groups have at least ${minimumClips} clips: no ranking.`
      : `Worst by ${rankedBy === 'uar' ? 'UAR' : 'accuracy'}: ${worst}, ${percentagePoints(gap!)} points below the best${isWorstClear(slices) ? '' : '; intervals overlap'} (${mark})`;
  return [
    `Protocol: ${protocolText(slices)}`,
    `By ${by === 'ageBand' ? 'age' : by}; groups of fewer than ${minimumClips} clips are not ranked`,
    '',
    textTable([['', 'rows', 'clips', 'speakers', 'accuracy', 'UAR', 'protocol'], ...lines], [0, -1]),
    '',
    verdict,
    '',
  ].join('\n');
}
