import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  columnNames,
  createRows,
  featureConfig,
  type FeatureConfig,
  type FeatureSet,
  flatPaperLayout,
  frameLayout,
  logMelLayout,
  rowMatrix,
} from '../../../src/core/features';
import { exportCsv, exportNpy, extractFeatures } from '../../../src/node/extraction';
import { sampleCorpus } from '../../node/extraction/sample-corpus';
import { pythonWith } from '../../python';

/** A set with values 1000 · row + 10 · frame + coefficient + 0.5. @param counts - frames of each row */
function numbered(counts: readonly number[], changes: Partial<FeatureConfig>): FeatureSet {
  const config = featureConfig({
    versions: { original: [] },
    sampleRate: 1000,
    durationSec: 0.3,
    hopLength: 100,
    nFft: 256,
    ...changes,
  });
  const columns = columnNames(config);
  const rows = createRows(counts, config);
  let first = 0;
  for (const [feature, name] of config.features.entries()) {
    const width = columns.filter((column) => column.replace(/\d+$/, '') === name).length;
    for (const [clip, count] of counts.entries()) {
      const data = Float32Array.from(
        { length: count * width },
        (_, i) => 1000 * clip + 10 * Math.floor(i / width) + first + (i % width) + 0.5,
      );
      rows.place(clip, { version: 0, feature }, { data, shape: [count, width] });
    }
    first += width;
  }
  return {
    ...rows.without(new Map()),
    clips: [],
    versions: ['original'],
    columns,
    failed: [],
    leftOut: [],
    config,
  };
}

describe('layouts', () => {
  const set = numbered([4, 2], { features: ['zcr', 'rms', 'mfcc'], nMfcc: 2 });

  it('flatPaperLayout has zcr, rms, then the MFCC frame by frame, and the zeros of a short clip at the end', () => {
    const { data, shape } = flatPaperLayout(set);
    assert.deepEqual(shape, [2, 16]);
    assert.deepEqual(
      [...data.subarray(0, 16)],
      [0.5, 10.5, 20.5, 30.5, 1.5, 11.5, 21.5, 31.5, 2.5, 3.5, 12.5, 13.5, 22.5, 23.5, 32.5, 33.5],
    );
    assert.deepEqual(
      [...data.subarray(16)],
      [1000.5, 1010.5, 1001.5, 1011.5, 1002.5, 1003.5, 1012.5, 1013.5, 0, 0, 0, 0, 0, 0, 0, 0],
    );
  });

  it('frameLayout keeps the frames, with zeros after the last one', () => {
    const { data, shape } = frameLayout(set);
    assert.deepEqual(shape, [2, 4, 4]);
    assert.deepEqual(
      [...data.subarray(16)],
      [1000.5, 1001.5, 1002.5, 1003.5, 1010.5, 1011.5, 1012.5, 1013.5, 0, 0, 0, 0, 0, 0, 0, 0],
    );
  });

  it('logMelLayout contains only the log-mel bands', () => {
    const withBands = numbered([1], { features: ['rms', 'logMel', 'zcr'], nMels: 20 });
    const { data, shape } = logMelLayout(withBands);
    assert.deepEqual(shape, [1, 4, 20]);
    assert.deepEqual(
      [...data.subarray(0, 20)],
      Array.from({ length: 20 }, (_, i) => i + 1.5),
    );
    assert.throws(() => logMelLayout(set), /features must be a list that includes logMel/);
  });

  it('rowMatrix is a row without zero padding', () => {
    const set = numbered([4, 2], { features: ['zcr', 'rms'] });
    const { data, shape } = rowMatrix(set, 1);
    assert.deepEqual(shape, [2, 2]);
    assert.deepEqual([...data], [1000.5, 1001.5, 1010.5, 1011.5]);
    assert.equal(data.buffer, set.data.buffer);
    for (const row of [-1, 2, 0.5])
      assert.throws(() => rowMatrix(set, row), /row must be a row of the set, 0 to 1/);
  });

  it('a failed clip leaves no gap', () => {
    const rows = createRows([0, 1, 2], set.config);
    for (const clip of [0, 1, 2]) {
      rows.place(clip, { version: 0, feature: 0 }, { data: Float32Array.of(clip + 1), shape: [1, 1] });
    }
    const { data, shape, frames } = rows.without(new Map([[1, 'bad']]));
    assert.deepEqual(shape, [2, 1, 4, 4]);
    assert.deepEqual([data[0], data[16], data.length, [...frames]], [1, 3, 32, [1, 1]]);
  });
});

