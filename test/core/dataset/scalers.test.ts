import fc from 'fast-check';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createScaler,
  fitScaler,
  fitSpeakerScaler,
  gatherRows,
  type Scaler,
  scalerOfRow,
} from '../../../src/core/dataset';
import { loadOneHot, loadScaler, savePreparation } from '../../../src/node/models';
import { assertClose } from '../../assert-close';
import { madeClip } from './original-clips';

interface Golden {
  columns: number;
  trainRows: number;
  rows: (number | null)[];
  mean: number[];
  deviation: number[];
  scaled: (number | null)[];
}

const golden = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'fixtures', 'dataset', 'scalers.json'), 'utf8'),
) as Golden;
const withNaN = (values: readonly (number | null)[]): Float32Array =>
  Float32Array.from(values, (value) => value ?? NaN);

describe('fitScaler', () => {
  const data = withNaN(golden.rows);
  const rows = Array.from({ length: golden.trainRows }, (_, i) => i);
  const scaler = fitScaler(data, golden.columns, rows);

  it("finds scikit-learn's mean and deviation of the training rows, ignoring missing values", () => {
    for (let k = 0; k < golden.columns; k++) {
      assertClose([scaler.mean[k] / golden.mean[k]], [1], 1e-7, `mean ${k}`);
      assertClose([scaler.deviation[k] / golden.deviation[k]], [1], 1e-7, `deviation ${k}`);
    }
  });

  it('scales like scikit-learn; missing values become 0', () => {
    const scaled = scaler.transform(data);
    const expected = golden.scaled.map((value) => value ?? 0);
    assertClose(scaled, expected, 2e-5);
    assert.ok(golden.scaled.includes(null));
  });

  it('only centres a constant column, and leaves a column without numbers unchanged', () => {
    const { mean, deviation } = fitScaler(Float32Array.of(5, NaN, 5, Infinity), 2, [0, 1]);
    assert.deepEqual(
      [[...mean], [...deviation]],
      [
        [5, 0],
        [1, 1],
      ],
    );
  });

  it('pools the frames of each coefficient, without the zero padding', () => {
    // two rows of three frames with two coefficients; the second row has one frame
    const frames = Float32Array.of(1, 10, 3, 30, 5, 50, 7, 70, 0, 0, 0, 0);
    const { mean, deviation } = fitScaler(frames, 6, [0, 1], { columns: 2, frames: Int32Array.of(3, 1) });
    assert.deepEqual([...mean], [4, 40]);
    assertClose(deviation, [Math.sqrt(5), Math.sqrt(500)], 1e-6);
  });

  it('gives any rows mean 0 and deviation 1', () => {
    const rowsOf = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -9, max: 9 })), {
      minLength: 2,
      maxLength: 30,
    });
    fc.assert(
      fc.property(rowsOf, (pairs) => {
        const values = Float32Array.from(pairs.flat());
        const all = [...pairs.keys()];
        const scaled = fitScaler(values, 2, all).transform(values);
        const again = fitScaler(scaled, 2, all);
        assertClose(again.mean, [0, 0], 1e-5);
        assertClose(again.deviation, [1, 1], 1e-5);
      }),
    );
  });

  it('names invalid arguments', () => {
    assert.throws(
      () => fitScaler(data, 7, [0]),
      /rowSize must be a divisor of the length of data \(160\), got 7/,
    );
    assert.throws(() => fitScaler(data, 4, []), /rows must be at least one row, got 0/);
    assert.throws(() => fitScaler(data, 4, [40]), /rows must be indices from 0 to 39, got 40/);
    assert.throws(
      () => fitScaler(data, 4, [0], { columns: 3 }),
      /columns must be a divisor of rowSize \(4\), got 3/,
    );
    assert.throws(
      () => fitScaler(data, 4, [0], { frames: new Int32Array(3) }),
      /frames must be one number per row \(40\), got 3/,
    );
  });
});

describe('a scaler', () => {
  const scaler = createScaler(Float32Array.of(1, -2), Float32Array.of(0.5, 4));

  it('inverse undoes transform, also in place', () => {
    const values = Float32Array.of(3, 5, -1, 0);
    const copy = values.slice();
    assert.deepEqual([...scaler.transform(copy, copy)], [4, 1.75, -4, 0.5]);
    assert.deepEqual([...scaler.inverse(copy)], [...values]);
  });

  it('names invalid arguments', () => {
    assert.throws(
      () => scaler.transform(new Float32Array(3)),
      /values must be of a length divisible by the 2 columns, got 3/,
    );
    assert.throws(
      () => scaler.inverse(new Float32Array(2), new Float32Array(4)),
      /out must be of the same length as values \(2\), got 4/,
    );
    assert.throws(
      () => createScaler(Float32Array.of(1), Float32Array.of(0)),
      /deviation must be positive numbers, got 0/,
    );
    assert.throws(
      () => createScaler(Float32Array.of(NaN), Float32Array.of(1)),
      /mean must be a list of one or more finite numbers, got NaN/,
    );
    assert.throws(
      () => createScaler(Float32Array.of(1, 2), Float32Array.of(1)),
      /deviation must be of the same length as mean \(2\), got 1/,
    );
  });
});

