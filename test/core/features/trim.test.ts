import assert from 'node:assert/strict';
import { createRandom } from '../../../src/core/base';
import { type FeatureConfig, featureConfig, plainFrontEnd, windowRows } from '../../../src/core/features';

const sampleRate = 8000;

/** Quiet noise, a second of tone from .5 s on, quiet noise. @param noise - amplitude */
function tone(noise: number): Float32Array {
  const random = createRandom('trim');
  return Float32Array.from({ length: 2 * sampleRate }, (_, i) => {
    const isSpeech = i >= 0.5 * sampleRate && i < 1.5 * sampleRate;
    return noise * random.normal() + (isSpeech ? 0.3 * Math.sin(i / 5) : 0);
  });
}

const rowsOf = (samples: Float32Array, changes: Partial<FeatureConfig>) =>
  windowRows(
    [samples],
    featureConfig({
      sampleRate,
      offsetSec: 0,
      durationSec: 2,
      nFft: 512,
      hopLength: 128,
      nMels: 20,
      nMfcc: 5,
      features: ['zcr', 'rms', 'mfcc', 'deltas', 'logMel', 'f0'],
      versions: { original: [], louder: [{ kind: 'noise', snrDb: [60, 60] }] },
      ...changes,
    }),
    plainFrontEnd,
    ['original', 'louder'],
  );

describe('features of speech without silence', () => {
  for (const levelDb of [null, -26])
    it(`are those of the frames with speech (levelDb: ${levelDb})`, () => {
      const all = rowsOf(tone(1e-4), { levelDb });
      const trimmed = rowsOf(tone(1e-4), { levelDb, trimDb: 30 });
      const columns = all.shape[3];
      // Frames are centred, so the first and last ones with part of the tone lie up to two hops outside.
      const first = Math.round((0.5 * sampleRate) / 128) - 1;
      assert.ok(Math.abs(trimmed.frames[0] - sampleRate / 128) <= 4, `${trimmed.frames[0]} frames`);
      const count = trimmed.frames[0];
      const starts = [first - 1, first, first + 1].filter((start) =>
        trimmed.data
          .subarray(0, count * columns)
          .every((value, i) => value === all.data[start * columns + i]),
      );
      assert.equal(starts.length, 1);
      assert.ok(trimmed.data.subarray(count * columns, all.shape[2] * columns).every((value) => value === 0));
    });

  it('are all frames if nothing is quieter, or all is silent', () => {
    for (const samples of [tone(0.2), new Float32Array(2 * sampleRate)]) {
      const all = rowsOf(samples, {});
      assert.deepEqual(rowsOf(samples, { trimDb: 60 }).data, all.data);
    }
  });
});
