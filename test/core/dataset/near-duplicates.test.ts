import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Waveform } from '../../../src/core/audio';
import { auditSplit, findNearDuplicates, formatAudit } from '../../../src/core/dataset';
import type { FeatureConfig, FeatureSet } from '../../../src/core/features';
import { readAudio } from '../../../src/node/corpora';
import { babble } from '../../babble';
import { realClips } from '../../real-clips';
import { featuresOf } from './feature-set';
import { madeClip } from './original-clips';

const sampleRate = 22_050;

/** Changes applied to copies. */
const copies: Record<string, (waveform: Waveform) => Waveform> = {
  quieter: ({ samples, sampleRate }) => ({ samples: samples.map((x) => 0.3 * x), sampleRate }),
  'cut 8 ms later': ({ samples, sampleRate }) => ({
    samples: samples.slice(Math.round(0.008 * sampleRate)),
    sampleRate,
  }),
  'in 10 bits': ({ samples, sampleRate }) => {
    const largest = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    return { samples: samples.map((x) => (Math.round((511 * x) / largest) / 511) * largest), sampleRate };
  },
};

/** Features of recordings and of one changed copy of each. */
function withCopies(
  recordings: readonly { name: string; waveform: Waveform }[],
  change: (waveform: Waveform) => Waveform,
  config: Partial<FeatureConfig> = {},
): FeatureSet {
  return featuresOf(
    recordings.flatMap(({ name, waveform }) => [
      { clip: madeClip(`${name}.wav`), waveform },
      { clip: madeClip(`${name} copy.wav`), waveform: change(waveform) },
    ]),
    config,
  );
}

describe('findNearDuplicates', () => {
  const recordings = Array.from({ length: 8 }, (_, i) => ({
    name: `clip ${i}`,
    waveform: babble(`babble ${i}`),
  }));
  const pairs = (names: readonly string[]): string[][] =>
    names.map((name) => [`${name} copy.wav`, `${name}.wav`]).sort();
  const config = { offsetSec: 0, durationSec: 2 };

  for (const [how, change] of Object.entries(copies)) {
    it(`finds each copy that is ${how}, without false matches`, () => {
      const found = findNearDuplicates(withCopies(recordings, change, config));
      assert.deepEqual(
        found.map(({ paths }) => paths),
        pairs(recordings.map(({ name }) => name)),
      );
    });
  }

  it('reports the offset and the duration of the overlap', () => {
    const [{ waveform }] = recordings;
    const late: Waveform = { samples: waveform.samples.slice(4 * 5120), sampleRate };
    const set = featuresOf(
      [
        { clip: madeClip('a.wav'), waveform },
        { clip: madeClip('b.wav'), waveform: late },
      ],
      config,
    );
    const [found, ...others] = findNearDuplicates(set);
    assert.equal(others.length, 0);
    assert.equal(Math.round((found.offsetSec * sampleRate) / 512), -40);
    assert.ok(found.overlapSec > 0.8 && found.overlapSec < 1.1, `${found.overlapSec} s`);
    const turned = findNearDuplicates({ ...set, clips: [set.clips[1], set.clips[0]] });
    assert.equal(turned[0].offsetSec, -found.offsetSec);
  });

  it('compares log-mel bands if there are no MFCC, and rejects features with neither', () => {
    const change = copies['cut 8 ms later'];
    const mel = withCopies(recordings, change, { ...config, features: ['rms', 'logMel'], nMels: 40 });
    assert.equal(findNearDuplicates(mel).length, recordings.length);
    const none = withCopies(recordings.slice(0, 1), change, { ...config, features: ['rms'] });
    assert.throws(
      () => findNearDuplicates(none),
      /features must be a list with at least 20 MFCC or 17 mel bands, got \["rms"\]/,
    );
  });

  it('omits clips with identical bytes, and does not match silence', () => {
    const silence: Waveform = { samples: new Float32Array(2 * sampleRate), sampleRate };
    const [{ waveform }] = recordings;
    const set = featuresOf(
      [
        { clip: madeClip('a.wav', { sha256: 'same' }), waveform },
        { clip: madeClip('b.wav', { sha256: 'same' }), waveform },
        { clip: madeClip('c.wav'), waveform: silence },
        { clip: madeClip('d.wav'), waveform: silence },
      ],
      config,
    );
    const found = findNearDuplicates(set);
    assert.equal(found.length, 0);
    assert.deepEqual(found.notComparedPaths, ['c.wav', 'd.wav']);
  });

  it('lists clips that are too short, which the audit reports as not compared', () => {
    const [{ waveform }] = recordings;
    const short: Waveform = { samples: waveform.samples.slice(0, 0.4 * sampleRate), sampleRate };
    const set = featuresOf(
      [
        { clip: madeClip('a.wav'), waveform },
        { clip: madeClip('b.wav'), waveform: short },
      ],
      config,
    );
    const nearDuplicates = findNearDuplicates(set);
    const verdictOf = (test: number): string => {
      const split = { name: 'fold', train: Int32Array.of(1 - test), validation: new Int32Array(0), test };
      const audit = auditSplit(
        set,
        { ...split, test: Int32Array.of(test) },
        { protocol: 'clips', nearDuplicates },
      );
      return formatAudit(audit)
        .split('\n')
        .find((line) => line.includes('near duplicates'))!;
    };
    assert.match(verdictOf(0), /0 of 1 test clips; 1 clip could not be compared +ok$/);
    assert.match(verdictOf(1), /not searched for; 1 clip could not be compared +not checked$/);
  });

  it('finds modified copies of original clips, and does not match other takes of the sentence', async function () {
    this.timeout(120_000);
    const folder = join(realClips(this), 'ravdess', 'Actor_01');
    const files = readdirSync(folder).slice(0, 16);
    const originals = await Promise.all(
      files.map(async (name) => ({ name, waveform: await readAudio(join(folder, name)) })),
    );
    for (const [how, change] of Object.entries(copies)) {
      const found = findNearDuplicates(withCopies(originals, change));
      assert.deepEqual(
        found.map(({ paths }) => paths),
        pairs(files),
        how,
      );
    }
  });
});
