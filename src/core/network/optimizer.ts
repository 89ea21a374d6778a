import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import type { TrainingConfig } from '../config';
import type { Engine, Network, TensorFlow } from './network';
import { bool, type Kernels, nativeKernels, shape, text, type } from './kernels';

/** State of an optimizer, for checkpoints. */
export interface OptimizerState {
  steps: number;
  /** running means for all weights in one vector; shape [weights] each */
  moments: Float32Array[];
}

/** Updates the weights of a network from their gradients. Must be disposed. */
export interface Optimizer {
  /** @param beta1 - β1 of `adam` and `adamw` in this step; default 0.9 */
  apply: (gradients: readonly Tensor[], learningRate: number, beta1?: number) => void;
  state: () => Promise<OptimizerState>;
  dispose: () => void;
}

/** Update rule of a vector of weights. */
type Rule = Pick<Adam, 'apply' | 'moments' | 'dispose'>;

/**
 * Adam, AdamW or SGD with momentum. All weights are updated as one vector, which takes fewer operations per step.
 *
 * - `adam`: Kingma & Ba 2015, with ε as in Keras; ignores `weightDecay`;
 * - `adamw`: Loshchilov & Hutter 2019: also multiplies each weight by 1 − learning rate · `weightDecay`;
 * - `sgd`: momentum 0.9, as in Keras.
 *
 * @param options - `clipNorm`: maximum Euclidean norm of the gradient of all weights; null: no limit
 * @param state - state to resume from; default a new optimizer
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
  const decay = optimizer === 'adamw' ? weightDecay : 0;
  let steps = state?.steps ?? 0;

  const start = tf.tidy(() =>
    flatTensor(
      tf,
      weights.map((weight) => weight.read()),
    ),
  );
  const moments = state?.moments.map((values) => tf.tensor1d(values)) ?? [];
  const rule: Rule =
    optimizer === 'sgd' ? momentum(tf, start, moments[0]) : createAdam(engine, start, moments);
  tf.dispose([start, ...moments]);

  return {
    apply: (gradients, learningRate, beta1) => {
      steps++;
      tf.tidy(() => {
        const gradient = flatGradient(tf, gradients, clipNorm);
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

/** All values of some tensors as one vector. */
function flatTensor(tf: TensorFlow, tensors: readonly Tensor[]): Tensor1D {
  return tf.concat1d(tensors.map((tensor) => tensor.flatten()));
}

/** The gradients of all weights as one vector, with a Euclidean norm of at most `clipNorm`. */
export function flatGradient(
  tf: TensorFlow,
  gradients: readonly Tensor[],
  clipNorm: number | null,
): Tensor1D {
  const raw = flatTensor(tf, gradients);
  return clipNorm === null ? raw : raw.mul<Tensor1D>(tf.minimum(1, tf.div(clipNorm, raw.norm())));
}

export const sgdMomentum = 0.9;

