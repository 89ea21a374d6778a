import { createRandom, type Emotion, InvalidArgumentError } from '../base';
import { predictedClasses, type Predictions } from './predictions';
import { protocolMark } from './under-protocol';

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
