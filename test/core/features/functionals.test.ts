import assert from 'node:assert/strict';
import { functionals } from '../../../src/core/features';
import { assertClose } from '../../assert-close';

/** A set of rows, each a list of frames. Shorter rows are padded with `fill`, which must be ignored. */
function setOf(rows: readonly (readonly number[])[][], columns: string[], fill = 0) {
  const frames = Math.max(...rows.map((row) => row.length));
  const filled = rows.map((row) =>
    [...row, ...Array.from({ length: frames - row.length }, () => columns.map(() => fill))].flat(),
  );
  return {
    data: Float32Array.from(filled.flat()),
    shape: [rows.length, 1, frames, columns.length] as [number, number, number, number],
    frames: Int32Array.from(rows, (row) => row.length),
    columns,
  };
}

describe('functionals', () => {
  it("are numpy's mean, std and percentiles of each coefficient", () => {
    // np.mean, np.std, np.percentile(…, [20, 50, 80]) of [3, 1, 4, 1, 5, 9] and of [-2, 7, 1, 8, 2, 8]
    const set = setOf([[[3, -2], [1, 7], [4, 1], [1, 8], [5, 2], [9, 8]]], ['zcr', 'mfcc0']); // prettier-ignore
    const { data, shape, columns } = functionals(set);
    assert.deepEqual(shape, [1, 10]);
    assert.deepEqual(columns.slice(0, 6), [
      'zcr.mean',
      'zcr.std',
      'zcr.p20',
      'zcr.p50',
      'zcr.p80',
      'mfcc0.mean',
    ]);
    assertClose(data, [3.8333333, 2.7335366, 1, 3.5, 5, 4, 3.8729833, 1, 4.5, 8], 1e-6);
  });

  it('ignore the padding of short rows', () => {
    const rows = [
      [[1], [2], [6]],
      [[5], [5]],
      [[1], [2], [6], [7]],
    ];
    const { data, shape } = functionals(setOf(rows, ['rms'], 1000), { percentiles: [0, 100] });
    assert.deepEqual(shape, [3, 4]);
    assertClose(data.subarray(0, 8), [3, Math.sqrt(14 / 3), 1, 6, 5, 0, 5, 5], 1e-6);
  });

  it('cover voiced frames of f0 only and report their share', () => {
    const set = setOf([[[0, 0], [100, 0], [200, 0], [0, 0]], [[0, 0], [0, 1]]], ['f0', 'rms']); // prettier-ignore
    const { data, columns } = functionals(set, { percentiles: [50] });
    assert.deepEqual(columns, ['f0.mean', 'f0.std', 'f0.p50', 'f0.voiced', 'rms.mean', 'rms.std', 'rms.p50']);
    assertClose(data, [150, 50, 150, 0.5, 0, 0, 0, 0, 0, 0, 0, 0.5, 0.5, 0.5], 1e-6);
  });

  it('are zeros for a row without frames, and do not change the set', () => {
    const set = setOf([[[3], [1]], []], ['zcr']);
    const before = set.data.slice();
    assertClose(functionals(set).data.subarray(5), [0, 0, 0, 0, 0], 0);
    assert.deepEqual(set.data, before);
  });

  it('reject percentiles outside 0 to 100', () => {
    const set = setOf([[[1]]], ['zcr']);
    assert.throws(
      () => functionals(set, { percentiles: [101] }),
      /percentiles must be numbers from 0 to 100, got 101/,
    );
    assert.throws(
      () => functionals(set, { percentiles: [NaN] }),
      /percentiles must be numbers from 0 to 100, got NaN/,
    );
  });
});