/** SGD with velocity ← 0.9 · velocity + learning rate · gradient. */
function momentum(tf: TensorFlow, values: Tensor1D, velocity?: Tensor1D): Rule {
  let kept = tf.tidy(() =>
    [values.clone(), velocity?.clone() ?? tf.zerosLike(values)].map((tensor) => tf.keep(tensor)),
  );
  return {
    apply: (gradient, { learningRate }) => {
      const next = tf.tidy(() => {
        const moved: Tensor1D = kept[1].mul(sgdMomentum).add(gradient.mul(learningRate));
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

export const adamConstants = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/** Adam for one vector. The vector and its moments stay on the engine. Must be disposed. */
interface Adam {
  /**
   * @param step - number of the step, from 1
   * @param beta1 - decay of the running mean of the gradients in this step; default 0.9
   * @param decay - weight decay of AdamW; 0 for Adam
   * @returns the new values; the caller disposes them
   */
  apply: (
    gradient: Tensor1D,
    options: { step: number; learningRate: number; beta1?: number; decay: number },
  ) => Tensor1D;
  /** running means of the gradient and of its square; the caller disposes them */
  moments: () => Tensor1D[];
  dispose: () => void;
}

/**
 * Adam (Kingma & Ba 2015) with ε as in Keras and the decoupled weight decay of Loshchilov & Hutter 2019. On the native engine one
 * in-place kernel (`ResourceApplyAdam`), otherwise a dozen operations.
 *
 * @param values - initial values; copied
 * @param moments - to resume from; default zeros
 */
function createAdam({ name, tf }: Engine, values: Tensor1D, moments: readonly Tensor1D[] = []): Adam {
  const start = [values, ...(moments.length === 2 ? moments : [tf.zerosLike(values), tf.zerosLike(values)])];
  const adam = name === 'native' ? fusedAdam(nativeKernels(tf), start) : composedAdam(tf, start);
  if (moments.length !== 2) tf.dispose(start.slice(1));
  return adam;
}

/** Makes the names of variables unique. */
let made = 0;

function fusedAdam(kernels: Kernels, start: readonly Tensor1D[]): Adam {
  const { tf, prepare } = kernels;
  const dtype = { dtype: type('FLOAT') };
  const read = prepare('ReadVariableOp', dtype);
  const assign = prepare('AssignVariableOp', { ...dtype, validate_shape: bool(false) }, 0);
  const subtract = prepare('AssignSubVariableOp', dtype, 0);
  const destroy = prepare('DestroyResourceOp', { ignore_lookup_error: bool(true) }, 0);
  const update = prepare(
    'ResourceApplyAdam',
    { T: type('FLOAT'), use_locking: bool(false), use_nesterov: bool(false) },
    0,
  );
  const { beta2, epsilon } = adamConstants;
  const constants = [beta2, epsilon].map((value) => tf.keep(tf.scalar(value)));
  const handles = start.map((tensor) => {
    const own = { container: text(''), shared_name: text(`adam-${made++}`), shape: shape(tensor.shape) };
    const [handle] = prepare('VarHandleOp', { ...dtype, ...own })();
    assign(handle, tensor);
    return tf.keep(handle);
  });
  return {
    apply: (gradient, { step, learningRate, beta1 = adamConstants.beta1, decay }) =>
      tf.tidy(() => {
        if (decay > 0) {
          const [values] = read(handles[0]);
          const taken = values.mul(learningRate * decay);
          values.dispose(); // otherwise the variable is copied before the update
          subtract(handles[0], taken);
        }
        const powers = [beta1, beta2].map((beta) => tf.scalar(beta ** step));
        update(
          ...handles,
          ...powers,
          ...[learningRate, beta1].map((value) => tf.scalar(value)),
          ...constants,
          gradient,
        );
        return read(handles[0])[0] as Tensor1D;
      }),
    moments: () => handles.slice(1).map((handle) => read(handle)[0] as Tensor1D),
    dispose: () => {
      for (const handle of handles) destroy(handle);
      tf.dispose([...handles, ...constants]);
    },
  };
}

function composedAdam(tf: TensorFlow, start: readonly Tensor1D[]): Adam {
  const { beta2, epsilon } = adamConstants;
  let kept = start.map((tensor) => tf.keep(tensor.clone()));
  return {
    apply: (gradient, { step, learningRate, beta1 = adamConstants.beta1, decay }) => {
      const next = tf.tidy((): Tensor[] => {
        const [values, mean, square] = kept;
        const newMean = mean.add(gradient.sub(mean).mul(1 - beta1));
        const newSquare = square.add(
          gradient
            .square()
            .sub(square)
            .mul(1 - beta2),
        );
        const rate = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
        const change = newMean.mul(rate).div(newSquare.sqrt().add(epsilon));
        const shrunk = decay > 0 ? values.mul(1 - learningRate * decay) : values;
        return [shrunk.sub(change), newMean, newSquare];
      });
      tf.dispose(kept);
      kept = next.map((tensor) => tf.keep(tensor as Tensor1D));
      return kept[0].clone();
    },
    moments: () => kept.slice(1).map((tensor) => tensor.clone()),
    dispose: () => {
      tf.dispose(kept);
    },
  };
}
