import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import type { Engine, TensorFlow } from './engine';
import { bool, type Kernels, nativeKernels, shape, text, type } from './kernels';

const adamConstants = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/** Adam on one vector, with the vector and its moments kept on the engine. To be disposed of. */
export interface Adam {
  /**
   * @param step - how many steps were taken, with this one
   * @param beta1 - share that the mean of the gradients keeps of itself in this step; default 0.9
   * @param decay - AdamW: every value becomes smaller by learningRate · decay, apart from its gradient; 0 for Adam
   * @returns the new values; the caller disposes of them
   */
  apply: (
    gradient: Tensor1D,
    options: { step: number; learningRate: number; beta1?: number; decay: number },
  ) => Tensor1D;
  /** running means of the gradient and of its square; the caller disposes of them */
  moments: () => Tensor1D[];
  dispose: () => void;
}

/**
 * Kingma & Ba 2015 with ε as Keras has it, and the decay of Loshchilov & Hutter 2019. On the native engine it is one kernel
 * (`ResourceApplyAdam`) that works in place, else a dozen operations.
 *
 * @param values - to start from; not taken over
 * @param moments - to go on from; default zeros
 */
export function createAdam({ name, tf }: Engine, values: Tensor1D, moments: readonly Tensor1D[] = []): Adam {
  const start = [values, ...(moments.length === 2 ? moments : [tf.zerosLike(values), tf.zerosLike(values)])];
  const adam = name === 'native' ? fusedAdam(nativeKernels(tf), start) : composedAdam(tf, start);
  if (moments.length !== 2) tf.dispose(start.slice(1));
  return adam;
}

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
          values.dispose(); // else the variable would be copied before it is changed
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
