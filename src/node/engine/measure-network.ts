import { InvalidArgumentError } from '../../core/base';
import type { ModelConfig } from '../../core/config';
import { buildModel, createNetwork, type Engine, modelCost } from '../../core/network';

/** What a network costs: counted, and measured on an engine. */
export interface NetworkCost {
  parameters: number;
  /** multiplications and additions, forward, of one row */
  flops: number;
  /** a training step (forward, backward; without the optimizer), ms */
  stepMs: number;
  /** a prediction of as many rows, ms */
  predictionMs: number;
  /** rows of each */
  rows: number;
}

/**
 * Builds the network that a config asks for, and times it on rows of noise: what to know before training it for hours.
 *
 * @param inputShape - of a row: [frames, coefficients], [frames, bands, 1] or [values, 1]
 * @param options - `rows` in the batch, default 8; `steps` whose median is taken, default 2, after one that is not counted
 * @throws {@link InvalidArgumentError} if the config asks for no network, or an option breaks its rule
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
        tensor.dataSync(); // kernels may run later than they are called
        tensor.dispose();
      }
    });
    const predictionMs = medianMs(steps, () => {
      const said = predict(x);
      said.dataSync();
      said.dispose();
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
  return durations.slice(1).sort((a, b) => a - b)[times >> 1];
}
