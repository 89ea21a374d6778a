import { countOf, formatCount, formatPercent, InvalidArgumentError, orderClasses, textTable } from '../base';
import type { TrainingOverlap } from '../dataset';
import { abstention, type Calibration, calibration } from './calibration';
import { compareRuns, type CompareRunsOptions, formatComparison, type RunComparison } from './compare-runs';
import {
  type ClassificationReport,
  classificationReport,
  type ConfusionMatrix,
  confusionMatrix,
  formatClassificationReport,
  formatConfusionMatrix,
} from './confusion';
import { metrics } from './metrics';
import { checkPredictions, type Predictions, protocolMark, selectRows } from './predictions';
import {
  formatScoreReport,
  type GroupScores,
  percentagePoints,
  scoreReport,
  type ScoreReport,
  scoreText,
} from './score-report';
import { defaultSlices, formatSlices, type SliceName, type Slices, sliceScores } from './slices';
import { formatVoteScores, voteScores, type VoteScores } from './vote-scores';

/** All scores of predictions that were made without training here: by a saved model, or by another program. */
export interface PredictionScores {
  report: ScoreReport;
  /** scores of the rows that the model was not trained on; absent if its training data is unknown or shares nothing */
  withoutTraining?: RemainingScores[];
  classification: ClassificationReport;
  matrix: ConfusionMatrix;
  /** absent, like `abstention`, if there are no probabilities */
  calibration?: Calibration;
  abstention?: AbstentionScores;
  slices: Slices[];
  /** against the votes of listeners; absent without votes or probabilities */
  votes?: VoteScores;
}

/** Scores of the rows that remain when others are left out. */
export interface RemainingScores {
  name: string;
  rows: number;
  /** absent if no rows remain */
  scores?: GroupScores;
  mark: string;
}

/** Accuracy of the answers if the model abstains from uncertain ones. */
export interface AbstentionScores {
  /** area under the risk–coverage curve */
  aurc: number;
  points: { name: string; threshold: number; coverage: number; accuracy: number }[];
}

/** Options of {@link scorePredictions}. */
export interface ScorePredictionsOptions {
  /** groups of rows that are scored separately; default those that the clips state */
  slices?: readonly SliceName[];
  /** what the model was trained on; without it, the scores may be leaky */
  overlap?: TrainingOverlap;
  /** the model's own minimum confidence */
  threshold?: number;
}

/**
 * Computes the full report of predictions that were made without training here. If some rows were trained on, the scores are marked
 * LEAKY, and those of the other rows are added.
 *
 * @throws {@link InvalidArgumentError} if the predictions are invalid
 * @example
 * ```ts
 * const { predictions, overlap } = await ser.readPredictions('predictions.csv');
 * console.log(ser.evaluation.formatPredictionScores(ser.evaluation.scorePredictions(predictions, { overlap })));
 * ```
 */
export function scorePredictions(
  given: Predictions,
  { slices, overlap, threshold = 0 }: ScorePredictionsOptions = {},
): PredictionScores {
  checkPredictions(given);
  const predictions = overlap ? { ...given, isLeaky: overlap.audit.isLeaky } : given;
  const votes = predictions.isHard ? undefined : voteScores(predictions);
  const report = scoreReport(predictions);
  return {
    report,
    ...(overlap && hasOverlap(overlap) && { withoutTraining: remaining(predictions, report, overlap) }),
    classification: classificationReport(predictions),
    matrix: confusionMatrix(predictions),
    ...(!predictions.isHard && {
      calibration: calibration(predictions),
      abstention: abstentionScores(predictions, threshold),
    }),
    slices: (slices ?? defaultSlices(predictions.clips)).map((by) => sliceScores(predictions, { by })),
    ...(votes && { votes }),
  };
}

const hasOverlap = ({ audit: { findings } }: TrainingOverlap): boolean =>
  findings.clips.count + findings.nearDuplicates.count + findings.speakers.count > 0;

function remaining(
  predictions: Predictions,
  report: ScoreReport,
  { withoutClips, withoutSpeakers, audit }: TrainingOverlap,
): RemainingScores[] {
  const part = (name: string, rows: readonly number[]): RemainingScores => {
    const own = { ...selectRows(predictions, rows), isLeaky: false };
    return {
      name,
      rows: rows.length,
      ...(rows.length > 0 && { scores: scoreReport(own).pooled }),
      mark: protocolMark(own),
    };
  };
  return [
    {
      name: 'all clips',
      rows: report.pooled.rows,
      scores: report.pooled,
      mark: protocolMark(report),
    },
    ...(audit.isLeaky ? [part('without clips trained on', withoutClips)] : []),
    ...(withoutSpeakers && audit.findings.speakers.count > 0
      ? [part('without speakers trained on', withoutSpeakers)]
      : []),
  ];
}

