import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import type { TrainingConfig } from '../config';
import { type Adam, createAdam } from './adam';
import type { Engine, TensorFlow } from './engine';
import type { Network } from './network';

/** What an optimizer remembers from step to step, to go on from. */
export interface OptimizerState {
  steps: number;
  /** running means over all weights, one after the other; shape [weights] each */
  moments: Float32Array[];
}

/** Changes a network's weights by their gradients. To be disposed of. */
export interface Optimizer {
  /** @param beta1 - of `adam` and `adamw` in this step; default 0.9 */
  apply: (gradients: readonly Tensor[], learningRate: number, beta1?: number) => void;
  state: () => Promise<OptimizerState>;
  dispose: () => void;
}

/** One rule for a vector of weights. */
type Rule = Pick<Adam, 'apply' | 'moments' | 'dispose'>;

/**
 * Adam, AdamW or SGD with momentum, on all weights as one vector: few operations a step instead of some a weight.
 *
 * - `adam`: Kingma & Ba 2015, with Keras' ε; `weightDecay` is not used;
 * - `adamw`: Loshchilov & Hutter 2019: every weight is made smaller by learning rate · `weightDecay`, apart from its gradient;
 * - `sgd`: momentum 0.9, as Keras has it.
 *
 * @param options.clipNorm - gradients longer than this, over all weights together, are shortened to it
 * @param state - to go on from; default from the beginning
 */
export function createOptimizer(
  engine: Engine,
  { model }: Network,
  { optimizer, weightDecay, clipNorm }: Pick<TrainingConfig, 'optimizer' | 'weightDecay' | 'clipNorm'>,
  state?: OptimizerState,
): Optimizer {
  const { tf } = engine;
  const weights = model.trainableWeights;
  const shapes = weights.map(({ shape }) => shape as number[]);
  const sizes = shapes.map((shape) => shape.reduce((product, length) => product * length, 1));
  const flat = (tensors: readonly Tensor[]): Tensor1D =>
    tf.concat1d(tensors.map((tensor) => tensor.flatten()));
  const decay = optimizer === 'adamw' ? weightDecay : 0;
  let steps = state?.steps ?? 0;

  const start = tf.tidy(() => flat(weights.map((weight) => weight.read())));
  const moments = state?.moments.map((values) => tf.tensor1d(values)) ?? [];
  const rule: Rule =
    optimizer === 'sgd' ? momentum(tf, start, moments[0]) : createAdam(engine, start, moments);
  tf.dispose([start, ...moments]);

  return {
    apply: (gradients, learningRate, beta1) => {
      steps++;
      tf.tidy(() => {
        const raw = flat(gradients);
        const gradient =
          clipNorm === null ? raw : raw.mul<Tensor1D>(tf.minimum(1, tf.div(clipNorm, raw.norm())));
        const changed = rule.apply(gradient, { step: steps, learningRate, beta1, decay });
        for (const [i, part] of tf.split(changed, sizes).entries()) weights[i].write(part.reshape(shapes[i]));
      });
    },
    state: async () => {
      const tensors = rule.moments();
      const values = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
      tf.dispose(tensors);
      return { steps, moments: values };
    },
    dispose: () => {
      rule.dispose();
    },
  };
}

/** Velocities of 0.9 of what they were, plus learning rate · gradient. */
function momentum(tf: TensorFlow, values: Tensor1D, velocity?: Tensor1D): Rule {
  let kept = tf.tidy(() =>
    [values.clone(), velocity?.clone() ?? tf.zerosLike(values)].map((tensor) => tf.keep(tensor)),
  );
  return {
    apply: (gradient, { learningRate }) => {
      const next = tf.tidy(() => {
        const moved: Tensor1D = kept[1].mul(0.9).add(gradient.mul(learningRate));
        return [kept[0].sub<Tensor1D>(moved), moved];
      });
      tf.dispose(kept);
      kept = next.map((tensor) => tf.keep(tensor));
      return kept[0].clone();
    },
    moments: () => [kept[1].clone()],
    dispose: () => {
      tf.dispose(kept);
    },
  };
}
