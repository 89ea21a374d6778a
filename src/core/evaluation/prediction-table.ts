import { type Clip, createRandom, type Emotion, InvalidArgumentError } from '../base';
import { checkPredictions, predictedClasses, type Predictions, protocolMark } from './predictions';

/** Actual and predicted emotion of a test row. */
export interface PredictionRow {
  /** file name */
  clip: string;
  actual: Emotion;
  predicted: Emotion;
  right: boolean;
  /** of the predicted emotion, 0 to 1 */
  probability: number;
  protocol: string;
}

/**
 * The first test rows with actual and predicted emotion: the paper's Table II.
 *
 * @param options - `count`: maximum number of rows, default 10; `seed`: shuffles the rows first, like the paper, so that they are
 *   not all of the first speaker, default no shuffling
 * @throws {@link InvalidArgumentError} if `count` is not a positive integer
 */
export function predictionTable(
  predictions: Predictions,
  { count = 10, seed }: { count?: number; seed?: number } = {},
): PredictionRow[] {
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError('count', 'a positive integer', count);
  }
  const { classes, clips, actual, probabilities } = predictions;
  const predicted = predictedClasses(predictions);
  const rows = [...clips.keys()];
  const ordered = seed === undefined ? rows : createRandom(seed).shuffle(rows);
  return ordered.slice(0, count).map((row) => ({
    clip: clips[row].path.slice(clips[row].path.lastIndexOf('/') + 1),
    actual: classes[actual[row]],
    predicted: classes[predicted[row]],
    right: actual[row] === predicted[row],
    probability: probabilities[row * classes.length + predicted[row]],
    protocol: protocolMark(predictions),
  }));
}

/** A wrongly predicted row. */
export interface Mistake {
  row: number;
  clip: Clip;
  actual: Emotion;
  predicted: Emotion;
  /** probability of the predicted emotion */
  confidence: number;
  /** probability of the actual emotion */
  actualProbability: number;
  /** fold that tested the row */
  split: string;
}

/**
 * The wrong predictions with the highest confidence. Listen to them: many have doubtful labels or recordings. Only
 * the most confident row of each clip is listed.
 *
 * @param count - maximum number; default 10
 * @returns in descending order of confidence
 * @throws {@link InvalidArgumentError} if the predictions are invalid, or `count` is not a positive integer
 */
export function mostConfidentMistakes(
  predictions: Predictions,
  { count = 10 }: { count?: number } = {},
): Mistake[] {
  checkPredictions(predictions);
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError('count', 'a positive integer', count);
  }
  const { classes, clips, actual, probabilities, splitOf, splits } = predictions;
  const mistakes: Mistake[] = [];
  predictedClasses(predictions).forEach((k, row) => {
    if (k === actual[row]) return;
    mistakes.push({
      row,
      clip: clips[row],
      actual: classes[actual[row]],
      predicted: classes[k],
      confidence: probabilities[row * classes.length + k],
      actualProbability: probabilities[row * classes.length + actual[row]],
      split: splits[splitOf[row]],
    });
  });
  mistakes.sort((a, b) => b.confidence - a.confidence || a.row - b.row);
  const seen = new Set<string>();
  return mistakes.filter(({ clip: { path } }) => !seen.has(path) && seen.add(path)).slice(0, count);
}