/** Shares of answered rows in the report. */
const coverages = [0.9, 0.75, 0.5, 0.25];

function abstentionScores(predictions: Predictions, threshold: number): AbstentionScores {
  const curve = abstention(predictions);
  const pointAt = (name: string, isWithin: (at: number) => boolean) => {
    let last = -1;
    while (last + 1 < curve.coverage.length && isWithin(last + 1)) last++;
    if (last < 0) return [];
    const [confidence, coverage, accuracy] = [curve.threshold, curve.coverage, curve.accuracy].map(
      (values) => values[last],
    );
    return [{ name, threshold: confidence, coverage, accuracy }];
  };
  return {
    aurc: curve.aurc,
    points: [
      ...pointAt('all rows', () => true),
      ...coverages.flatMap((share) =>
        pointAt(`at most ${formatPercent(share, 0)} of the rows`, (at) => curve.coverage[at] <= share),
      ),
      ...(threshold > 0
        ? pointAt(`threshold of the model, ${threshold.toFixed(3)}`, (at) => curve.threshold[at] >= threshold)
        : []),
    ],
  };
}

/** The scores as text; each part has its protocol. */
export function formatPredictionScores({
  report,
  withoutTraining,
  classification,
  matrix,
  calibration: calibrated,
  abstention: answered,
  slices,
  votes,
}: PredictionScores): string {
  const mark = protocolMark(report);
  return [
    formatScoreReport(report),
    ...(withoutTraining ? [formatRemaining(withoutTraining)] : []),
    formatClassificationReport(classification),
    formatConfusionMatrix(matrix),
    calibrated
      ? `ECE ${percentagePoints(calibrated.ece)} points: confidence ${formatPercent(calibrated.confidence)}, ` +
        `accuracy ${formatPercent(calibrated.accuracy)} (${mark})\n`
      : 'Without probabilities there is no calibration and no abstention.\n',
    ...(answered ? [formatAbstention(answered, mark)] : []),
    ...slices.map(formatSlices),
    ...(votes ? [formatVoteScores(votes)] : []),
  ].join('\n');
}

function formatRemaining(parts: readonly RemainingScores[]): string {
  const names = ['accuracy', 'uar', 'macroF1'] as const;
  const lines = parts.map(({ name, rows, scores, mark }) => [
    name,
    ...[rows, scores?.clips ?? 0, scores?.speakers ?? 0].map(formatCount),
    ...names.map((metric) => (scores ? scoreText(metric, scores.scores[metric]!) : 'none')),
    mark,
  ]);
  const titles = names.map((metric) => metrics[metric].title);
  return `${textTable([['', 'rows', 'clips', 'speakers', ...titles, 'protocol'], ...lines], [0, -1])}\n`;
}

function formatAbstention({ aurc, points }: AbstentionScores, mark: string): string {
  const lines = points.map(({ name, threshold, coverage, accuracy }) => [
    name,
    threshold.toFixed(3),
    ...[coverage, accuracy].map((share) => formatPercent(share)),
    mark,
  ]);
  const heading = ['most confident answers', 'confidence from', 'answered', 'accuracy', 'protocol'];
  return `${textTable([heading, ...lines], [0, -1])}\nArea under the risk–coverage curve: ${aurc.toFixed(3)} (${mark})\n`;
}

/** Predictions of several models for the rows that all of them have, in the same order and with the same classes. */
export interface AlignedPredictions {
  predictions: Predictions[];
  /** for each of the given predictions, the number of rows that not all have */
  leftOut: number[];
}

/**
 * Selects the rows that all predictions have, so that `compareRuns` can compare them. Rows belong together if they have the same path
 * and, where a path has several rows, the same fold and seed. A class that a model does not know gets probability 0.
 *
 * @throws {@link InvalidArgumentError} if they have no row in common, or a row has different labels
 */
