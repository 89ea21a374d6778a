import type { io, LayersModel } from '@tensorflow/tfjs';
import { WorkbenchError } from '../base';
import type { TensorFlow } from './engine';

/** A network as files that any TensorFlow.js loads: its topology in JSON, and its weights. */
export interface NetworkFiles {
  /** of `model.json`, which names `weights.bin` */
  json: string;
  weights: Uint8Array;
}

/** Writes a network into memory, in the layers format of TensorFlow.js. */
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
 * Reads a network that {@link writeNetwork} wrote. It is data all through: layers by name, and numbers; no code is run.
 *
 * @throws {@link WorkbenchError} if topology and weights do not fit each other
 */
export async function readNetwork(tf: TensorFlow, { json, weights }: NetworkFiles): Promise<LayersModel> {
  try {
    const { modelTopology, weightsManifest } = JSON.parse(json) as io.ModelJSON;
    // A copy: a Buffer is a view of a larger array, and its own slice would be one as well.
    const weightData = new Uint8Array(weights).buffer;
    const weightSpecs = weightsManifest.flatMap((group) => group.weights);
    return await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  } catch (error) {
    throw new WorkbenchError(`the network cannot be restored: ${(error as Error).message}`);
  }
}

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
