import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { runFeatures } from '../../../src/cli/features';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import type { FeatureSet } from '../../../src/core/features';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import { runExperiment } from '../../../src/node/experiment';
import { exportFeatures, extractFeatures } from '../../../src/node/extraction';
import { readParquet } from '../../../src/node/files';
import { catchOutput } from '../../cli/catch-output';
import { pythonWith } from '../../python';
import { toneCorpus } from '../experiment/tone-corpus';

const config = (changes: ExperimentChanges = {}) =>
  experimentConfig(
    'quick',
    { dataset: { folds: 2, fold: 'all' } },
    {
      features: {
        features: ['rms', 'mfcc'],
        nMfcc: 4,
        versions: { original: [], noise: [{ kind: 'paperNoise' }] },
      },
    },
    changes,
  );

describe('features for other programs', function () {
  this.timeout(120_000);
  let folder: string;
  let store: string;
  let corpora: Corpora;
  let set: FeatureSet;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-export-'));
    store = join(folder, 'store');
    toneCorpus(join(folder, 'data'));
    // One clip that cannot be read: it must be missing everywhere.
    corpora = await loadCorpora({ root: join(folder, 'data') });
    writeFileSync(corpora.fileOf(corpora.clips[2]), 'no audio');
    set = await extractFeatures(corpora, config().features, { store, workers: 1 });
    assert.equal(set.failed.length, 1);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, options = {}, changes: ExperimentChanges = {}) =>
    exportFeatures(corpora, config(changes), join(folder, name), { store, ...options });

  it('have one row per version of a clip with labels, fold and named columns', async () => {
    const { rows, columns, leftOut } = await write('wide.parquet');
    const [clips, versions, frames, coefficients] = set.shape;
    assert.deepEqual([rows, columns], [clips * versions, frames * coefficients]);
    assert.deepEqual(leftOut, set.leftOut);
    const table = await readParquet(join(folder, 'wide.parquet'));
    assert.deepEqual(
      table.columns.slice(0, 13).map(({ name }) => name),
      ['path', 'sha256', 'corpus', 'speaker', 'sentence', 'sex', 'emotion', 'version', 'fold', 'frames', 'rms@0', 'mfcc0@0', 'mfcc1@0'], // prettier-ignore
    );
    const rowsOf = (of: (clip: number) => unknown) => set.clips.flatMap((_, i) => [of(i), of(i)]);
    assert.deepEqual(
      table.values.get('path'),
      rowsOf((i) => set.clips[i].path),
    );
    assert.deepEqual(
      table.values.get('emotion'),
      rowsOf((i) => set.clips[i].emotion),
    );
    assert.deepEqual(
      table.values.get('version'),
      set.clips.flatMap(() => ['original', 'noise']),
    );
    assert.deepEqual(table.values.get('frames'), set.frames);
    for (let row = 0; row < rows; row++)
      for (let frame = 0; frame < frames; frame += 7)
        assert.equal(
          table.values.get(`mfcc3@${frame}`)![row],
          set.data[(row * frames + frame) * coefficients + set.columns.indexOf('mfcc3')],
        );
  });

  it('have the folds in which an experiment with the same config tests the clips', async () => {
    await write('folds.parquet');
    const { values } = await readParquet(join(folder, 'folds.parquet'));
    const { folds } = await runExperiment(config({ model: { kind: 'majority' } }), { corpora, set });
    assert.equal(folds.length, 2);
    for (const { split } of folds)
      for (const row of split.test)
        for (const own of [row, row + 1]) assert.equal(values.get('fold')![own], split.name);

    await write('rows.parquet', {}, { dataset: { protocol: 'paper-rows' } });
    const shuffled = (await readParquet(join(folder, 'rows.parquet'))).values.get('fold') as string[];
    const tested = shuffled.filter((fold) => fold !== '').length;
    assert.equal(tested, Math.ceil(shuffled.length / 5));
  });

  it('are the same in CSV, which has all digits', async () => {
    await write('wide.csv');
    await write('same.parquet');
    const { columns, values } = await readParquet(join(folder, 'same.parquet'));
    const [head, ...lines] = readFileSync(join(folder, 'wide.csv'), 'utf8').trimEnd().split('\n');
    assert.equal(head, columns.map(({ name }) => name).join());
    for (const [row, line] of lines.entries()) {
      const cells = line.split(',');
      for (const [k, { name, type }] of columns.entries()) {
        const value = values.get(name)![row];
        if (type === 'float') assert.equal(Math.fround(Number(cells[k])), value);
        else assert.equal(cells[k].replaceAll('"', ''), String(value));
      }
    }
  });

  it('do not depend on the number of clips that are in memory at the same time', async () => {
    for (const [name, options] of Object.entries({
      'x.csv': {},
      'x.npz': {},
      'x-long.csv': { isLong: true },
    })) {
      await write(name, options);
      await write(`5-${name}`, { ...options, clipsPerBlock: 5 });
      assert.deepEqual(readFileSync(join(folder, `5-${name}`)), readFileSync(join(folder, name)), name);
    }
    await write('x.parquet');
    await write('5-x.parquet', { clipsPerBlock: 5 });
    const [one, many] = [await readParquet(join(folder, 'x.parquet')), await readParquet(join(folder, '5-x.parquet'))]; // prettier-ignore
    assert.deepEqual(many.values, one.values);
  });

  it('have one row per frame in long format, without padding', async () => {
    const { rows, columns } = await write('long.parquet', { isLong: true });
    assert.equal(rows, set.frames.reduce((sum, count) => sum + count, 0)); // prettier-ignore
    assert.equal(columns, 5);
    const { values } = await readParquet(join(folder, 'long.parquet'));
    const second = set.frames[0];
    assert.equal(values.get('frame')![second - 1], second - 1);
    assert.equal(values.get('frame')![second], 0);
    assert.equal(values.get('version')![second], 'noise');
    assert.equal(values.get('mfcc0')![second + 5], set.data[(set.shape[2] + 5) * 5 + 1]);
    await assert.rejects(write('long.npz', { isLong: true }), /npz archives have one row per clip and version; write CSV or Parquet/); // prettier-ignore
  });

  it('are arrays of NumPy in an archive that is the same each time', async () => {
    await write('a.npz');
    await write('b.npz');
    const bytes = readFileSync(join(folder, 'a.npz'));
    assert.deepEqual(readFileSync(join(folder, 'b.npz')), bytes);
    const files = unzipSync(bytes);
    assert.deepEqual(Object.keys(files).slice(0, 3), ['features.npy', 'columns.npy', 'path.npy']);
    const array = Buffer.from(files['features.npy']);
    assert.match(array.toString('latin1', 10, 128), new RegExp(`'<f4', .*'shape': \\(${set.shape[0] * 2}, ${set.shape[2] * 5}\\)`)); // prettier-ignore
    const numbers = new Float32Array(new Uint8Array(array.subarray(128)).buffer);
    assert.deepEqual(numbers, set.data);
  });

  it('are written by npm run features', async () => {
    const data = process.env.SER_DATA;
    process.env.SER_DATA = join(folder, 'data');
    try {
      const output = join(folder, 'command.csv');
      const args = ['--preset', 'quick', '--set', 'features.features=rms', '--output', output];
      const { code, out } = await catchOutput(() => runFeatures(args));
      assert.equal(code, 0);
      assert.match(out, /command\.csv: \d+ rows × \d+ features, \d+\.\d MB, \d+\.\d s$/);
      assert.match(readFileSync(output, 'utf8'), /^path,sha256,.*,fold,frames,rms@0,rms@1,/);
      const wrong: [string[], number, RegExp][] = [
        [args, 1, /command\.csv exists; choose another name with --output, or add --overwrite/],
        [['--output', join(folder, 'f.xlsx')], 1, /^file must be a name that ends in one of \.csv, \.parquet, \.npz/],
        [['--format', 'npz', '--long', '--output', join(folder, 'f.npz')], 2, /^--long needs --format csv or parquet/],
        [['--protocol', 'none', '--output', join(folder, 'f.npz')], 1, /^dataset\.protocol must be one of/],
      ]; // prettier-ignore
      for (const [call, expected, reason] of wrong) {
        const result = await catchOutput(() => runFeatures(call));
        assert.equal(result.code, expected, result.err);
        assert.match(result.err, reason);
      }
    } finally {
      if (data === undefined) delete process.env.SER_DATA;
      else process.env.SER_DATA = data;
    }
  });

  it('are loaded in one line by NumPy, pandas and polars', async function () {
    const python = pythonWith('numpy', 'pandas');
    if (python === undefined) return this.skip();
    const path = (name: string): string => JSON.stringify(join(folder, name));
    await write('p.csv');
    await write('p.npz');
    await write('p.parquet');
    const row = set.shape[0] * 2 - 1;
    const expected = set.data[row * set.shape[2] * 5 + 3 * 5 + 2];
    const lines: Record<string, string> = {
      numpy: `import numpy as np; a = np.load(${path('p.npz')}); print(a['features'][${row}, list(a['columns']).index('mfcc1@3')], a['path'][${row}], a['features'].shape[0])`,
      pandas: `import pandas as pd; t = pd.read_csv(${path('p.csv')}); print(t['mfcc1@3'][${row}], t.path[${row}], len(t))`,
      pyarrow: `import pandas as pd; t = pd.read_parquet(${path('p.parquet')}); print(t['mfcc1@3'][${row}], t.path[${row}], len(t))`,
      polars: `import polars as pl; t = pl.read_parquet(${path('p.parquet')}); print(t['mfcc1@3'][${row}], t['path'][${row}], len(t))`,
    };
    for (const [name, line] of Object.entries(lines)) {
      if (spawnSync(python, ['-c', `import ${name}`]).status !== 0) {
        console.log(`      skipped: this Python has no ${name}`);
        continue;
      }
      const ran: SpawnSyncReturns<string> = spawnSync(python, ['-c', line], { encoding: 'utf8' });
      const [value, file, count]: string[] = ran.stdout.trim().split(' ');
      assert.equal(Math.fround(Number(value)), expected, `${name}: ${ran.stdout}${ran.stderr}`);
      assert.deepEqual([file, Number(count)], [set.clips.at(-1)!.path, row + 1], name);
    }
  });
});