export function alignPredictions(all: readonly Predictions[]): AlignedPredictions {
  if (all.length === 0) throw new InvalidArgumentError('predictions', 'a list with at least one entry', []);
  const isUnique = all.every(({ clips }) => new Set(clips.map(({ path }) => path)).size === clips.length);
  const keyOf = ({ clips, splits, splitOf, seedOf }: Predictions, row: number): string =>
    isUnique ? clips[row].path : JSON.stringify([clips[row].path, splits[splitOf[row]], seedOf?.[row]]);
  const rowsOf = all.map(
    (own) => new Map(Array.from(own.clips, (_, row): [string, number] => [keyOf(own, row), row])),
  );
  rowsOf.forEach(({ size }, i) => {
    if (size < all[i].clips.length)
      throw new InvalidArgumentError(
        'predictions',
        'rows that differ in path, fold or seed',
        `${countOf(all[i].clips.length - size, 'repeated row')} in number ${i + 1}`,
      );
  });
  const keys = [...rowsOf[0].keys()].filter((key) => rowsOf.every((rows) => rows.has(key)));
  if (keys.length === 0)
    throw new InvalidArgumentError(
      'predictions',
      'predictions with rows in common',
      'none',
      'compare the paths',
    );
  const classes = orderClasses(all.flatMap((own) => own.classes));
  const predictions = all.map((own, i) =>
    withClasses(
      selectRows(
        own,
        keys.map((key) => rowsOf[i].get(key)!),
      ),
      classes,
    ),
  );
  const [first, ...others] = predictions;
  for (const [i, own] of others.entries()) {
    const row = own.actual.findIndex((value, at) => value !== first.actual[at]);
    if (row >= 0)
      throw new InvalidArgumentError(
        `label of ${first.clips[row].path}`,
        `the same in all predictions (${classes[first.actual[row]]})`,
        classes[own.actual[row]],
        `compare number 1 with number ${i + 2}`,
      );
  }
  return { predictions, leftOut: all.map(({ clips }) => clips.length - keys.length) };
}

/** Predictions with more classes, or the same in another order. */
function withClasses(predictions: Predictions, classes: readonly string[]): Predictions {
  const { classes: own, actual, probabilities } = predictions;
  const places = own.map((name) => classes.indexOf(name));
  const wider = new Float32Array(actual.length * classes.length);
  for (let row = 0; row < actual.length; row++)
    for (const [k, place] of places.entries())
      wider[row * classes.length + place] = probabilities[row * own.length + k];
  return { ...predictions, classes, actual: actual.map((k) => places[k]), probabilities: wider };
}

/** Predictions of one model, with what it was trained on. */
export interface NamedPredictions {
  name: string;
  predictions: Predictions;
  overlap?: TrainingOverlap;
}

/** Each model compared with the first, on the same rows. */
export interface PredictionComparison {
  names: string[];
  rows: number;
  /** rows of each model that were not compared, since others do not have them or a model was trained on them */
  leftOut: number[];
  /** without the first, in order */
  comparisons: RunComparison[];
  /** all common rows were trained on by some model, so that rows trained on are compared, too */
  isLeaky: boolean;
}

/**
 * Compares models on the rows that all of them predicted and none was trained on, with paired differences.
 *
 * @param all - at least two
 * @throws {@link InvalidArgumentError} if there are fewer than two, they have no row in common, or a row has different labels
 * @example
 * ```ts
 * const all = [{ name: 'mine', ...(await ser.readPredictions('mine.csv')) }, { name: 'theirs', ...(await ser.readPredictions('theirs.csv')) }];
 * console.log(ser.evaluation.formatPredictionComparison(ser.evaluation.comparePredictions(all)));
 * ```
 */
export function comparePredictions(
  all: readonly NamedPredictions[],
  options: CompareRunsOptions = {},
): PredictionComparison {
  if (all.length < 2)
    throw new InvalidArgumentError('predictions', 'a list of at least two entries', all.length);
  const lists = all.map(({ predictions }) => predictions);
  const untrained = all.map(({ predictions, overlap }) => ({
    ...(overlap ? selectRows(predictions, overlap.withoutClips) : predictions),
    isLeaky: false,
  }));
  const isLeaky = untrained.some(({ clips }) => clips.length === 0) || !haveCommonRows(untrained);
  const { predictions } = alignPredictions(
    isLeaky ? lists.map((own) => ({ ...own, isLeaky: true })) : untrained,
  );
  const [first, ...others] = predictions;
  return {
    names: all.map(({ name }) => name),
    rows: first.clips.length,
    leftOut: lists.map(({ clips }) => clips.length - first.clips.length),
    comparisons: others.map((own) => compareRuns(first, own, options)),
    isLeaky,
  };
}

function haveCommonRows(all: readonly Predictions[]): boolean {
  const [first, ...others] = all.map(({ clips }) => new Set(clips.map(({ path }) => path)));
  return [...first].some((path) => others.every((paths) => paths.has(path)));
}

/** The comparison as text, with the protocol at the end of every line with a score. */
export function formatPredictionComparison({
  names: [first, ...others],
  rows,
  leftOut,
  comparisons,
  isLeaky,
}: PredictionComparison): string {
  const missing = leftOut.some((count) => count > 0)
    ? ` (${[first, ...others].map((name, i) => `${name}: ${formatCount(leftOut[i])} other rows`).join(', ')})`
    : '';
  return [
    `Compared on ${countOf(rows, 'row')} that all have${isLeaky ? ', although models were trained on them' : ' and none was trained on, as far as known'}${missing}`,
    '',
    ...comparisons.map((comparison, i) => formatComparison(comparison, [first, others[i]])),
  ].join('\n');
}
