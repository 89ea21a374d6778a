import type { Emotion } from '../corpora';
import { InvalidArgumentError } from '../errors';
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
 * @param options - `count`: how many at most; 10 by default
 * @throws {@link InvalidArgumentError} if `count` is not a positive integer
 */
export function predictionTable(
  predictions: Predictions,
  { count = 10 }: { count?: number } = {},
): PredictionRow[] {
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError('count', 'a positive integer', count);
  }
  const { classes, clips, actual, probabilities } = predictions;
  const predicted = predictedClasses(predictions);
  return clips.slice(0, count).map(({ path }, row) => ({
    clip: path.slice(path.lastIndexOf('/') + 1),
    actual: classes[actual[row]],
    predicted: classes[predicted[row]],
    right: actual[row] === predicted[row],
    probability: probabilities[row * classes.length + predicted[row]],
    protocol: protocolMark(predictions),
  }));
}
