import assert from 'node:assert/strict';
import { checkTake, takeAdvice } from '../../../src/web/corpus/quality';
import { voice } from '../../babble';

const sampleRate = 16_000;
const sine = (sec: number, amplitude: number): Float32Array =>
  Float32Array.from(
    { length: sec * sampleRate },
    (_, i) => amplitude * Math.sin((2 * Math.PI * 200 * i) / sampleRate),
  );
const problems = (samples: Float32Array): string[] => checkTake({ samples, sampleRate }).problems;
/** Silence around samples, seconds. */
const padded = (samples: Float32Array, before: number, after: number): Float32Array => {
  const all = new Float32Array(Math.round((before + after) * sampleRate) + samples.length);
  all.set(samples, Math.round(before * sampleRate));
  return all;
};

describe('the checks of a take', () => {
  it('accepts speech with short pauses', () => {
    const quality = checkTake(voice('fine', 2));
    assert.deepEqual(quality.problems, []);
    assert.ok(quality.soundSec > 1 && quality.soundSec <= 2);
  });

  it('measures peak and level in dBFS', () => {
    const { peakDb, levelDb, soundSec, durationSec } = checkTake({ samples: sine(1, 0.5), sampleRate });
    assert.ok(Math.abs(peakDb - 20 * Math.log10(0.5)) < 0.01);
    assert.ok(Math.abs(levelDb - 20 * Math.log10(0.5 / Math.SQRT2)) < 0.01);
    assert.ok(Math.abs(soundSec - 1) < 1e-9);
    assert.equal(durationSec, 1);
    const withPause = checkTake({ samples: padded(sine(1, 0.5), 0.5, 0.5), sampleRate });
    assert.ok(
      Math.abs(withPause.levelDb - levelDb) < 0.2,
      'the level is that of the sound, not of the pauses',
    );
  });

  it('reports each problem', () => {
    const clipped = sine(1, 1.5).map((value) => Math.max(-1, Math.min(1, value)));
    assert.deepEqual(problems(clipped), ['clipped']);
    assert.deepEqual(problems(sine(1, 10 ** (-55 / 20))), ['too quiet']);
    assert.deepEqual(problems(sine(0.4, 0.3)), ['too short']);
    assert.deepEqual(problems(sine(15.5, 0.3)), ['too long']);
    assert.deepEqual(problems(padded(sine(0.5, 0.3), 2, 2)), ['mostly silence']);
    assert.deepEqual(problems(new Float32Array(sampleRate)), ['silent']);
    assert.deepEqual(problems(new Float32Array(sampleRate).fill(0.3)), ['silent'], 'a constant is no sound');
    assert.deepEqual(problems(new Float32Array(0)), ['silent', 'too short']);
    assert.equal(checkTake({ samples: new Float32Array(0), sampleRate }).peakDb, -Infinity);
  });

  it('a single full-scale sample is not clipping', () => {
    const samples = sine(1, 0.3);
    samples[100] = 1;
    samples[200] = -1;
    assert.deepEqual(problems(samples), []);
  });

  it('has advice for each problem', () => {
    for (const advice of Object.values(takeAdvice)) assert.match(advice, /^[A-Z].*[.?]$/);
  });
});
