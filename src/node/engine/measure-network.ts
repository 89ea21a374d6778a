import { InvalidArgumentError, median } from '../../core/base';
import type { ModelConfig } from '../../core/config';
import { buildModel, createNetwork, type Engine, modelCost } from '../../core/network';

/** Cost of a network: counted operations, and times measured on an engine. */
export interface NetworkCost {
  parameters: number;
  /** multiplications and additions of one row, forward pass */
  flops: number;
  /** time of a training step (forward and backward, without the optimizer), ms */
  stepMs: number;
  /** time of a prediction of the same number of rows, ms */
  predictionMs: number;
  /** rows per step */
  rows: number;
}

/**
 * Builds the network of a model config and times it on random rows, to estimate the duration of a training.
 *
 * @param inputShape - shape of a row: [frames, coefficients], [frames, bands, 1] or [values, 1]
 * @param options - number of `classes`, default 7; `rows` per step, default 8; `steps` for the median, default 2, after one warm-up
 * @throws {@link InvalidArgumentError} if `kind` is not a network, or an option is out of range
 * @example
 * ```ts
 * const { stepMs } = measureNetwork(await loadEngine(), experimentConfig('compact').model, [108, 22], { rows: 32 });
 * ```
 */
export function measureNetwork(
  engine: Engine,
  config: ModelConfig,
  inputShape: readonly number[],
  { classes = 7, rows = 8, steps = 2 }: { classes?: number; rows?: number; steps?: number } = {},
): NetworkCost {
  for (const [name, value] of Object.entries({ rows, steps })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError(name, 'a positive integer', value);
  }
  const { tf } = engine;
  const model = buildModel(tf, config, inputShape, { classes, seed: 1 });
  const { gradients, predict } = createNetwork(engine, model);
  const x = tf.randomNormal([rows, ...inputShape], 0, 1, 'float32', 1);
  const targets = tf.tensor2d(
    Float32Array.from({ length: rows * classes }, (_, i) => Number(i % classes === 0)),
    [rows, classes],
  );
  try {
    const { parameters, flops } = modelCost(model);
    const stepMs = medianMs(steps, () => {
      const { loss, probabilities, gradients: all } = gradients({ x, targets }, { step: 0 });
      for (const tensor of [loss, probabilities, ...all]) {
        tensor.dataSync(); // waits for the kernels
        tensor.dispose();
      }
    });
    const predictionMs = medianMs(steps, () => {
      const probabilities = predict(x);
      probabilities.dataSync();
      probabilities.dispose();
    });
    return { parameters, flops, stepMs, predictionMs, rows };
  } finally {
    tf.dispose([x, targets]);
    model.dispose();
  }
}

function medianMs(times: number, work: () => void): number {
  const durations = Array.from({ length: times + 1 }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return median(durations.slice(1));
}
