import assert from 'node:assert/strict';
import {
  checkTopology,
  compactCnn,
  createNetwork,
  type Engine,
  writeNetwork,
} from '../../../src/core/network';
import { poolStatistics } from '../../../src/core/network/statistics-pooling';
import { loadEngine } from '../../../src/node/engine';
import { assertClose } from '../../assert-close';

describe('statistics pooling', () => {
  let engine: Engine;
  before(async () => (engine = await loadEngine()));

  /** One value per frame, which is also the input of the network. */
  async function statisticsOf(rows: readonly (readonly number[])[], factor: number) {
    const { tf } = engine;
    const input = tf.input({ shape: [rows[0].length, 1] });
    const pooled = tf.layers.maxPooling1d({ poolSize: factor, padding: 'same' }).apply(input);
    const output = poolStatistics(tf, pooled as typeof input, input, factor);
    const model = tf.model({ inputs: input, outputs: output });
    const x = tf.tensor3d(rows.map((row) => row.map((value) => [value])));
    const result = model.predict(x) as typeof x;
    assert.deepEqual(result.shape, [rows.length, 3]);
    const values = await result.data<'float32'>();
    tf.dispose([x, result]);
    model.dispose();
    return values;
  }

  it('is mean, deviation and maximum of the frames that are not padding', async () => {
    const rows = [
      [1, 2, 6, 0, 0],
      [-3, -5, -1, -2, -4],
      [7, 0, 0, 0, 0],
    ];
    const values = await statisticsOf(rows, 1);
    const small = Math.sqrt(1e-5);
    assertClose(values, [3, Math.sqrt(14 / 3 + 1e-5), 6, -3, Math.sqrt(2 + 1e-5), -1, 7, small, 7], 1e-5);
  });

  it('counts a frame that stands for several if one of these is speech', async () => {
    const values = await statisticsOf([[1, 2, 6, 0, 0, 0, 0]], 2);
    // The pooled frames are 2, 6, 0, 0; the first two contain speech.
    assertClose(values, [4, Math.sqrt(4 + 1e-5), 6], 1e-5);
  });

  it('has no frame to count in a row of zeros, and stays finite', async () => {
    const values = await statisticsOf([[0, 0, 0]], 1);
    assert.ok(values.every(Number.isFinite));
  });

  it('ignores what a network computes for padding', () => {
    const { tf } = engine;
    tf.tidy(() => {
      const model = compactCnn(tf, { frames: 40, coefficients: 3, width: 4, head: 'statistics' });
      const network = createNetwork(engine, model);
      const speech = tf.randomNormal([1, 16, 3], 0, 1, 'float32', 5);
      const padded = tf.pad(speech, [
        [0, 0],
        [0, 24],
        [0, 0],
      ]);
      // Twice the speech, far from the first: the padding between the two does not count either.
      const gap = tf.zeros([1, 8, 3]);
      const twice = tf.concat([speech, gap, speech], 1);
      const difference = network.predict(padded).sub(network.predict(twice)).abs().max();
      const noise = tf.randomNormal([1, 24, 3], 0, 1, 'float32', 6);
      const other = network.predict(tf.concat([speech, noise], 1));
      const change = network.predict(padded).sub(other).abs().max();
      assert.ok(difference.dataSync()[0] < 0.3 * change.dataSync()[0]);
      model.dispose();
    });
  });

  it('of a saved network must fit its inputs', async () => {
    const model = compactCnn(engine.tf, { frames: 24, coefficients: 3, width: 2, head: 'statistics' });
    const { json, weights } = await writeNetwork(engine.tf, model);
    model.dispose();
    const wrong = json.replace('"factor":8', '"factor":4');
    assert.notEqual(wrong, json);
    assert.throws(
      () => checkTopology(JSON.parse(wrong), weights.length),
      /StatisticsPooling.*its 3 frames must be 24 \/ 4, rounded up/,
    );
  });
});
