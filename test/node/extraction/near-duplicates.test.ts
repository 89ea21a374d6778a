import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeWav } from '../../../src/core/audio';
import type { FeatureConfig, FeatureSet } from '../../../src/core/features';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import { extractFeatures, nearDuplicatesOf } from '../../../src/node/extraction';
import { babble } from '../../babble';

describe('nearDuplicatesOf', () => {
  let root: string;
  let corpora: Corpora;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'ser-near-duplicates-'));
    const folder = join(root, 'own');
    mkdirSync(folder);
    const rows = ['path,emotion,speaker'];
    for (const name of ['a', 'b', 'a-later']) {
      const { samples, sampleRate } = babble(name.slice(0, 1), 4);
      const waveform = {
        samples: name === 'a-later' ? samples.subarray(sampleRate / 4) : samples,
        sampleRate,
      };
      writeFileSync(join(folder, `${name}.wav`), encodeWav(waveform));
      rows.push(`${name}.wav,${name === 'b' ? 'happy' : 'sad'},${name}`);
    }
    writeFileSync(join(folder, 'clips.csv'), rows.join('\n'));
    corpora = await loadCorpora({ root });
  });
  after(() => {
    rmSync(root, { recursive: true });
  });
  const featuresOf = (features: Partial<FeatureConfig>): Promise<FeatureSet> =>
    extractFeatures(corpora, { versions: { original: [] }, ...features }, { store: false, workers: 1 });

  for (const [what, features] of Object.entries<Partial<FeatureConfig>>({
    'enough coefficients': {},
    'too few coefficients': { nMfcc: 13 },
    'no coefficients': { features: ['zcr', 'rms'] },
  })) {
    it(`finds them, once, if the features have ${what}`, async () => {
      const set = await featuresOf(features);
      const found = await nearDuplicatesOf(set, corpora);
      assert.deepEqual(
        found!.map(({ paths }) => paths),
        [['own/a-later.wav', 'own/a.wav']],
      );
      assert.equal(await nearDuplicatesOf(set, corpora), found);
    });
  }

  it('returns undefined if the recordings can no longer be read', async () => {
    const set = await featuresOf({ nMfcc: 13 });
    const gone = { fileOf: () => join(root, 'gone.wav') };
    assert.equal(
      await nearDuplicatesOf({ ...set, clips: set.clips.map((clip) => ({ ...clip, sha256: 'x' })) }, gone),
      undefined,
    );
  });
});
