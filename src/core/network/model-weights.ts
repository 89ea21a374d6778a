import type { LayersModel } from '@tensorflow/tfjs';
import type { TensorFlow } from './engine';

/** A copy of all weights, in the model's order. */
export async function readWeights(model: LayersModel): Promise<Float32Array[]> {
  return Promise.all(model.getWeights().map(async (weight) => (await weight.data<'float32'>()).slice()));
}

/** Puts weights back that {@link readWeights} gave. */
export function writeWeights(tf: TensorFlow, model: LayersModel, weights: readonly Float32Array[]): void {
  tf.tidy(() => {
    const shapes = model.getWeights().map(({ shape }) => shape);
    model.setWeights(weights.map((values, i) => tf.tensor(values, shapes[i])));
  });
}
