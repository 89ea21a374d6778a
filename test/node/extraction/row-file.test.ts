import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../../src/core/base';
import { allTasks, createRows, featureConfig, readRows } from '../../../src/core/features';
import { extractFeatures, featuresOnDisk, openRowFile, writeRowFile } from '../../../src/node/extraction';
import { sampleCorpus } from './sample-corpus';

const config = featureConfig({
  features: ['zcr', 'rms', 'mfcc'],
  nMfcc: 3,
  versions: { original: [], higher: [{ kind: 'pitch', nSteps: 2 }] },
});

describe('rows on disk', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ser-rows-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are those in memory, if features arrive in any order and most clips are incomplete at the same time', async () => {
    const random = createRandom('rows');
    const count = 40;
    const clips = Array.from({ length: count }, (_, i) => i);
    const failed = new Map([[3, 'broken'], [17, 'broken']]); // prettier-ignore
    const placed = random
      .shuffle(clips.flatMap((clip) => allTasks(config).map((task) => ({ clip, task }))))
      .filter(({ clip }) => !failed.has(clip) || clip === 3); // a failed clip may have some features
    const inMemory = createRows(clips, config);
    const path = join(folder, 'a.rows');
    const write = (pendingBytes: number): Promise<void> =>
      writeRowFile(path, count, config, async (writer) => {
        for (const { clip, task } of placed) {
          const frames = 20 + clip;
          const width = config.features[task.feature] === 'mfcc' ? 3 : 1;
          const data = Float32Array.from({ length: frames * width }, (_, i) => clip + task.feature / 7 + task.version / 3 + i); // prettier-ignore
          const matrix = { data, shape: [frames, width] as [number, number] };
          writer.place(clip, task, matrix);
          inMemory.place(clip, task, matrix);
        }
        await Promise.resolve();
        return failed;
      }, { pendingBytes }); // prettier-ignore
    await write(1); // a single clip
    const expected = inMemory.without(failed);
    const found = openRowFile(path)!;
    assert.deepEqual(found.failed, [3, 17]);
    const { source, shape, frames } = found.rows;
    assert.deepEqual({ shape, frames }, { shape: expected.shape, frames: expected.frames });
    const rows = random.shuffle(Array.from({ length: 2 * (count - 2) }, (_, i) => i));
    const out = new Float32Array(rows.length * source!.rowSize);
    await source!.read(rows, out);
    const size = source!.rowSize;
    for (const [i, row] of rows.entries())
      assert.deepEqual(
        out.subarray(i * size, (i + 1) * size),
        expected.data.subarray(row * size, (row + 1) * size),
      );
    const small = readFileSync(path);
    await write(1e9);
    assert.deepEqual(readFileSync(path), small, 'the same file, however many clips are in memory');
  });

  it('are extracted once, and written again if the file is damaged or other clips are chosen', async () => {
    const corpus = sampleCorpus(folder);
    const options = { store: join(folder, 'store'), rows: join(folder, 'rows'), workers: 1 };
    const expected = await extractFeatures(corpus, config, options);
    const all = async (changed = corpus): Promise<Float32Array> => {
      const set = await featuresOnDisk(changed, config, options);
      assert.equal(set.data.length, 0);
      assert.deepEqual(set.clips, changed.clips);
      const rows = Array.from({ length: set.shape[0] * set.shape[1] }, (_, row) => row);
      return (await readRows(set, rows)).data;
    };
    const [file] = [await all(), readdirSync(options.rows)].slice(1).flat() as string[];
    const path = join(options.rows, file);
    const bytes = readFileSync(path);
    assert.deepEqual(await all(), expected.data);
    rmSync(options.store, { recursive: true });
    for (const clip of corpus.clips) rmSync(corpus.fileOf(clip));
    assert.deepEqual(await all(), expected.data, 'from the file alone');

    for (const damage of [
      () => {
        truncateSync(path, bytes.length - 1);
      },
      () => {
        truncateSync(path, 5);
      },
      () => {
        writeFileSync(path, bytes.with(bytes.length - 40, 0));
      },
      () => {
        writeFileSync(path, Buffer.alloc(bytes.length));
      },
    ]) {
      // prettier-ignore
      damage();
      assert.equal(openRowFile(path), undefined);
    }
    sampleCorpus(folder);
    assert.deepEqual(await all(), expected.data, 'after damage');
    assert.deepEqual(readFileSync(path), bytes);
    const first = { ...corpus, clips: corpus.clips.slice(1) };
    const clipSize = expected.data.length / corpus.clips.length;
    assert.deepEqual(await all(first), expected.data.subarray(clipSize));
    assert.equal(readdirSync(options.rows).length, 2);
  });

  it('leave out clips without features, which are tried again', async () => {
    const corpus = sampleCorpus(folder);
    const options = { store: join(folder, 'store'), rows: join(folder, 'rows'), workers: 1 };
    const path = corpus.fileOf(corpus.clips[1]);
    const bytes = readFileSync(path);
    writeFileSync(path, 'no sound');
    const expected = await extractFeatures(corpus, config, options);
    for (let run = 1; run <= 2; run++) {
      const set = await featuresOnDisk(corpus, config, options);
      assert.deepEqual(set.failed, expected.failed);
      assert.deepEqual(set.clips, expected.clips);
      assert.deepEqual((await readRows(set, [2, 3])).data, (await readRows(expected, [2, 3])).data);
    }
    writeFileSync(path, bytes);
    const repaired = await featuresOnDisk(corpus, config, options);
    assert.deepEqual([repaired.failed, repaired.clips.length], [[], corpus.clips.length]);
  });
});
