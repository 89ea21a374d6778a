import type { LayersModel, SymbolicTensor, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import assert from 'node:assert/strict';
import { createRandom } from '../../../src/core/base';
import {
  compactCnn,
  createNetwork,
  type Engine,
  logMelCnn,
  type Network,
  type NetworkOptions,
} from '../../../src/core/network';
import { fusedMaxPooling } from '../../../src/core/network/fused/convolution';
import { fastConvolution } from '../../../src/core/network/fused/fast-convolution';
import { nativeKernels } from '../../../src/core/network/kernels';
import { loadEngine } from '../../../src/node/engine';
import { assertClose } from '../../assert-close';

const rows = 12;
const classes = 7;

describe('networks', () => {
  let engine: Engine;
  let tf: Engine['tf'];
  before(async function () {
    engine = await loadEngine();
    tf = engine.tf;
    if (engine.name === 'native') return;
    console.log('      skipped: fused kernels require the native engine');
    this.skip();
  });

  const normals = (count: number, seed: string): Float32Array => createRandom(seed).normals(count);
  /** The first row ends in padding. */
  const input = (shape: readonly number[]): Tensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = normals(rows * size, 'x').fill(0, Math.floor(0.7 * shape[0]) * (size / shape[0]), size);
    return tf.tensor(values, [rows, ...shape]);
  };
  const oneHot = (): Tensor2D =>
    tf.tidy(() =>
      tf
        .oneHot(
          Array.from({ length: rows }, (_, i) => i % classes),
          classes,
        )
        .cast('float32'),
    );

  /** Dropout masks for both paths. */
  const dropoutMask: NetworkOptions['dropoutMask'] = (shape, rate, { layer, step }) => {
    const values = normals(
      shape.reduce((a, b) => a * b, 1),
      `mask ${layer} ${step as number}`,
    );
    return tf.tensor(
      values.map((value) => (value < -0.8 ? 0 : 1 / (1 - rate))),
      shape,
    );
  };

  /** A sequential model with weights that keep all layers active. */
  function chain(shape: number[], layers: { apply: (x: SymbolicTensor) => unknown }[]): LayersModel {
    const first = tf.input({ shape });
    let x = first;
    for (const layer of layers) x = layer.apply(x) as SymbolicTensor;
    return withWeights(tf.model({ inputs: first, outputs: x }));
  }

  function withWeights(model: LayersModel): LayersModel {
    const values = model.getWeights().map((weight, i) => {
      const spread = weight.rank === 1 ? 0.3 : Math.sqrt(2 / (weight.size / weight.shape[weight.rank - 1]));
      const centre = weight.rank === 1 ? 1 : 0;
      return tf.tensor(
        normals(weight.size, `weight ${i}`).map(
          (value) => centre + spread * Math.max(-2, Math.min(2, value)),
        ),
        weight.shape,
      );
    });
    model.setWeights(values);
    return model;
  }

  const softmax = () => tf.layers.dense({ units: classes, activation: 'softmax' });
  const layers = () => tf.layers;

  const models: [string, number[], () => LayersModel][] = [
    [
      'convolution with bias and relu, batch normalisation and overlapping pooling, as in the paper',
      [21, 3],
      () =>
        chain(
          [21, 3],
          [
            layers().conv1d({ filters: 8, kernelSize: 5, padding: 'same', activation: 'relu' }),
            layers().batchNormalization(),
            layers().maxPooling1d({ poolSize: 5, strides: 2, padding: 'same' }),
            layers().dropout({ rate: 0.2 }),
            layers().flatten(),
            layers().dense({ units: 16, activation: 'relu' }),
            layers().batchNormalization(),
            softmax(),
          ],
        ),
    ],
    ...([2, 3, 4, 5] as const).map((width): [string, number[], () => LayersModel] => [
      `convolutions with many channels, with filter gradients by matrix products, with ${width} taps`,
      [9, 64],
      () =>
        chain(
          [9, 64],
          [
            layers().conv1d({ filters: 70, kernelSize: width, padding: 'same', useBias: false }),
            layers().batchNormalization({ momentum: 0.9, epsilon: 1e-5 }),
            layers().reLU(),
            layers().conv1d({ filters: 5, kernelSize: width, padding: 'same' }),
            layers().flatten(),
            softmax(),
          ],
        ),
    ]),
    [
      'wide convolutions by fewer products',
      [11, 256],
      () =>
        chain(
          [11, 256],
          [
            layers().conv1d({ filters: 256, kernelSize: 5, padding: 'same', activation: 'relu' }),
            layers().batchNormalization(),
            layers().conv1d({ filters: 256, kernelSize: 5, padding: 'same', useBias: false }),
            layers().batchNormalization(),
            layers().globalAveragePooling1d({}),
            softmax(),
          ],
        ),
    ],
    [
      'strided convolution without padding, and pooling that drops frames',
      [20, 2],
      () =>
        chain(
          [20, 2],
          [
            layers().conv1d({ filters: 6, kernelSize: 4, strides: 2, activation: 'relu' }),
            layers().maxPooling1d({ poolSize: 2 }),
            layers().globalAveragePooling1d({}),
            softmax(),
          ],
        ),
    ],
    [
      'pictures: 2-D convolution and pooling, mean over all places',
      [8, 10, 1],
      () =>
        chain(
          [8, 10, 1],
          [
            layers().conv2d({ filters: 6, kernelSize: 3, padding: 'same', useBias: false }),
            layers().batchNormalization(),
            layers().activation({ activation: 'relu' }),
            layers().maxPooling2d({ poolSize: [2, 2] }),
            layers().globalAveragePooling2d({}),
            softmax(),
          ],
        ),
    ],
    [
      'batch normalisation of a convolution with bias, and of one that another layer reads, too',
      [12, 3],
      () => {
        const first = tf.input({ shape: [12, 3] });
        const x = layers().conv1d({ filters: 4, kernelSize: 3 }).apply(first) as SymbolicTensor;
        const normalised = layers().batchNormalization().apply(x) as SymbolicTensor;
        const y = layers().conv1d({ filters: 5, kernelSize: 3 }).apply(normalised) as SymbolicTensor;
        const both = [layers().batchNormalization().apply(y) as SymbolicTensor, y];
        const joined = layers().concatenate().apply(both) as SymbolicTensor;
        const flat = layers().flatten().apply(joined) as SymbolicTensor;
        return withWeights(tf.model({ inputs: first, outputs: softmax().apply(flat) as SymbolicTensor }));
      },
    ],
    [
      'two layers of LSTM, all frames and then the last',
      [9, 5],
      () =>
        chain(
          [9, 5],
          [
            layers().lstm({ units: 6, recurrentActivation: 'sigmoid', returnSequences: true }),
            layers().lstm({ units: 4, recurrentActivation: 'sigmoid' }),
            softmax(),
          ],
        ),
    ],
    [
      'statistics over the speech of sequences',
      [20, 4],
      () =>
        withWeights(
          compactCnn(tf, { frames: 20, coefficients: 4, width: 6, head: 'statistics', classes, dropout: 0 }),
        ),
    ],
    [
      'statistics over the speech of spectrograms',
      [20, 16, 1],
      () =>
        withWeights(
          logMelCnn(tf, { frames: 20, bands: 16, width: 3, head: 'statistics', classes, dropout: 0 }),
        ),
    ],
    [
      'a head of concatenated mean and maximum',
      [10, 4],
      () => {
        const first = tf.input({ shape: [10, 4] });
        const x = layers()
          .conv1d({ filters: 6, kernelSize: 3, padding: 'same' })
          .apply(first) as SymbolicTensor;
        const mean = layers().globalAveragePooling1d({}).apply(x) as SymbolicTensor;
        const max = layers().globalMaxPooling1d({}).apply(x) as SymbolicTensor;
        const both = layers().concatenate().apply([mean, max]) as SymbolicTensor;
        return withWeights(tf.model({ inputs: first, outputs: softmax().apply(both) as SymbolicTensor }));
      },
    ],
  ];

  /** The results of a step and the updated statistics of the model. */
  function step(network: Network, shape: readonly number[], weighted: boolean): Float32Array[] {
    const before = network.model.getWeights().map((weight) => weight.clone());
    const x = input(shape);
    const soft = oneHot()
      .mul(0.9)
      .add<Tensor2D>(0.1 / classes);
    const weights = weighted ? tf.linspace(0.2, 3, rows) : undefined;
    const { loss, probabilities, gradients } = network.gradients({ x, targets: soft, weights }, { step: 3 });
    assert.deepEqual(
      gradients.map(({ shape: gradientShape }) => gradientShape),
      network.model.trainableWeights.map((weight) => weight.shape),
    );
    const all = [loss, probabilities, ...gradients, ...network.model.getWeights()];
    const values = all.map((tensor) => tensor.dataSync<'float32'>());
    network.model.setWeights(before);
    return values;
  }

  for (const [title, shape, build] of models) {
    for (const weighted of [false, true]) {
      const suffix = weighted ? ', rows weighted' : '';
      it(`the fused and composed paths agree in loss, gradients and statistics: ${title}${suffix}`, () => {
        tf.tidy(() => {
          const model = build();
          const [fused, composed] = [undefined, 'composed' as const].map((path) =>
            createNetwork(engine, model, { path, dropoutMask }),
          );
          assert.deepEqual([fused.path, composed.path], ['fused', 'composed']);
          const tolerance = title.startsWith('statistics') ? 1e-3 : 2e-4;
          const expected = step(composed, shape, weighted);
          for (const [i, values] of step(fused, shape, weighted).entries()) {
            const largest = expected[i].reduce((max, value) => Math.max(max, Math.abs(value)), 0);
            assertClose(values, expected[i], tolerance * Math.max(largest, 1e-2), `tensor ${i}`);
          }
          const x = input(shape);
          const difference = title.startsWith('wide') ? 5e-6 : 1e-6;
          assertClose(fused.predict(x).dataSync(), composed.predict(x).dataSync(), difference, 'predictions');
        });
      });
    }
  }

  it('convolutions by fewer products agree with direct ones, forward and backward', () => {
    const { convolve, filterGradient, inputGradient } = fastConvolution(nativeKernels(tf));
    for (const [frames, width] of [
      [30, 5],
      [3, 5],
      [12, 3],
      [9, 7],
    ]) {
      tf.tidy(() => {
        const x = input([1, frames, 16]) as Tensor4D;
        const filter = tf.tensor4d(normals(width * 16 * 24, 'filter'), [1, width, 16, 24]);
        const convolution = (a: Tensor, b: Tensor): Tensor =>
          tf.conv2d(a as Tensor4D, b as Tensor4D, 1, 'same');
        const y = convolution(x, filter);
        const dy = tf.tensor4d(normals(y.size, 'gradient'), y.shape as Tensor4D['shape']);
        const [dx, dFilter] = tf.grads(convolution)([x, filter], dy);
        for (const [actual, expected] of [
          [convolve(x, filter), y],
          [inputGradient(dy, filter), dx],
          [filterGradient(x, dy, width), dFilter],
        ]) {
          const scale = expected.abs().max().dataSync()[0];
          assert.deepEqual(actual.shape, expected.shape);
          assertClose(
            actual.dataSync(),
            expected.dataSync(),
            5e-6 * scale,
            `${frames} frames, width ${width}`,
          );
        }
      });
    }
  });

  it('max-pooling with stored positions gives the same gradients as without', function () {
    if (!nativeKernels(tf).hasPoolingWorkspace) this.skip(); // a TensorFlow without oneDNN
    tf.tidy(() => {
      const x = tf.relu(input([1, 30, 4])); // with ties
      const pass = { training: true, needsInputGradient: true, dropoutMask: () => x };
      for (const [size, strides, padding] of [
        [5, 2, 'SAME'],
        [2, 2, 'VALID'],
        [3, 2, 'SAME'],
      ] as const) {
        const [known, searched] = [true, false].map((hasPoolingWorkspace) => {
          const kernels = { ...nativeKernels(tf), hasPoolingWorkspace };
          const layer = fusedMaxPooling(kernels, { size: [1, size], strides: [1, strides], padding });
          const { output, backward } = layer([x], pass);
          const [dx] = backward!(output.mul(output).add(1)).inputs;
          return [output, dx!].map((tensor) => tensor.dataSync<'float32'>());
        });
        assert.deepEqual(known, searched, `${size}/${strides} ${padding}`);
      }
    });
  });

  it('a gradient step lowers the loss', () => {
    tf.tidy(() => {
      const [, shape, build] = models[0];
      const network = createNetwork(engine, build());
      const batch = { x: input(shape), targets: oneHot() };
      const loss = () => {
        const probabilities = network.predict(batch.x);
        return batch.targets.mul(probabilities.log()).sum(1).mean().neg().dataSync()[0];
      };
      const first = loss();
      for (let i = 0; i < 60; i++) {
        const { gradients } = network.gradients(batch, { step: i });
        for (const [k, weight] of network.model.trainableWeights.entries())
          weight.write(weight.read().sub(gradients[k].mul(0.1)));
      }
      assert.ok(loss() < 0.5 * first, `${loss()} after ${first}`);
    });
  });

  it('a step leaks no tensors', () => {
    const [, shape, build] = models[0];
    const model = build();
    const x = input(shape);
    const targets = oneHot();
    for (const path of [undefined, 'composed' as const]) {
      const network = createNetwork(engine, model, { path });
      const before = tf.memory().numTensors;
      const { loss, probabilities, gradients } = network.gradients({ x, targets }, { step: 0 });
      const prediction = network.predict(x);
      assert.equal(tf.memory().numTensors - before, 3 + gradients.length, network.path);
      tf.dispose([loss, probabilities, prediction, ...gradients]);
    }
    tf.dispose([x, targets]);
    model.dispose();
  });

  it('dropout masks depend on seed, layer and step, and have the expected rate and mean', () => {
    const rate = 0.3;
    const first = tf.input({ shape: [50, 40] });
    const dropped = tf.layers.dropout({ rate }).apply(first) as SymbolicTensor;
    const flat = tf.layers.flatten().apply(dropped) as SymbolicTensor;
    const model = tf.model({ inputs: first, outputs: softmax().apply(flat) as SymbolicTensor });
    const x = tf.ones([rows, 50, 40]);
    const targets = oneHot();
    for (const path of [undefined, 'composed' as const]) {
      const gradientsOf = (seed: number, step: number): Float32Array => {
        const network = createNetwork(engine, model, { path, seed });
        const [matrix] = network.gradients({ x, targets }, { step }).gradients;
        return matrix.dataSync<'float32'>();
      };
      assert.deepEqual(gradientsOf(1, 5), gradientsOf(1, 5));
      assert.notDeepEqual(gradientsOf(1, 5), gradientsOf(1, 6));
      assert.notDeepEqual(gradientsOf(1, 5), gradientsOf(2, 5));
    }
  });

  it('networks with unsupported layers are composed: an LSTM with hard sigmoid gates, average pooling', () => {
    const odd = [
      tf.layers.lstm({ units: 3, recurrentActivation: 'hardSigmoid', returnSequences: true }),
      tf.layers.averagePooling1d({ poolSize: 2 }),
    ];
    for (const layer of odd) {
      const model = chain([12, 3], [layer, tf.layers.flatten(), softmax()]);
      const network = createNetwork(engine, model);
      assert.equal(network.path, 'composed');
      const { loss } = network.gradients({ x: input([12, 3]), targets: oneHot() }, { step: 0 });
      assert.ok(Number.isFinite(loss.dataSync()[0]));
    }
  });
});
