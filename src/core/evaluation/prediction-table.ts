import { type Clip, createRandom, type Emotion, InvalidArgumentError } from '../base';
import { checkPredictions, predictedClasses, type Predictions, protocolMark } from './predictions';

/** A test row, what it is and what it was said to be. */
export interface PredictionRow {
  /** its file's name */
  clip: string;
  actual: Emotion;
  predicted: Emotion;
  right: boolean;
  /** of the predicted emotion, 0 to 1 */
  probability: number;
  protocol: string;
}

/**
 * The first test rows with the actual and the predicted emotion: the paper's Table II.
 *
 * @param options - `count`: how many at most; 10 by default. `seed`: shuffles the rows first, as they are in the paper, so that
 *   they are not all of the first speaker; by default they come as they are
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

/** A row that a model got wrong. */
export interface Mistake {
  row: number;
  clip: Clip;
  actual: Emotion;
  predicted: Emotion;
  /** probability of the wrong answer */
  confidence: number;
  /** probability of the right one */
  actualProbability: number;
  /** fold that tested it */
  split: string;
}

/**
 * The wrong answers that the model was surest of: to be listened to, since many are labels or recordings to be doubted. Of
 * each clip only the surest row is taken.
 *
 * @param count - how many at most; 10 by default
 * @returns surest first
 * @throws {@link InvalidArgumentError} if the predictions do not hold together, or `count` is not a positive integer
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
  predictedClasses(predictions).forEach((said, row) => {
    if (said === actual[row]) return;
    mistakes.push({
      row,
      clip: clips[row],
      actual: classes[actual[row]],
      predicted: classes[said],
      confidence: probabilities[row * classes.length + said],
      actualProbability: probabilities[row * classes.length + actual[row]],
      split: splits[splitOf[row]],
    });
  });
  mistakes.sort((a, b) => b.confidence - a.confidence || a.row - b.row);
  const seen = new Set<string>();
  return mistakes.filter(({ clip: { path } }) => !seen.has(path) && seen.add(path)).slice(0, count);
}
