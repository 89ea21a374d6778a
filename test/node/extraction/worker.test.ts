import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  allTasks,
  decodeWindow,
  type FeatureConfig,
  featureConfig,
  windowFeatures,
} from '../../../src/core/features';
import { extractFeatures, loadFrontEnd, loadReusingFrontEnd } from '../../../src/node/extraction';
import { sampleCorpus } from './sample-corpus';

const mebi = 2 ** 20;

describe('feature worker', function () {
  this.timeout(60_000);
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'ser-worker-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  // Features of signals, and of versions made from them, which are also in the reused memory.
  const options = {
    features: ['zcr', 'rms', 'mfcc'] as ['zcr', 'rms', 'mfcc'],
    versions: {
      original: [],
      noise: [{ kind: 'paperNoise' }],
      pitch: [{ kind: 'pitch', nSteps: 0.7 }],
    } as const,
    offsetSec: 0,
  };

  /** Compares the features of one worker, which reuses its memory, with those of new arrays for each clip. */
  async function assertSameWithoutReuse(
    { clips, fileOf }: ReturnType<typeof sampleCorpus>,
    changes: Partial<FeatureConfig> = {},
  ): Promise<void> {
    const config = featureConfig({ ...options, ...changes });
    const set = await extractFeatures({ clips, fileOf }, config, { store: false, workers: 1 });
    const [, versions, frames, width] = set.shape;
    const frontEnd = await loadFrontEnd();
    for (const [n, clip] of clips.entries()) {
      const window = await decodeWindow(readFileSync(fileOf(clip)), config, frontEnd);
      const matrices = windowFeatures(window, clip.sha256, config, { frontEnd });
      for (let version = 0; version < versions; version++) {
        const own = allTasks(config).flatMap((task, t) => (task.version === version ? [matrices[t]] : []));
        const row = n * versions + version;
        const rows = Array.from({ length: set.frames[row] }, (_, i) =>
          own.flatMap(({ data, shape: [, columns] }) => [...data.subarray(i * columns, (i + 1) * columns)]),
        );
        const start = row * frames * width;
        const actual = set.data.subarray(start, start + set.frames[row] * width);
        assert.deepEqual(actual, Float32Array.from(rows.flat()), `clip ${n}, version ${version}`);
      }
    }
  }

  it('gives the same numbers with reused memory for small files after large ones', async () => {
    const corpus = sampleCorpus(directory, [1, 12, 0.5, 3, 13, 0.7, 0.6]);
    const sizes = corpus.clips.map((clip) => statSync(corpus.fileOf(clip)).size);
    assert.ok(sizes[1] > mebi && sizes[2] < mebi, 'a file larger than the buffer, then a smaller one');
    await assertSameWithoutReuse(corpus);
  });

  for (const [name, frames] of [
    ['just fits', (mebi - 2 - 44) / 2],
    ['fills the buffer', (mebi - 44) / 2],
    ['is a little larger', (mebi + 2 - 44) / 2],
  ] as const) {
    it(`reads a file that ${name}, and the next one`, async () => {
      const corpus = sampleCorpus(directory, [frames / 22_050, 0.5]);
      assert.equal(statSync(corpus.fileOf(corpus.clips[0])).size, 44 + 2 * frames);
      await assertSameWithoutReuse(corpus);
    });
  }

  it('gives the same numbers for signals that do not fit into the reused memory', async () => {
    // At 48 kHz, 23 s do not fit, and 12 s leave no room for the versions made from them.
    assert.ok(23 * 48_000 > mebi && 12 * 48_000 < mebi && 12 * (48_000 + 2 * 22_050) > mebi);
    const corpus = sampleCorpus(directory, [0.5, 23, 0.8, 0.6, 12, 0.7]);
    await assertSameWithoutReuse(corpus, { durationSec: 24 });
  });

  it('reads a file that is longer than its size in the file system', async function () {
    if (process.platform === 'win32') this.skip();
    const { clips, fileOf } = sampleCorpus(directory, [0.5, 14, 0.6]);
    const pipe = join(directory, 'pipe');
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    const viaPipe = {
      clips,
      fileOf: (clip: (typeof clips)[number]) => (clip === clips[1] ? pipe : fileOf(clip)),
    };
    const writer = spawn('sh', ['-c', 'cat "$1" > "$2"', 'sh', fileOf(clips[1]), pipe]);
    try {
      const piped = await extractFeatures(viaPipe, options, { store: false, workers: 1 });
      assert.deepEqual(
        piped,
        await extractFeatures({ clips, fileOf }, options, { store: false, workers: 1 }),
      );
    } finally {
      writer.kill();
    }
  });
});

describe('loadReusingFrontEnd', () => {
  it('returns successive parts of one array, and new arrays once it is full', async () => {
    const { allocate, reuse } = await loadReusingFrontEnd();
    const [first, second] = [allocate(1000), allocate(mebi - 1000)];
    assert.equal(first.buffer, second.buffer);
    assert.equal(second.byteOffset, 4000);
    const separate = allocate(1);
    assert.notEqual(separate.buffer, first.buffer);
    reuse();
    assert.equal(allocate(mebi).buffer, first.buffer);
    reuse();
    const large = allocate(mebi + 1);
    assert.notEqual(large.buffer, first.buffer);
    assert.equal(large.length, mebi + 1);
    assert.equal(allocate(3).byteOffset, 0, 'an array without room uses none of the memory');
  });
});
