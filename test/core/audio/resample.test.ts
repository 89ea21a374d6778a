import fc from 'fast-check';
import assert from 'node:assert/strict';
import { resample } from '../../../src/core/audio';

/** Frequencies in the pass-band; the last two ratios have more phases than the exact filter bank. */
const tones: [from: number, to: number, frequency: number][] = [
  [48000, 22050, 9800],
  [44100, 22050, 3000],
  [16000, 22050, 6000],
  [24414, 22050, 5000],
  [22050, 48000, 1000],
  [22050, 24414, 9000],
  [7919, 44101, 3000],
  [767999, 16000, 3000],
];

describe('resample', () => {
  for (const [from, to, frequency] of tones) {
    it(`preserves a sine of ${frequency} Hz from ${from} to ${to} Hz`, () => {
      const out = resample(sine(frequency, from, from), from, to);
      assert.ok(worst(out, sine(frequency, to, to), edge(from, to)) < 2e-6);
    });
  }

  for (const [from, to, frequency] of [
    [48000, 22050, 11100],
    [24414, 22050, 11500],
    [44100, 16000, 15000],
  ]) {
    it(`removes a tone of ${frequency} Hz, above the Nyquist frequency of ${to} Hz`, () => {
      const out = resample(sine(frequency, from, from), from, to);
      assert.ok(worst(out, new Float32Array(out.length), edge(from, to)) < 1e-5);
    });
  }

  it('rounds the length up, as librosa', () => {
    const rate = fc.integer({ min: 1000, max: 2000 });
    fc.assert(
      fc.property(fc.nat(200), rate, rate, (frames, from, to) => {
        const out = resample(new Float32Array(frames), from, to, { halfLength: 4 });
        assert.equal(BigInt(out.length), (BigInt(frames) * BigInt(to) + BigInt(from) - 1n) / BigInt(from));
      }),
      { numRuns: 50, seed: 1 },
    );
    assert.equal(resample(new Float32Array(100), 24414, 22050).length, 91);
  });

  it('returns a copy for equal rates and does not change its input', () => {
    const samples = Float32Array.of(0.1, -0.2, 0.3);
    const copy = resample(samples, 8000, 8000);
    copy[0] = 9;
    resample(samples, 8000, 11025);
    assert.deepEqual(samples, Float32Array.of(0.1, -0.2, 0.3));
    assert.deepEqual(copy.subarray(1), samples.subarray(1));
  });

  it('adds no delay: an impulse stays in place', () => {
    const impulse = new Float32Array(1000);
    impulse[300] = 1;
    const out = resample(impulse, 8000, 24000);
    assert.equal(out.indexOf(out.reduce((a, b) => Math.max(a, b))), 900);
  });

  it('has unit gain at 0 Hz for any filter', () => {
    const ones = new Float32Array(4000).fill(1);
    for (const halfLength of [32, 64]) {
      const out = resample(ones, 44100, 16000, { halfLength, beta: 9 });
      assert.ok(worst(out, new Float32Array(out.length).fill(1), 2 * halfLength) < 1e-4);
    }
  });

  it('names the invalid argument', () => {
    const samples = new Float32Array(4);
    assert.throws(() => resample(samples, 0, 8000), /fromRate must be a positive integer \(Hz\), got 0/);
    assert.throws(() => resample(samples, 8000, 22050.5), /toRate must be .*22050.5/);
    assert.throws(
      () => resample(samples, 8000, 16000, { cutOff: 1.2 }),
      /cutOff must be in \(0, 1\], got 1.2/,
    );
    assert.throws(() => resample(samples, 8000, 16000, { beta: -1 }), /beta must be .*got -1/);
    assert.throws(() => resample(samples, 8000, 16000, { halfLength: NaN }), /halfLength must be .*got NaN/);
    assert.throws(
      () => resample(samples, 8000, 16000, { halfLength: 1e9 }),
      /halfLength must be .*got 1000000000/,
    );
    assert.throws(
      () => resample(samples, 200e6, 16000),
      /toRate must be 200000000 Hz divided or multiplied by at/,
    );
  });
});

function sine(frequency: number, sampleRate: number, frames: number): Float32Array {
  return Float32Array.from({ length: frames }, (_, i) =>
    Math.sin((2 * Math.PI * frequency * i) / sampleRate),
  );
}

/** Number of output samples at each end that are affected by samples outside the signal. */
function edge(from: number, to: number): number {
  return Math.ceil((103 * to) / Math.min(from, to));
}

/** Maximum difference away from the edges. */
function worst(actual: Float32Array, expected: Float32Array, edge: number): number {
  assert.equal(actual.length, expected.length);
  assert.ok(actual.length > 2 * edge);
  let largest = 0;
  for (let i = edge; i < actual.length - edge; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
