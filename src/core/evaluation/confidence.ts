import { predictedClasses, type Predictions } from './predictions';

/** How sure a model was of each answer, and whether it was right. */
export interface Confidence {
  /** probability of the answer; shape [rows] */
  confidence: Float64Array;
  /** 1 where the answer is right, else 0; shape [rows] */
  right: Uint8Array;
}

/** The probability of each row's answer, and whether it is right. */
export function confidenceOf(predictions: Predictions): Confidence {
  const { actual, probabilities, classes } = predictions;
  const predicted = predictedClasses(predictions);
  return {
    confidence: Float64Array.from(predicted, (said, row) =>
      Math.min(1, probabilities[row * classes.length + said]),
    ),
    right: Uint8Array.from(predicted, (said, row) => (said === actual[row] ? 1 : 0)),
  };
}
