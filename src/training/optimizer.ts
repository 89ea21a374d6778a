import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import type { TrainingConfig } from '../config';
import type { Network, TensorFlow } from '../engine';

/** What an optimizer remembers from step to step, to go on from. */
export interface OptimizerState {
  steps: number;
  /** running means over all weights, one after the other; shape [weights] each */
  moments: Float32Array[];
}

/** Changes a network's weights by their gradients. To be disposed of. */
export interface Optimizer {
  /** @returns the gradients' length before clipping, a tensor of shape [] that the caller disposes of */
  apply: (gradients: readonly Tensor[], learningRate: number) => Tensor;
  state: () => Promise<OptimizerState>;
  /** Reads the weights anew, and goes on from a state; without one, from the beginning. */
  restore: (state?: OptimizerState) => void;
  dispose: () => void;
}

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-7;
const momentum = 0.9;

/**
 * Adam, AdamW or SGD with momentum, on all weights as one vector: a dozen operations a step instead of as many a weight.
 *
 * - `adam`: Kingma & Ba 2015, with Keras' ε of 1e-7; `weightDecay` is not used;
 * - `adamw`: Loshchilov & Hutter 2019: every weight is made smaller by learning rate · `weightDecay`, apart from its gradient;
 * - `sgd`: momentum 0.9, as Keras has it.
 *
 * @param options.clipNorm - gradients longer than this, over all weights together, are shortened to it
 */
export function createOptimizer(
  tf: TensorFlow,
  { model }: Network,
  { optimizer, weightDecay, clipNorm }: Pick<TrainingConfig, 'optimizer' | 'weightDecay' | 'clipNorm'>,
): Optimizer {
  const weights = model.trainableWeights;
  const shapes = weights.map(({ shape }) => shape as number[]);
  const sizes = shapes.map((shape) => shape.reduce((product, length) => product * length, 1));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const flat = (tensors: readonly Tensor[]): Tensor1D =>
    tf.concat1d(tensors.map((tensor) => tensor.flatten()));
  const decay = optimizer === 'adamw' ? weightDecay : 0;
  const kept: { values: Tensor1D; moments: Tensor1D[]; steps: number } = {
    values: tf.tensor1d([]),
    moments: [],
    steps: 0,
  };

  const restore = (state?: OptimizerState): void => {
    tf.dispose([kept.values, ...kept.moments]);
    kept.values = tf.tidy(() => flat(weights.map((weight) => weight.read())));
    const moments = state?.moments ?? [];
    kept.moments = Array.from({ length: optimizer === 'sgd' ? 1 : 2 }, (_, i) =>
      moments.length > i ? tf.tensor1d(moments[i]) : tf.zeros([total]),
    );
    kept.steps = state?.steps ?? 0;
  };
  restore();

  /** @returns what is taken from the weights, and the new moments */
  const change = (gradient: Tensor1D, learningRate: number): [Tensor1D, Tensor1D[]] => {
    const blend = (old: Tensor1D, value: Tensor1D, share: number): Tensor1D =>
      old.mul(share).add(value.mul(1 - share));
    if (optimizer === 'sgd') {
      const velocity = kept.moments[0].mul(momentum).add<Tensor1D>(gradient.mul(learningRate));
      return [velocity, [velocity]];
    }
    const mean = blend(kept.moments[0], gradient, beta1);
    const square = blend(kept.moments[1], gradient.square(), beta2);
    const rate = (learningRate * Math.sqrt(1 - beta2 ** kept.steps)) / (1 - beta1 ** kept.steps);
    const floor = epsilon * Math.sqrt(1 - beta2 ** kept.steps);
    return [mean.mul(rate).div(square.sqrt().add(floor)), [mean, square]];
  };

  return {
    restore,
    apply: (gradients, learningRate) => {
      kept.steps++;
      const [values, length, ...moments] = tf.tidy(() => {
        const raw = flat(gradients);
        const norm = raw.norm();
        const gradient = clipNorm === null ? raw : raw.mul<Tensor1D>(tf.minimum(1, tf.div(clipNorm, norm)));
        const [step, next] = change(gradient, learningRate);
        const shrunk = decay > 0 ? kept.values.mul<Tensor1D>(1 - learningRate * decay) : kept.values;
        const changed: Tensor1D = shrunk.sub(step);
        for (const [i, part] of tf.split(changed, sizes).entries()) weights[i].write(part.reshape(shapes[i]));
        return [changed, norm, ...next] as Tensor[];
      });
      tf.dispose([kept.values, ...kept.moments]);
      kept.values = values as Tensor1D;
      kept.moments = moments as Tensor1D[];
      return length;
    },
    state: async () => ({
      steps: kept.steps,
      moments: (await Promise.all(kept.moments.map((moment) => moment.data()))) as Float32Array[],
    }),
    dispose: () => {
      tf.dispose([kept.values, ...kept.moments]);
    },
  };
}
