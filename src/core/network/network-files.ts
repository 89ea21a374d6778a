import type { io, LayersModel } from '@tensorflow/tfjs';
import { WorkbenchError } from '../base';
import type { TensorFlow } from './engine';

/** A network in the layers format of TensorFlow.js: topology as JSON, and weights. */
export interface NetworkFiles {
  /** content of `model.json`, which refers to `weights.bin` */
  json: string;
  weights: Uint8Array;
}

/** Serialises a network in the layers format of TensorFlow.js. */
export async function writeNetwork(tf: TensorFlow, model: LayersModel): Promise<NetworkFiles> {
  let saved: io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  const { modelTopology, weightSpecs, weightData, format, generatedBy } = saved!;
  const bytes = tf.io.CompositeArrayBuffer.join(weightData);
  const json = {
    modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
    format,
    generatedBy,
  };
  return { json: JSON.stringify(json), weights: new Uint8Array(bytes) };
}

/**
 * Restores a network from the output of {@link writeNetwork}. The files contain only data; no code is executed.
 *
 * @throws {@link WorkbenchError} if topology and weights are inconsistent
 */
export async function readNetwork(tf: TensorFlow, { json, weights }: NetworkFiles): Promise<LayersModel> {
  try {
    const { modelTopology, weightsManifest } = JSON.parse(json) as io.ModelJSON;
    // A copy, because a Node Buffer is a view of a larger array.
    const weightData = new Uint8Array(weights).buffer;
    const weightSpecs = weightsManifest.flatMap((group) => group.weights);
    return await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  } catch (error) {
    throw new WorkbenchError(`the network cannot be restored: ${(error as Error).message}`);
  }
}

/** Copies all weights, in the order of the model. */
export async function readWeights(model: LayersModel): Promise<Float32Array[]> {
  return Promise.all(model.getWeights().map(async (weight) => (await weight.data<'float32'>()).slice()));
}

/** Sets all weights of a model, in the order of {@link readWeights}. */
export function writeWeights(tf: TensorFlow, model: LayersModel, weights: readonly Float32Array[]): void {
  tf.tidy(() => {
    const shapes = model.getWeights().map(({ shape }) => shape);
    model.setWeights(weights.map((values, i) => tf.tensor(values, shapes[i])));
  });
}
