import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeWav, type Waveform } from '../../../src/core/audio';
import { createRandom } from '../../../src/core/base';
import { auditSplit, formatAudit, makeSplits, type Split } from '../../../src/core/dataset';
import { augment, paperVersions } from '../../../src/core/dsp';
import type { FeatureSet } from '../../../src/core/features';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import { extractFeatures, findNearDuplicates } from '../../../src/node/extraction';
import { voice } from '../../babble';

describe('findNearDuplicates', function () {
  this.timeout(60_000);
  let root: string;
  let store: string;
  let corpora: Corpora;
  /** a voice, an unrelated one, a silent and a short recording, and the first voice's augmented versions as files of other names */
  const recordings = new Map<string, Waveform>();
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'ser-near-duplicates-'));
    store = join(root, 'fingerprints');
    const folder = join(root, 'data', 'own');
    mkdirSync(folder, { recursive: true });
    const { samples, sampleRate } = voice('a', 3);
    recordings.set('a', { samples, sampleRate });
    recordings.set('b', voice('b', 3));
    recordings.set('later', { samples: samples.slice(sampleRate / 4), sampleRate });
    recordings.set('silent', { samples: new Float32Array(sampleRate), sampleRate });
    recordings.set('short', voice('short', 0.2));
    const versions = { ...paperVersions, stretch: [{ kind: 'stretch', rate: 0.8 }] as const };
    for (const [name, augmentations] of Object.entries(versions)) {
      if (augmentations.length === 0) continue;
      const options = { sampleRate, random: createRandom(name) };
      recordings.set(`x-${name}`, { samples: augment(samples, augmentations, options), sampleRate });
    }
    const rows = ['path,emotion,speaker'];
    for (const [name, waveform] of recordings) {
      writeFileSync(join(folder, `${name}.wav`), encodeWav(waveform));
      rows.push(`${name}.wav,${name === 'b' ? 'happy' : 'sad'},${name}`);
    }
    writeFileSync(join(folder, 'clips.csv'), rows.join('\n'));
    corpora = await loadCorpora({ root: join(root, 'data') });
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const copiesOfA = ['a', 'later', 'x-noise', 'x-pitch', 'x-pitchAndNoise', 'x-stretch'];
  /** Names of the clips that are in some pair. */
  const named = (pairs: readonly { paths: readonly string[] }[]): string[] =>
    [
      ...new Set(
        pairs.flatMap(({ paths }) => paths.map((path) => path.slice('own/'.length, -'.wav'.length))),
      ),
    ].sort();

  it('finds the same if the fingerprints are read from the store instead of kept in memory', async () => {
    const inMemory = await findNearDuplicates({ clips: [...corpora.clips] }, corpora, { store });
    const others = join(root, 'other-fingerprints');
    const options = { store: others, clipsInMemory: 1 };
    const computed = await findNearDuplicates({ clips: [...corpora.clips] }, corpora, options);
    assert.deepEqual(computed, inMemory);
    const pairsFile = readdirSync(others).find((name) =>
      readFileSync(join(others, name)).includes('pairs-'),
    )!;
    rmSync(join(others, pairsFile));
    assert.deepEqual(await findNearDuplicates({ clips: [...corpora.clips] }, corpora, options), inMemory);
  });

  it('stores the result of a quick search apart from that of a thorough one', async () => {
    const others = join(root, 'quick-fingerprints');
    const search = (effort?: 'quick') =>
      findNearDuplicates({ clips: [...corpora.clips] }, corpora, { store: others, effort });
    const pairsFiles = () =>
      readdirSync(others).filter((name) => readFileSync(join(others, name)).includes('pairs-')).length;
    const quick = await search('quick');
    assert.deepEqual(named(quick.pairs).slice(0, 2), ['a', 'later']);
    assert.deepEqual([quick.isQuick, pairsFiles()], [true, 1]);
    const thorough = await search();
    assert.deepEqual([thorough.isQuick, pairsFiles()], [undefined, 2]);
    assert.deepEqual([await search('quick'), await search()], [quick, thorough]);
  });

  it('is not done for recordings that are too long in total, which the audit states', async () => {
    const clips = Array.from({ length: 20_001 }, (_, i) => ({
      ...{ ...corpora.clips[0], path: `own/${i}.wav`, sha256: String(i), durationSec: 30 },
    }));
    const search = await findNearDuplicates({ clips }, corpora, { store: false });
    assert.deepEqual([search.pairs, search.notComparedPaths.length], [[], 20_001]);
    assert.match(search.notCompared[0].reasons[0].name, /longer \(166 h\) than .* \(158 h\)/);
  });

  it('finds copies and stored augmentations, and names clips that cannot be compared', async () => {
    const search = await findNearDuplicates(corpora, corpora, { store });
    assert.deepEqual(named(search.pairs), copiesOfA);
    const [{ what, count, reasons }, ...others] = search.notCompared;
    assert.deepEqual(
      { what, count, reasons: reasons.map(({ name }) => name).sort(), others },
      {
        what: 'clips not searched for near duplicates',
        count: 2,
        reasons: ['it is shorter than 0.3 s', 'it is silent, or its sound does not change'],
        others: [],
      },
    );
    assert.deepEqual(search.notComparedPaths, ['own/short.wav', 'own/silent.wav']);
    assert.equal(await findNearDuplicates(corpora, corpora, { store }), search);
  });

  it('reads stored fingerprints, and computes damaged ones again', async () => {
    const gone = { fileOf: () => join(root, 'gone.wav') };
    const search = await findNearDuplicates({ clips: [...corpora.clips] }, gone, { store });
    assert.deepEqual(named(search.pairs), copiesOfA);
    for (const shard of readdirSync(store)) writeFileSync(join(store, shard), 'damaged');
    const again = await findNearDuplicates({ clips: [...corpora.clips] }, corpora, { store });
    assert.deepEqual(again.pairs, search.pairs);
  });

  it('compares the clips that can be read when others are gone or have changed', async () => {
    const fileOf: Corpora['fileOf'] = (clip) =>
      clip.path === 'own/later.wav' ? join(root, 'gone.wav') : corpora.fileOf(clip);
    const clips = corpora.clips.map((clip) => (clip.path === 'own/b.wav' ? { ...clip, sha256: 'x' } : clip));
    const search = await findNearDuplicates({ clips }, { fileOf }, { store: false });
    assert.deepEqual(
      named(search.pairs),
      copiesOfA.filter((name) => name !== 'later'),
    );
    assert.equal(search.notCompared[0].count, 4);
    assert.match(
      search.notCompared[0].reasons.map(({ name }) => name).join(),
      /its content has changed.*it cannot be read \(ENOENT\)|it cannot be read \(ENOENT\).*its content has changed/,
    );
  });

  it('stops when it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await assert.rejects(
      findNearDuplicates({ clips: [...corpora.clips] }, corpora, { store: false, signal }),
      /stop/,
    );
  });

  describe('with features of a window', () => {
    let set: FeatureSet;
    before(async () => {
      const window = { offsetSec: 0, durationSec: 0.15, nFft: 512, features: ['zcr', 'rms'] } as const;
      set = await extractFeatures(
        corpora,
        { versions: { original: [] }, ...window, features: [...window.features] },
        { store: false, workers: 1 },
      );
    });
    const split = (test: string): Split => {
      const rows = Int32Array.from(set.clips.keys());
      const isTest = (row: number): boolean => set.clips[row].path === `own/${test}.wav`;
      const none = new Int32Array(0);
      return {
        name: 'fold',
        train: rows.filter((row) => !isTest(row)),
        validation: none,
        test: rows.filter(isTest),
      };
    };

    it('reports each stored augmentation in training as a leak under the protocol clips', async () => {
      const nearDuplicates = await findNearDuplicates(set, corpora, { store });
      for (const name of copiesOfA) {
        assert.throws(
          () => auditSplit(set, split(name), { protocol: 'clips', nearDuplicates }),
          new RegExp(`near duplicates: 1 of 1 test clips \\(own/${name}.wav ≈ own/`),
          name,
        );
      }
    });

    it('keeps them together in the splits', async () => {
      const nearDuplicates = await findNearDuplicates(set, corpora, { store });
      for (const { test } of makeSplits(set, { protocol: 'clips', folds: 2, nearDuplicates })) {
        const tested = copiesOfA.filter((name) =>
          [...test].some((row) => set.clips[row].path === `own/${name}.wav`),
        );
        assert.ok(tested.length === 0 || tested.length === copiesOfA.length, tested.join());
      }
    });

    it('states in the audit what was not compared, and what the search finds', async () => {
      const nearDuplicates = await findNearDuplicates(set, corpora, { store });
      const text = formatAudit(auditSplit(set, split('b'), { protocol: 'clips', nearDuplicates }));
      assert.match(text, /near duplicates +0 of 1 test clips; 2 clips could not be compared +ok/);
      assert.match(text, /note: 2 clips not searched for near duplicates \(.*it is silent/);
      assert.match(text, /note: near-duplicate search: at least 95 % of planted copies were found/);
    });
  });
});
