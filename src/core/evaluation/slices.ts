import { type Clip, corpusOrder, intensities, InvalidArgumentError, notStated, textTable } from '../base';
import type { MetricName } from './metrics';
import { checkPredictions, groupRows, predictedClasses, type Predictions, protocolMark, protocolOf, protocolText, selectRows, type UnderProtocol } from './predictions';
import { type IntervalOptions, type Score, scoreRows } from './score-rows';
import { percent, scoreText } from './score-text';
import { wilsonLimits } from './wilson-limits';

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
/** What rows can be divided by. */
export type SliceName = (typeof sliceNames)[number];

/** The scores of one group of rows. */
export interface Slice {
  /** `female`, `20–29 years`, `CREMA-D: IEO`…; `not stated` for clips that do not say */
  name: string;
  rows: number;
  clips: number;
  speakers: number;
  accuracy: Score;
  uar: Score;
  /** fewer clips than asked for: shown, but not ranked; its accuracy has Wilson's interval */
  isTooSmall: boolean;
}

/** How well each group of speakers or clips is served. */
export interface Slices extends UnderProtocol {
  by: SliceName;
  /** the metric that `worst` and `gap` are measured in */
  rankedBy: 'accuracy' | 'uar';
  minimumClips: number;
  /** all rows, to compare the groups with */
  overall: Slice;
  groups: Slice[];
  /** name of the group with the lowest score, of those that are large enough and stated; undefined where there are not two */
  worst?: string;
  /** how far it lies below the best */
  gap?: number;
}

export interface SlicesOptions extends IntervalOptions {
  by: SliceName;
  /** groups of fewer clips are marked and not ranked; 20 by default */
  minimumClips?: number;
  /** UAR by default, since groups differ in their mix of emotions */
  rankBy?: 'accuracy' | 'uar';
}

const ageBands = [20, 30, 40, 50, 60];
/** 3.1 s is the end of the paper's window */
const durationBandsSec = [2, 2.5, 3.1, 4];

/**
 * Scores rows by who speaks, what and how.
 *
 * The worst of many small groups is partly the unluckiest: read it with its interval. Groups differ in their mix of corpora
 * too, which {@link selectCorpus} rules out.
 *
 * @throws {@link InvalidArgumentError} if the predictions do not hold together, `by` is no slice, or an option is out of
 *   range
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

/** What clips can be divided by: that they state two values of at least. */
export function statedSlices(clips: readonly Clip[]): SliceName[] {
  return sliceNames.filter((by) => new Set(clips.flatMap((clip) => nameOf[by](clip) ?? [])).size > 1);
}

/** What a report divides clips by unless told otherwise: who speaks, and how, as far as they say so. Corpora are in every report. */
export function usualSlices(clips: readonly Clip[]): SliceName[] {
  const usual: readonly SliceName[] = ['sex', 'ageBand', 'race', 'intensity', 'duration'];
  return statedSlices(clips).filter((name) => usual.includes(name));
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

/** Few clips: none or all of them right would give a resampled interval without width. */
function withWilson({ value, interval: { level } }: Score, own: Predictions): Score {
  const right = predictedClasses(own).filter((said, row) => said === own.actual[row]).length;
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
  duration: ({ durationSec }) => bandOf(durationSec, durationBandsSec, 's'),
};

/** `under 20 years`, `20–29 years`, `60 years and over`; of seconds `2–2.5 s`. */
function bandOf(value: number, edges: readonly number[], unit: string): string {
  const next = edges.findIndex((edge) => value < edge);
  if (next === 0) return `under ${edges[0]} ${unit}`;
  if (next < 0) return `${edges[edges.length - 1]} ${unit} and over`;
  const last = unit === 'years' ? edges[next] - 1 : edges[next];
  return `${edges[next - 1]}–${last} ${unit}`;
}

const byName = new Intl.Collator('en', { numeric: true });

/** Groups in their natural order: young to old, short to long, weak to strong; what is not stated last. */
function rank(by: SliceName, name: string): number {
  if (name === notStated) return 1000;
  if (by === 'corpus') return (corpusOrder.indexOf(name) + 999) % 999;
  if (by === 'intensity') return (intensities as readonly string[]).indexOf(name);
  if (by === 'ageBand' || by === 'duration') return name.startsWith('under') ? 0 : Number.parseFloat(name);
  return 0;
}

/** Slices as text: the protocol in the first line, and again at the end of every line with a score. */
export function formatSlices(slices: Slices): string {
  const { by, overall, groups, worst, gap, rankedBy, minimumClips } = slices;
  const mark = protocolMark(slices);
  const lines = [overall, ...groups].map(({ name, rows, clips, speakers, accuracy, uar, isTooSmall }) => [
    isTooSmall ? `${name} (too few)` : name,
    ...[rows, clips, speakers].map((count) => count.toLocaleString('en-US')),
    scoreText('accuracy', accuracy),
    scoreText('uar', uar),
    mark,
  ]);
  const verdict =
    worst === undefined
      ? `No two groups have ${minimumClips} clips: none is ranked.`
      : `Worst by ${rankedBy === 'uar' ? 'UAR' : 'accuracy'}: ${worst}, ${percent(gap!)} points below the best (${mark})`;
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
