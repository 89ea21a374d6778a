import type { io, LayersModel, Variable } from '@tensorflow/tfjs';
import { messageOf, WorkbenchError } from '../base';
import type { TensorFlow } from './network';
import { productOf } from './network-size';
import { statisticsPoolingOf } from './statistics-pooling';
import type { CheckedTopology } from './topology';

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
 * Restores a network from the output of {@link writeNetwork}. The files contain only data; no code is executed. If it fails, no tensor
 * is left.
 *
 * @param topology - the content of `model.json`, from `checkTopology`
 * @param weights - content of `weights.bin`, of the size that was checked
 * @throws {@link WorkbenchError} if a weight is not finite
 */
export async function readNetwork(
  tf: TensorFlow,
  { modelTopology, weights: specs }: CheckedTopology,
  weights: Uint8Array,
): Promise<LayersModel> {
  // A copy, because a Node Buffer is a view of a larger array.
  const all = new Float32Array(new Uint8Array(weights).buffer);
  const values = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  let start = 0;
  for (const { name, shape } of specs) {
    const data = all.subarray(start, (start += productOf(shape)));
    if (!data.every(Number.isFinite))
      throw new WorkbenchError(`the weight ${name} has values that are not finite`);
    values.set(name, { shape, data });
  }
  statisticsPoolingOf(tf); // registers the layer
  const model = await disposeIfFails(tf, () =>
    tf.models.modelFromJSON({ modelTopology: modelTopology as io.ModelJSON['modelTopology'] }),
  );
  try {
    tf.tidy(() => {
      model.setWeights(
        model.weights.map(({ originalName }) => {
          const { shape, data } = values.get(originalName)!;
          return tf.tensor(data, [...shape]);
        }),
      );
    });
    return model;
  } catch (error) {
    model.dispose();
    throw new WorkbenchError(`the network cannot be restored: ${messageOf(error)}`);
  }
}

/** Runs a function that creates variables, and disposes them if it fails. */
export function disposeIfFails<T>(tf: TensorFlow, create: () => T): T {
  const variables = (): Map<string, Variable> =>
    new Map(Object.entries(tf.engine().state.registeredVariables));
  const before = variables();
  const disposeNew = (): void => {
    for (const [name, variable] of created) if (before.get(name) !== variable) variable.dispose();
  };
  let created = before;
  try {
    const result = create();
    // For an asynchronous function, only variables created before its first await: other code may create variables after that.
    created = variables();
    if (result instanceof Promise) result.catch(disposeNew);
    return result;
  } catch (error) {
    created = variables();
    disposeNew();
    throw error;
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
