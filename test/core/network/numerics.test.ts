import type { Scalar, Tensor, Tensor4D, Variable } from '@tensorflow/tfjs';
import assert from 'node:assert/strict';
import { createRandom } from '../../../src/core/base';
import { type Engine, engineNames, type TensorFlow } from '../../../src/core/network';
import { loadEngine } from '../../../src/node/engine';
import { assertClose } from '../../assert-close';

const normals = (count: number, seed: string): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.normal());
};

/** Filter gradient of a 2-D convolution, by the definition. */
function filterGradient(
  x: number[],
  dy: number[],
  [height, width, inChannels]: [number, number, number],
  [filterHeight, filterWidth, outChannels]: [number, number, number],
  stride: number,
  [top, left, outHeight, outWidth]: [number, number, number, number],
): number[] {
  const gradient = new Array<number>(filterHeight * filterWidth * inChannels * outChannels).fill(0);
  for (let i = 0; i < filterHeight; i++)
    for (let j = 0; j < filterWidth; j++)
      for (let r = 0; r < outHeight; r++)
        for (let c = 0; c < outWidth; c++) {
          const row = r * stride + i - top;
          const column = c * stride + j - left;
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          for (let k = 0; k < inChannels; k++)
            for (let o = 0; o < outChannels; o++)
              gradient[((i * filterWidth + j) * inChannels + k) * outChannels + o] +=
                x[(row * width + column) * inChannels + k] * dy[(r * outWidth + c) * outChannels + o];
        }
  return gradient;
}

/** A small network with the layers used in the workbench, fixed weights and one fixed batch. */
function smallNetwork(tf: TensorFlow) {
  const layers = [
    tf.layers.conv1d({ inputShape: [12, 3], filters: 4, kernelSize: 5, padding: 'same', activation: 'relu' }),
    tf.layers.batchNormalization(),
    tf.layers.maxPooling1d({ poolSize: 5, strides: 2, padding: 'same' }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 7, activation: 'softmax' }),
  ];
  const model = tf.sequential({ layers });
  model.setWeights(
    model.getWeights().map((weight, i) => {
      if (weight.shape.length === 1) return weight;
      return tf.tensor(normals(weight.size, `weight ${i}`), weight.shape).mul(0.4);
    }),
  );
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' });
  const x = tf.tensor(normals(8 * 12 * 3, 'x'), [8, 12, 3]);
  const y = tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 0], 'int32'), 7).toFloat();
  return { model, x, y };
}

const trained = new Map<string, Float32Array>();

for (const name of engineNames) {
  describe(`the ${name} engine`, () => {
    let engine: Engine;
    let tf: TensorFlow;
    before(async function () {
      try {
        engine = await loadEngine(name);
      } catch (error) {
        if (name === 'wasm') throw error;
        console.log(`      skipped: no native engine here (${String(error)})`);
        this.skip();
      }
      tf = engine.tf;
    });
    // Restores the default engine for other tests in this process.
    after(() => loadEngine());

    it('reports its name and version', () => {
      assert.equal(engine.name, name);
      assert.match(engine.version, name === 'native' ? /^TensorFlow \d+\.\d+/ : /WebAssembly/);
      assert.ok(engine.threads >= 1);
    });

    it('computes convolutions as defined', () => {
      const x = tf.tensor3d([1, 2, 3, 4], [1, 4, 1]);
      const filter = tf.tensor3d([1, 0, -1], [3, 1, 1]);
      assertClose(tf.conv1d(x, filter, 1, 'same').dataSync(), [-2, -2, -2, 3], 1e-6);
    });

    for (const { padding, stride, place } of [
      { padding: 'valid', stride: 1, place: [0, 0, 4, 5] },
      { padding: 'same', stride: 1, place: [1, 0, 6, 6] },
      { padding: 'same', stride: 2, place: [0, 0, 3, 3] },
    ] as const) {
      it(`computes the filter gradient of a convolution (${padding}, stride ${stride})`, () => {
        const [top, left, outHeight, outWidth] = place;
        const x = normals(6 * 6 * 3, 'input');
        const dy = normals(outHeight * outWidth * 2, 'output gradient');
        const gradient = tf.tidy(() => {
          const input = tf.tensor4d(x, [1, 6, 6, 3]);
          const weights = tf.tensor4d(dy, [1, outHeight, outWidth, 2]);
          const loss = (filter: Tensor) =>
            tf
              .conv2d(input, filter as Tensor4D, stride, padding)
              .mul(weights)
              .sum();
          return tf
            .grad(loss)(tf.zeros([3, 2, 3, 2]))
            .dataSync();
        });
        const expected = filterGradient(x, dy, [6, 6, 3], [3, 2, 2], stride, [
          top,
          left,
          outHeight,
          outWidth,
        ]);
        assertClose(gradient, expected, 1e-4);
      });
    }

    it('passes the gradient of max-pooling to the largest input, also if no input is positive', () => {
      const x = tf.tensor4d([1, 2, -4, -3, 0, -1, -2, 0], [1, 1, 8, 1]);
      const weights = tf.tensor4d([1, 2, 3, 4], [1, 1, 4, 1]);
      const pooled = (input: Tensor) =>
        tf
          .maxPool(input as typeof x, [1, 2], [1, 2], 'valid')
          .mul(weights)
          .sum();
      assertClose(tf.grad(pooled)(x).dataSync(), [0, 1, 0, 2, 3, 0, 0, 4], 1e-6);
    });

    it('computes gradients that agree with finite differences', () => {
      const { model, x, y } = smallNetwork(tf);
      const loss = () =>
        tf.metrics.categoricalCrossentropy(y, model.apply(x, { training: true }) as typeof y).mean<Scalar>();
      const variables = model.trainableWeights.map(
        // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the weight of a layer is its variable
        (weight) => weight.read() as Variable,
      );
      const { grads } = tf.variableGrads(loss, variables);
      const step = 1e-3; // small, because relu and max-pool have kinks
      for (const variable of variables) {
        const values = variable.dataSync().slice();
        const index = Math.floor(values.length / 2);
        const lossAt = (offset: number): number => {
          const moved = values.slice();
          moved[index] += offset;
          variable.assign(tf.tensor(moved, variable.shape));
          return tf.tidy(() => loss().dataSync()[0]);
        };
        const difference = (lossAt(step) - lossAt(-step)) / (2 * step);
        variable.assign(tf.tensor(values, variable.shape));
        assertClose([grads[variable.name].dataSync()[index]], [difference], 2e-3, variable.name);
      }
    });

    it('lowers the loss in training, with the same result as the other engines', async () => {
      const { model, x, y } = smallNetwork(tf);
      const before = Number(await model.trainOnBatch(x, y));
      for (let i = 0; i < 4; i++) await model.trainOnBatch(x, y);
      const after = Number(await model.trainOnBatch(x, y));
      assert.ok(after < before, `loss ${before} → ${after}`);
      const output = (model.predict(x) as typeof y).dataSync() as Float32Array;
      for (const [other, values] of trained) assertClose(output, values, 1e-3, `outputs against ${other}`);
      trained.set(name, output);
    });
  });
}
