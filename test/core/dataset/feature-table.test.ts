import assert from 'node:assert/strict';
import { createRandom, emotions } from '../../../src/core/base';
import { featureTable, fillMissing, missingValues } from '../../../src/core/dataset';
import { type FeatureSet, flatPaperLayout } from '../../../src/core/features';
import { featuresOf } from './feature-set';
import { madeClip } from './original-clips';

const recordings = [0, 1].map((i) => ({
  clip: madeClip(`${i}.wav`, { emotion: emotions[i] }),
  waveform: { samples: createRandom(i).normals(22_050), sampleRate: 22_050 },
}));
const set = featuresOf(recordings, {
  offsetSec: 0,
  durationSec: 0.2,
  versions: { original: [], noise: [{ kind: 'paperNoise' }] },
});

describe('featureTable', () => {
  it("is the head of the paper's flat layout, with the emotion of each row's clip", () => {
    const {
      data,
      shape: [, width],
    } = flatPaperLayout(set);
    const { columns, values } = featureTable(set, { rows: 3, columns: 5, emotions: true });
    assert.deepEqual(columns, ['0', '1', '2', '…', String(width - 2), String(width - 1), 'emotion']);
    assert.deepEqual(
      values,
      [0, 1, 2].map((row) => [
        ...data.subarray(row * width, row * width + 3),
        '…',
        ...data.subarray((row + 1) * width - 2, (row + 1) * width),
        emotions[row < 2 ? 0 : 1],
      ]),
    );
  });

  it('shows all columns if they fit, and no more rows than there are', () => {
    const { columns, values } = featureTable(set, { rows: 99, columns: 9999 });
    assert.equal(values.length, 4);
    assert.equal(columns.length, set.shape[2] * set.shape[3]);
    assert.ok(!columns.includes('…'));
  });

  it('names an invalid option', () => {
    assert.throws(() => featureTable(set, { rows: 0 }), /rows must be a positive integer, got 0/);
  });
});

describe('missing values', () => {
  const holed: FeatureSet = { ...set, data: set.data.map((value, i) => (i % 44 === 1 ? NaN : value)) };

  it('are counted by column', () => {
    const counts = missingValues(holed);
    assert.deepEqual(
      counts.filter(({ missing }) => missing > 0),
      [{ column: 'rms', missing: Math.ceil(set.data.length / 44), of: set.data.length / 22 }],
    );
    assert.ok(missingValues(set).every(({ missing }) => missing === 0));
  });

  it("become 0 as in the paper's notebook, in a copy; without any, nothing is copied", () => {
    const filled = fillMissing(holed);
    assert.ok(filled.data.every((value, i) => (i % 44 === 1 ? value === 0 : value === set.data[i])));
    assert.ok(Number.isNaN(holed.data[1]));
    assert.equal(fillMissing(set), set);
  });
});
