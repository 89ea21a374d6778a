import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeatureConfig, FeatureSet } from '../../../src/core/features';
import { extractFeatures, openStore } from '../../../src/node/extraction';
import { projectRoot } from '../../../src/node/files';
import { sampleCorpus } from './sample-corpus';

const config: Partial<FeatureConfig> = {
  features: ['zcr', 'rms'],
  versions: { original: [], noise: [{ kind: 'paperNoise' }] },
};

describe('the feature store', function () {
  this.timeout(60_000);
  let directory: string;
  let store: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'features-'));
    store = join(directory, 'store');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Extracts features and counts the clips that were computed. */
  async function extract(
    corpus: ReturnType<typeof sampleCorpus>,
    changes = config,
  ): Promise<{ set: FeatureSet; computed: number }> {
    let computed = 0;
    const set = await extractFeatures(corpus, changes, { store, workers: 1, onProgress: () => computed++ });
    return { set, computed };
  }
  const shards = (): string[] => readdirSync(store).map((name) => join(store, name));
  const entries = async (): Promise<number> => (await (await openStore(store)).size()).entries;

  it('returns what was stored, and computes nothing again', async () => {
    const corpus = sampleCorpus(directory);
    const first = await extract(corpus);
    const second = await extract(corpus);
    assert.deepEqual([first.computed, second.computed], [3, 0]);
    assert.deepEqual(second.set, first.set);
    for (const clip of corpus.clips) rmSync(corpus.fileOf(clip));
    assert.deepEqual((await extract(corpus)).set, first.set, 'without the recordings');
  });

  it('computes only the features that a changed option affects', async () => {
    const corpus = sampleCorpus(directory);
    await extract(corpus);
    assert.equal(await entries(), 3 * 4);
    const versions = { ...config.versions, loud: [{ kind: 'noise', snrDb: 0 }] } as const;
    await extract(corpus, { ...config, versions });
    assert.equal(await entries(), 3 * 6, 'one more version with two features');
    await extract(corpus, { ...config, features: ['rms', 'zcr', 'mfcc'] });
    assert.equal(await entries(), 3 * 8, 'one more feature of two versions');
    await extract(corpus, { ...config, features: ['mfcc'], nMfcc: 13 });
    assert.equal(await entries(), 3 * 10, 'an option of one feature');
    const { computed } = await extract(corpus, { ...config, versions: { renamed: [] } });
    assert.equal(computed, 0, 'a renamed version');
  });

  it('shares an entry between copies of a recording', async () => {
    const corpus = sampleCorpus(directory, [1]);
    const clips = [corpus.clips[0], { ...corpus.clips[0], emotion: 'fear' as const }];
    await extract(corpus);
    const { set, computed } = await extract({ ...corpus, clips });
    assert.equal(computed, 0);
    const half = set.data.length / 2;
    assert.deepEqual(set.data.subarray(0, half), set.data.subarray(half));
  });

  it('detects a damaged entry, deletes it and computes it again', async () => {
    const corpus = sampleCorpus(directory);
    const { set } = await extract(corpus);
    const [shard] = shards();
    const bytes = readFileSync(shard);
    bytes[bytes.length - 2] ^= 0xff;
    writeFileSync(shard, bytes);
    const again = await extract(corpus);
    assert.equal(again.computed, 1, 'only the clip of the damaged entry');
    assert.deepEqual(again.set, set);
    assert.equal(await entries(), 12);
    assert.equal((await extract(corpus)).computed, 0);
  });

  for (const [what, damage] of [
    ['header', (bytes: Buffer) => ((bytes[40] ^= 1), bytes)],
    ['beginning', (bytes: Buffer) => Buffer.from(`not a shard ${bytes.length}`)],
    ['end', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1000)],
    ['length', () => Buffer.alloc(0)],
  ] as const) {
    it(`recomputes the features of a shard with a damaged ${what}`, async () => {
      const corpus = sampleCorpus(directory);
      const { set } = await extract(corpus);
      const [shard] = shards();
      writeFileSync(shard, damage(readFileSync(shard)));
      const again = await extract(corpus);
      assert.ok(again.computed > 0);
      assert.deepEqual(again.set, set);
      assert.equal((await extract(corpus)).computed, 0);
    });
  }

  it('resumes after SIGKILL with everything that was stored', async () => {
    const corpus = sampleCorpus(
      directory,
      Array.from({ length: 150 }, (_, i) => 0.9 + (i % 7) / 10),
    );
    const whole = await extractFeatures(corpus, config, { store: false, workers: 2 });
    const program = `
      const { readdirSync } = require('node:fs');
      const { extractFeatures } = require(${JSON.stringify(join(projectRoot, 'src/node/extraction'))});
      const [root, store, config, clips] = JSON.parse(process.argv[1]);
      void extractFeatures({ clips, fileOf: ({ path }) => root + '/' + path }, config, {
        store, workers: 1, onProgress: ({ done }) => {
          // On a busy machine, clips are computed while the first ones are still being written.
          if (done >= 80 && readdirSync(store).some((name) => name.endsWith('.features'))) process.kill(process.pid, 'SIGKILL');
        },
      });`;
    const args = [
      '--require',
      'tsx/cjs',
      '-e',
      program,
      JSON.stringify([directory, store, config, corpus.clips]),
    ];
    const child = spawn(process.execPath, args, { cwd: projectRoot, stdio: ['ignore', 'ignore', 'inherit'] });
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
    const stored = (await entries()) / 4; // two features of two versions
    assert.ok(stored >= 64 && stored < 150, `${stored} clips`);
    writeFileSync(join(store, `half-written.features.${child.pid}`), 'half');
    const { set, computed } = await extract(corpus);
    assert.deepEqual(set, whole);
    assert.equal(computed, 150 - stored);
    assert.ok(
      shards().every((name) => name.endsWith('.features')),
      'no unfinished file is left',
    );
  });
});
