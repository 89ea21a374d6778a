import { formatPercent, InvalidArgumentError } from '../base';
import { scoreRows } from './intervals';
import { type MetricName, metrics } from './metrics';
import { checkPredictions, type Predictions, protocolMark, selectRows } from './predictions';
import { scoreText } from './score-report';

/** Which rows of predictions to keep; a row must meet all conditions. */
export interface PredictionsPart {
  corpus?: string;
  speaker?: string;
  /** minimum probability of the predicted emotion, 0 to 1: the model abstains from the other rows */
  minConfidence?: number;
}

/**
 * Selects rows by corpus, speaker and confidence.
 *
 * @throws {@link InvalidArgumentError} if no row is left (the message lists the possible values), or `minConfidence` is not from 0 to 1
 * @example
 * ```ts
 * const answers = selectPredictions(predictions, { corpus: 'SAVEE', minConfidence: 0.6 });
 * ```
 */
export function selectPredictions(
  predictions: Predictions,
  { corpus, speaker, minConfidence = 0 }: PredictionsPart,
): Predictions {
  checkPredictions(predictions);
  if (!(minConfidence >= 0 && minConfidence <= 1))
    throw new InvalidArgumentError('minConfidence', 'a number from 0 to 1', minConfidence);
  const { clips } = predictions;
  let rows = [...clips.keys()];
  const keep = (name: 'corpus' | 'speaker', wanted: string | undefined): void => {
    if (wanted === undefined) return;
    const present = [...new Set(rows.flatMap((row) => clips[row][name] ?? []))];
    rows = rows.filter((row) => clips[row][name] === wanted);
    if (rows.length === 0)
      throw new InvalidArgumentError(name, `one of ${present.join(', ')} (those with predictions)`, wanted);
  };
  keep('corpus', corpus);
  keep('speaker', speaker);
  const confidence = confidences(predictions);
  const answered = rows.filter((row) => confidence[row] >= minConfidence);
  if (answered.length === 0) {
    const highest = rows.reduce((max, row) => Math.max(max, confidence[row]), 0);
    const rule = `at most ${highest.toFixed(3)}, the highest confidence of these ${rows.length} rows`;
    throw new InvalidArgumentError('minConfidence', rule, minConfidence);
  }
  return answered.length === clips.length ? predictions : selectRows(predictions, answered);
}

/** The highest probability of each row; shape [rows]. */
function confidences({ probabilities, classes: { length } }: Predictions): Float32Array {
  return Float32Array.from({ length: probabilities.length / length }, (_, row) =>
    probabilities.subarray(row * length, (row + 1) * length).reduce((a, b) => Math.max(a, b)),
  );
}

/** A named part of predictions, for example a choice in a control. */
export interface NamedPart extends PredictionsPart {
  name: string;
}

/** All rows, each corpus, and each speaker, for {@link selectPredictions}. */
export function partsOf({ clips }: Pick<Predictions, 'clips'>): NamedPart[] {
  const corpora = [...new Set(clips.map(({ corpus }) => corpus))].toSorted();
  const speakers = [...new Set(clips.flatMap(({ speaker }) => speaker ?? []))].toSorted();
  return [
    { name: 'all' },
    ...corpora.map((corpus) => ({ name: `corpus ${corpus}`, corpus })),
    ...speakers.map((speaker) => ({ name: `speaker ${speaker}`, speaker })),
  ];
}

/** One line of a {@link scoreTable}. */
export type ScoreRow = Record<string, string | number>;

/**
 * Scores of parts of the same predictions with their intervals, for example of all rows and of the rows above a confidence threshold.
 *
 * @param parts - by name
 * @param options - `metrics`: default accuracy and UAR; `resamples`: default 500, enough for a table that follows a slider
 * @throws {@link InvalidArgumentError} if predictions are invalid, or an option is out of range
 */
export function scoreTable(
  parts: Readonly<Record<string, Predictions>>,
  {
    metrics: names = ['accuracy', 'uar'],
    resamples = 500,
  }: { metrics?: readonly MetricName[]; resamples?: number } = {},
): ScoreRow[] {
  const most = Math.max(...Object.values(parts).map(({ clips }) => clips.length));
  return Object.entries(parts).map(([name, own]) => {
    checkPredictions(own);
    const scores = scoreRows(own, names, { resamples });
    return {
      rows: name,
      number: own.clips.length,
      share: formatPercent(own.clips.length / most),
      speakers: new Set(own.clips.flatMap(({ speaker }) => speaker ?? [])).size,
      ...Object.fromEntries(
        names.map((metric) => [metrics[metric].title, scoreText(metric, scores[metric])]),
      ),
      protocol: protocolMark(own),
    };
  });
}