describe('exports', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'features-'))));
  afterEach(() => rmSync(directory, { recursive: true }));
  const set = numbered([4, 2], { features: ['zcr', 'rms', 'mfcc'], nMfcc: 2 });

  it('exportNpy writes an aligned header with type, order and shape, then the values', async () => {
    for (const [array, shape] of [
      [set, '2, 1, 4, 4'],
      [{ data: Float32Array.of(1.5, -2), shape: [2] }, '2,'],
    ] as const) {
      const path = join(directory, 'array.npy');
      await exportNpy(array, path);
      const bytes = readFileSync(path);
      assert.deepEqual([...bytes.subarray(0, 8)], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
      const start = 10 + bytes.readUInt16LE(8);
      assert.equal(start % 64, 0);
      const header = bytes.subarray(10, start).toString('latin1');
      assert.equal(header.trimEnd(), `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }`);
      assert.ok(header.endsWith('\n'));
      const values = Array.from({ length: (bytes.length - start) / 4 }, (_, i) =>
        bytes.readFloatLE(start + 4 * i),
      );
      assert.deepEqual(values, [...array.data]);
    }
    assert.deepEqual(readdirSync(directory), ['array.npy']);
  });

  it("exportCsv writes the paper's rows and the emotion without loss of precision", async () => {
    const { clips } = sampleCorpus(directory, [1, 1]);
    const path = join(directory, 'deeper', 'features.csv');
    const third = { ...set, clips, data: set.data.map((value) => value / 3) };
    await exportCsv(third, path);
    const [header, ...rows] = readFileSync(path, 'utf8').trimEnd().split('\n');
    assert.equal(header, '0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,emotion');
    assert.deepEqual(
      rows.map((row) => row.split(',').at(-1)),
      ['happy', 'sad'],
    );
    const values = rows.flatMap((row) => row.split(',').slice(0, -1).map(Number));
    assert.deepEqual(Float32Array.from(values), flatPaperLayout(third).data);
  });

  it('numpy and pandas read the exported values without loss of precision', async function () {
    this.timeout(60_000);
    const python = pythonWith('numpy', 'pandas') ?? this.skip();
    const corpus = sampleCorpus(directory, [1.1, 0.9]);
    const features = await extractFeatures(corpus, {}, { store: false, workers: 1 });
    const [array, table] = [join(directory, 'features.npy'), join(directory, 'features.csv')];
    await exportNpy(features, array);
    await exportCsv(features, table);
    const program = `
import hashlib, json, sys
import numpy, pandas
array, table = numpy.load(sys.argv[1]), pandas.read_csv(sys.argv[2])
values = table.drop(columns="emotion").to_numpy(numpy.float32)
hash = lambda numbers: hashlib.sha256(numbers.tobytes()).hexdigest()
print(json.dumps([str(array.dtype), array.shape, hash(array), table.shape, hash(values), list(table.emotion)]))`;
    const { stdout, stderr } = spawnSync(python, ['-c', program, array, table], { encoding: 'utf8' });
    assert.equal(stderr, '');
    const hash = ({ data }: { data: Float32Array }): string =>
      createHash('sha256')
        .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
        .digest('hex');
    const emotions = ['happy', 'happy', 'happy', 'happy', 'sad', 'sad', 'sad', 'sad'];
    assert.deepEqual(JSON.parse(stdout), [
      'float32',
      [2, 4, 108, 22],
      hash(features),
      [8, 2377],
      hash(flatPaperLayout(features)),
      emotions,
    ]);
  });
});