describe('gatherRows', () => {
  const data = Float32Array.of(0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 0, 0);
  const scaler = createScaler(Float32Array.of(1, 2), Float32Array.of(1, 0.5));

  it('copies rows in the given order into the batch, scaled like transform', () => {
    const out = new Float32Array(8);
    assert.equal(gatherRows(data, 4, [2, 0], scaler, out), out);
    assert.deepEqual(
      [...out],
      [...scaler.transform(data.subarray(8)), ...scaler.transform(data.subarray(0, 4))],
    );
    assert.deepEqual([...gatherRows(data, 4, Int32Array.of(1))], [10, 11, 12, 13]);
  });

  it('keeps the zero padding at 0, also in a reused batch', () => {
    const out = new Float32Array(4).fill(9);
    gatherRows(data, 4, [2], scaler, out, { frames: Int32Array.of(2, 2, 1) });
    assert.deepEqual([...out], [19, 38, 0, 0]);
  });

  it('names invalid arguments', () => {
    assert.throws(() => gatherRows(data, 4, [3]), /rows must be indices from 0 to 2, got 3/);
    assert.throws(() => gatherRows(data, 4, [-1]), /rows must be indices from 0 to 2, got -1/);
    assert.throws(
      () => gatherRows(data, 4, [0], scaler, new Float32Array(5)),
      /out must be of length 1 × 4, got 5/,
    );
    const three = createScaler(new Float32Array(3), new Float32Array(3).fill(1));
    assert.throws(
      () => gatherRows(data, 4, [0], three),
      /scaler must be one with a number of columns that divides rowSize \(4\), got 3/,
    );
  });
});

describe('a scaler per speaker', () => {
  const set = {
    versions: ['original', 'noise'],
    clips: ['a', 'a', 'b', undefined].map((speaker, i) => madeClip(`${i}.wav`, { speaker })),
  };
  // [clip, version] of one column; the noisy versions would spoil the statistics
  const data = Float32Array.of(1, 99, 3, 99, 10, 99, 50, 60);
  const scaler = fitSpeakerScaler(data, 1, set, { trainRows: [0, 4] });

  it('centres each speaker on all of their recordings, and unknown speakers on the training rows', () => {
    const scaled = gatherRows(data, 1, [0, 2, 3, 4, 6], scalerOfRow(scaler, set));
    assert.deepEqual([...scaled.subarray(0, 4)], [-1, 1, 97, 0]);
    assertClose(scaled.subarray(4), [(50 - 5.5) / 4.5], 1e-6);
    assert.equal(scaler.of('c'), scaler.others);
  });

  it('needs speakers', () => {
    const strangers = { ...set, clips: set.clips.slice(3) };
    assert.throws(
      () => fitSpeakerScaler(data.subarray(6), 1, strangers, { trainRows: [0] }),
      /clips must be a list with known speakers/,
    );
  });
});

describe('files of scalers', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'scaler-'))));
  afterEach(() => rmSync(directory, { recursive: true }));
  const fit = (): Scaler =>
    fitScaler(
      Float32Array.from({ length: 30 }, (_, i) => Math.sin(i) / 3),
      3,
      [0, 2, 5, 9],
    );

  it('restore the same numbers', () => {
    const path = join(directory, 'deeper', 'scaler.json');
    const scaler = fit();
    savePreparation(scaler, path);
    const loaded = loadScaler(path);
    assert.ok(loaded.kind === 'standard');
    assert.deepEqual([loaded.mean, loaded.deviation], [scaler.mean, scaler.deviation]);

    const set = { versions: ['original'], clips: [madeClip('a', { speaker: 'a' })] };
    savePreparation(fitSpeakerScaler(Float32Array.of(1, 2), 2, set, { trainRows: [0] }), path);
    const speakers = loadScaler(path);
    assert.ok(speakers.kind === 'per speaker');
    assert.deepEqual([...speakers.of('a').mean], [1, 2]);
  });

  it('are rejected with the reason if damaged or of another kind', () => {
    const path = join(directory, 'scaler.json');
    const assertRejected = (content: unknown, pattern: RegExp): void => {
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      assert.throws(() => loadScaler(path), pattern);
    };
    assertRejected('{"kind":"stand', /scaler\.json: .*JSON/);
    assertRejected({ kind: 'minmax' }, /scaler\.json: kind must be standard or per speaker, got "minmax"/);
    assertRejected([], /kind must be standard or per speaker/);
    assertRejected({ kind: 'standard', mean: [1] }, /deviation must be a list/);
    assertRejected(
      { kind: 'standard', mean: [1, null], deviation: [1, 1] },
      /mean must be a list of numbers/,
    );
    assertRejected(
      { kind: 'standard', mean: [1, 2], deviation: [1, -1] },
      /deviation must be positive numbers, got -1/,
    );
    const one = { kind: 'standard', mean: [1], deviation: [1] };
    const two = { kind: 'standard', mean: [1, 1], deviation: [1, 1] };
    assertRejected(
      { kind: 'per speaker', speakers: { a: two }, others: one },
      /the scaler of a must have \d+ columns like the others/,
    );
    assert.throws(() => loadOneHot(path), /kind must be one-hot, got "per speaker"/);
    assert.throws(() => loadScaler(join(directory, 'absent.json')), /absent\.json: .*no such file/);
  });
});
