import { groupRows, type Predictions, selectRows } from './predictions';
import { scaleByTemperature, temperatureFor } from './temperature';

/** The temperature of one trained model. */
export interface SplitTemperature {
  split: string;
  /** where there were several */
  seed?: number;
  /** 1 where there were no validation rows, or all of them are right */
  temperature: number;
  /** validation rows that it was fitted on */
  rows: number;
}

/**
 * Temperature scaling as it can be had without a look at the test: each fold's model gets the temperature that fits its own
 * validation rows best, and its test rows are scaled by it.
 *
 * @param validation - what the same models said of their validation rows; a model without any is left as it is
 */
export function calibrateBySplit(
  predictions: Predictions,
  validation: Predictions | undefined,
): { predictions: Predictions; temperatures: SplitTemperature[] } {
  const known = validation ? byModel(validation) : new Map<string, number[]>();
  const size = predictions.classes.length;
  const probabilities = new Float32Array(predictions.probabilities.length);
  const temperatures = [...byModel(predictions)].map(([model, rows]): SplitTemperature => {
    const fitted = known.get(model) ?? [];
    const isFitted = validation !== undefined && fitted.length > 0;
    const temperature = isFitted ? temperatureFor(selectRows(validation, fitted)) : 1;
    const scaled = scaleByTemperature(selectRows(predictions, rows).probabilities, size, temperature);
    rows.forEach((row, i) => {
      probabilities.set(scaled.subarray(i * size, (i + 1) * size), row * size);
    });
    const { splits, splitOf, seedOf } = predictions;
    const split = splits[splitOf[rows[0]]];
    return { split, ...(seedOf && { seed: seedOf[rows[0]] }), temperature, rows: fitted.length };
  });
  return { predictions: { ...predictions, probabilities }, temperatures };
}

/** Rows by the model that answered them. */
function byModel({ clips, splits, splitOf, seedOf }: Predictions): Map<string, number[]> {
  return groupRows(clips.length, (row) => `${seedOf?.[row] ?? ''} ${splits[splitOf[row]]}`);
}
