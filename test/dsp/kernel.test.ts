import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as dsp from '../../src/dsp';
import { buildKernel, type DspKernel, isKernelStale, loadKernel } from '../../src/dsp/kernel';
import { createRandom } from '../../src/random';
import { assertClose } from '../assert-close';

describe('the SIMD kernel', () => {
  let kernel: DspKernel;
  before(async function () {
    this.timeout(60000);
    await buildKernel();
    kernel = (await loadKernel()) ?? assert.fail('the kernel does not load');
  });

  it('is compiled once, and found by everyone after that', async () => {
    assert.equal(isKernelStale(), false);
    assert.equal(await buildKernel(), false);
    assert.equal(await loadKernel(), kernel);
  });

  it('steps aside for the plain functions when it is told to', async () => {
    process.env.SER_KERNEL = 'plain';
    try {
      assert.equal(await loadKernel(), undefined);
    } finally {
      delete process.env.SER_KERNEL;
    }
  });

  it('puts the features of a frame side by side: crossings, loudness, MFCC', () => {
    const samples = noiseOf(20000, 1);
    const { data, shape } = kernel.paperFeatures(samples);
    assert.deepEqual(shape, [40, 22]);
    const column = (k: number): number[] => Array.from({ length: 40 }, (_, i) => data[22 * i + k]);
    assertClose(column(0), dsp.zeroCrossingRate(samples), 1e-3);
    assertClose(column(1), dsp.rms(samples), 1e-5);
    const mfcc = dsp.mfcc(samples).data;
    for (let k = 0; k < 20; k++) {
      assertClose(
        column(2 + k),
        Array.from({ length: 40 }, (_, i) => mfcc[20 * i + k]),
        1e-3,
        `MFCC ${k}`,
      );
    }
  });

  it('makes the four versions of a clip as one function after the other does', () => {
    const samples = noiseOf(30011, 2);
    const noise = [noiseOf(30011, 3), noiseOf(30500, 4)] as const;
    const noiseFactor = [0.02, 0.03] as const;
    const versions = kernel.paperVersions(samples, { noise, noiseFactor });
    const pitched = dsp.pitchShift(samples, { nSteps: 0.7 });
    const add = (clean: Float32Array, i: 0 | 1): Float32Array => {
      const scale = noiseFactor[i] * clean.reduce((a, b) => Math.max(a, b));
      return clean.map((value, n) => value + scale * noise[i][n]);
    };
    const expected = {
      original: samples,
      noise: add(samples, 0),
      pitch: pitched,
      pitchNoise: add(pitched, 1),
    };
    for (const name of ['original', 'noise', 'pitch', 'pitchNoise'] as const) {
      const { data, shape } = versions[name];
      assert.deepEqual(shape, [59, 22]);
      const twin = dsp.mfcc(expected[name]);
      const rms = dsp.rms(expected[name]);
      const zcr = dsp.zeroCrossingRate(expected[name]);
      for (let i = 0; i < 59; i++) {
        assertClose(
          data.subarray(22 * i + 2, 22 * i + 22),
          twin.data.subarray(20 * i, 20 * i + 20),
          2e-3,
          name,
        );
        assertClose([data[22 * i + 1]], [rms[i]], 1e-5, name);
        // Where rounding moves a sample over zero, two crossings come or go.
        assertClose([data[22 * i]], [zcr[i]], 2.1 / 2048, name);
      }
    }
  });

  it('writes the four versions into one array, and the next clip has no trace of the last', () => {
    const noise = [noiseOf(40000, 5), noiseOf(40000, 6)] as const;
    const noiseFactor = [0.01, 0.02] as const;
    const short = noiseOf(9000, 7);
    const fresh = kernel.paperVersions(short, { noise, noiseFactor });
    const out = new Float32Array(4 * 18 * 22 + 5).fill(9);
    kernel.paperVersions(noiseOf(40000, 8), { noise, noiseFactor });
    const again = kernel.paperVersions(short, { noise, noiseFactor, out });
    assert.deepEqual(again, fresh);
    assert.deepEqual(out.subarray(3 * 18 * 22, 4 * 18 * 22), fresh.pitchNoise.data);
    assert.deepEqual(out.subarray(4 * 18 * 22), new Float32Array(5).fill(9));
    assert.throws(
      () => kernel.paperVersions(short, { noise, noiseFactor, out: new Float32Array(9) }),
      /out must be at least 1584 values long, got 9/,
    );
  });

  it('agrees with the plain functions on signals of every length, from one sample on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6000 }),
        fc.integer(),
        fc.double({ min: 1e-3, max: 1 }),
        (n, seed, gain) => {
          const samples = noiseOf(n, seed).map((value) => value * gain);
          const copy = samples.slice();
          assertClose(kernel.mfcc(samples).data, dsp.mfcc(samples).data, 2e-3);
          assertClose(kernel.rms(samples), dsp.rms(samples), 1e-5);
          assertClose(kernel.zeroCrossingRate(samples), dsp.zeroCrossingRate(samples), 1e-6);
          assertClose(
            kernel.pitchShift(samples, { nSteps: 2 }),
            dsp.pitchShift(samples, { nSteps: 2 }),
            1e-3,
          );
          assert.deepEqual(samples, copy);
        },
      ),
      { numRuns: 25, seed: 11 },
    );
  });

  it('hears nothing in silence', () => {
    const silence = new Float32Array(5000);
    const { data } = kernel.paperFeatures(silence);
    const twin = dsp.mfcc(silence).data;
    for (let i = 0; i < 10; i++) {
      assert.deepEqual([...data.subarray(22 * i, 22 * i + 2)], [0, 0]);
      assertClose(data.subarray(22 * i + 2, 22 * i + 22), twin.subarray(20 * i, 20 * i + 20), 1e-3);
    }
    assert.deepEqual(kernel.pitchShift(silence, { nSteps: 0.7 }), silence);
    assert.deepEqual(kernel.resample(silence, 48000, 24000), new Float32Array(2500));
  });

  it('explains what it cannot take', () => {
    const empty = new Float32Array(0);
    for (const call of [
      () => kernel.mfcc(empty),
      () => kernel.rms(empty),
      () => kernel.paperFeatures(empty),
      () => kernel.pitchShift(empty),
      () => kernel.timeStretch(empty),
    ]) {
      assert.throws(call, /samples must be at least one sample long, got 0/);
    }
    const broken = Float32Array.of(0, 1, NaN, 0);
    assert.throws(() => kernel.mfcc(broken), /samples must be finite numbers, got "NaN at index 2"/);
    assert.throws(() => kernel.rms(broken), /samples must be finite numbers/);
    assert.throws(() => kernel.stft(noiseOf(9, 1), { nFft: 1000 }), /nFft must be a power of two/);
    assert.throws(() => kernel.paperFeatures(noiseOf(9, 1), { nFft: 8 }), /nFft must be .* from 16 to 8192/);
    assert.throws(
      () => kernel.mfcc(noiseOf(9, 1), { nMfcc: 129 }),
      /nMfcc must be at most the 128 mel bands/,
    );
    assert.throws(
      () => kernel.pitchShift(noiseOf(9, 1), { nSteps: 999 }),
      /nSteps must be within ten octaves/,
    );
    assert.throws(() => kernel.resample(noiseOf(9, 1), 1.5, 2), /fromRate must be a positive integer/);
  });

  it('takes ten seconds at 96 kHz, and says so when a signal is beyond its memory', () => {
    const long = noiseOf(960000, 12);
    assert.equal(kernel.resample(long, 96000, 22050).length, 220500);
    assert.deepEqual(kernel.paperFeatures(long, { sampleRate: 96000 }).shape, [1876, 22]);
    assert.throws(
      () => kernel.paperFeatures(new Float32Array(20_000_000)),
      /too long for the SIMD kernel: .* 40 MiB of work memory/,
    );
    assert.deepEqual(kernel.paperFeatures(long.subarray(0, 600)).shape, [2, 22]);
  });
});

/** Uniform in [-1, 1). */
function noiseOf(length: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
}
