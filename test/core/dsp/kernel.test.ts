import fc from 'fast-check';
import assert from 'node:assert/strict';
import { addNormalNoise, createRandom, InvalidArgumentError } from '../../../src/core/base';
import * as dsp from '../../../src/core/dsp';
import { type DspKernel, KernelCapacityError } from '../../../src/core/dsp';
import { loadKernel } from '../../../src/node/extraction';
import { buildKernel, isKernelStale } from '../../../src/node/build/kernel';
import { assertClose } from '../../assert-close';

describe('the SIMD kernel', () => {
  let kernel: DspKernel;
  before(async function () {
    this.timeout(60000);
    await buildKernel();
    kernel = (await loadKernel()) ?? assert.fail('the kernel cannot be loaded');
  });

  it('is compiled and loaded once', async () => {
    assert.equal(isKernelStale(), false);
    assert.equal(await buildKernel(), false);
    assert.equal(await loadKernel(), kernel);
  });

  it('is not loaded if SER_KERNEL is plain', async () => {
    process.env.SER_KERNEL = 'plain';
    try {
      assert.equal(await loadKernel(), undefined);
    } finally {
      delete process.env.SER_KERNEL;
    }
  });

  it('measure equals the separate functions exactly', () => {
    const samples = noiseOf(30011, 2);
    const options = { nMels: 40, nMfcc: 13, lifter: 22, fMin: 50, fMax: 8000, hopLength: 300 };
    for (const nSteps of [[], [0.7, -3]]) {
      const { matrices, shifted } = kernel.measure(samples, {
        ...options,
        measures: ['logMel', 'rms', 'mfcc', 'zcr'],
        nSteps,
      });
      const [logMel, rms, mfcc, zcr] = matrices;
      assert.deepEqual(logMel, kernel.logMel(samples, options));
      assert.deepEqual(mfcc, kernel.mfcc(samples, options));
      assert.deepEqual(rms, { data: kernel.rms(samples, { hopLength: 300 }), shape: [101, 1] });
      assert.deepEqual(zcr, { data: kernel.zeroCrossingRate(samples, { hopLength: 300 }), shape: [101, 1] });
      const alone = nSteps.map((steps) => kernel.pitchShift(samples, { nSteps: steps, hopLength: 300 }));
      assert.deepEqual(shifted, alone);
    }
    assert.deepEqual(kernel.measure(samples, { measures: [] }), { matrices: [], shifted: [] });
    const { shifted } = kernel.measure(samples, { measures: ['zcr'], nSteps: [2] });
    assert.deepEqual(shifted, [kernel.pitchShift(samples, { nSteps: 2 })]);
  });

  it('results do not depend on earlier calls', () => {
    const short = noiseOf(9000, 7);
    const options = { measures: ['mfcc', 'rms'], nSteps: [0.7] } as const;
    const fresh = kernel.measure(short, options);
    kernel.measure(noiseOf(40000, 8), options);
    assert.deepEqual(kernel.measure(short, options), fresh);
    const pitch = kernel.f0Contour(short);
    kernel.f0Contour(noiseOf(40000, 8));
    assert.deepEqual(kernel.f0Contour(short), pitch);
  });

  it('adds the same noise as the plain function', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5000 }),
        fc.integer(),
        fc.double({ min: 0, max: 10 }),
        (n, seed, deviation) => {
          const samples = noiseOf(n, seed);
          const random = createRandom(seed);
          const state = Int32Array.from({ length: 16 }, () => random.integer(2 ** 32) | 1);
          const copies = [samples.slice(), state.slice()];
          const noisy = kernel.addNormalNoise(samples, deviation, state);
          assertClose(noisy, addNormalNoise(samples, deviation, state), 2e-6 * (1 + deviation));
          assert.deepEqual([samples, state], copies);
          const share = (largest: number): number => {
            assert.equal(largest, Math.max(...samples));
            return deviation * Math.max(0, largest);
          };
          const relative = addNormalNoise(samples, share, state);
          assertClose(kernel.addNormalNoise(samples, share, state), relative, 2e-6 * (1 + 5 * deviation));
        },
      ),
      { numRuns: 25, seed: 5 },
    );
  });

  it('agrees with the plain functions for signals of any length', () => {
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
          assertClose(kernel.f0Contour(samples).aperiodicity, dsp.f0Contour(samples).aperiodicity, 2e-6);
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

  it('stretches signals as the plain function for any hop, short signals included', () => {
    const frames = fc.constantFrom([512, 128], [512, 100], [256, 128], [256, 2], [64, 16]);
    fc.assert(
      fc.property(
        fc.integer({ min: 512, max: 3000 }),
        frames,
        fc.double({ min: 0.5, max: 2, noNaN: true }),
        fc.boolean(),
        (n, [nFft, hopLength], rate, center) => {
          const samples = noiseOf(n, n);
          const options = { nFft, hopLength, rate, center };
          const plain = dsp.timeStretch(samples, options);
          // Where only the end of a window covers a sample, the division magnifies rounding errors.
          const inside = (x: Float32Array): Float32Array => (center ? x : x.subarray(nFft / 2, -nFft));
          assertClose(inside(kernel.timeStretch(samples, options)), inside(plain), 2e-3);
        },
      ),
      { numRuns: 40, seed: 12 },
    );
  });

  it('returns zeros for silence', () => {
    const silence = new Float32Array(5000);
    const { matrices } = kernel.measure(silence, { measures: ['zcr', 'rms', 'mfcc'] });
    assert.deepEqual([...matrices[0].data, ...matrices[1].data], new Array(20).fill(0));
    assertClose(matrices[2].data, dsp.mfcc(silence).data, 1e-3);
    assert.deepEqual(kernel.pitchShift(silence, { nSteps: 0.7 }), silence);
    assert.deepEqual(kernel.f0Contour(silence), dsp.f0Contour(silence));
    assert.deepEqual(kernel.resample(silence, 48000, 24000), new Float32Array(2500));
  });

  it('rejects invalid arguments with a reason', () => {
    const empty = new Float32Array(0);
    for (const call of [
      () => kernel.mfcc(empty),
      () => kernel.rms(empty),
      () => kernel.measure(empty, { measures: ['zcr'] }),
      () => kernel.pitchShift(empty),
      () => kernel.timeStretch(empty),
    ]) {
      assert.throws(call, /samples must be at least one sample long, got 0/);
    }
    const broken = Float32Array.of(0, 1, NaN, 0);
    assert.throws(() => kernel.mfcc(broken), /samples must be finite numbers, got "NaN at index 2"/);
    assert.throws(() => kernel.rms(broken), /samples must be finite numbers/);
    assert.throws(() => kernel.stft(noiseOf(9, 1), { nFft: 1000 }), /nFft must be a power of two/);
    for (const [options, message] of [
      [{ nFft: 8 }, /nFft must be .* from 16 to 8192/],
      [{ center: false }, /center must be true/],
      [{ padMode: 'edge' }, /padMode must be 'constant'/],
      [{ nSteps: [0, 25] }, /nSteps must be within two octaves .*, got 25/],
    ] as const) {
      assert.throws(() => kernel.measure(noiseOf(9, 1), { measures: ['rms'], ...options }), message);
    }
    assert.throws(
      () => kernel.mfcc(noiseOf(9, 1), { nMfcc: 129 }),
      /nMfcc must be at most the 128 mel bands/,
    );
    assert.throws(
      () => kernel.pitchShift(noiseOf(9, 1), { nSteps: 999 }),
      /nSteps must be within ten octaves/,
    );
    const rule = /^InvalidArgumentError: rate must be low enough to leave one of 9 samples, got 100$/;
    for (const plain of [kernel, dsp]) {
      assert.throws(() => plain.timeStretch(noiseOf(9, 1), { rate: 100 }), rule);
    }
    assert.throws(() => kernel.resample(noiseOf(9, 1), 1.5, 2), /fromRate must be a positive integer/);
  });

  it('f0Contour rejects invalid options with the message of the plain function', () => {
    const samples = noiseOf(3000, 3);
    for (const [of, options] of [
      [new Float32Array(0), {}],
      [Float32Array.of(0, 1, NaN, 0), {}],
      [Float32Array.of(0, -Infinity), { padMode: 'reflect' }],
      [samples, { sampleRate: 0 }],
      [samples, { fMin: 10 }],
      [samples, { fMin: 300, fMax: 200 }],
      [samples, { fMax: 12000 }],
      [samples, { troughThreshold: -1 }],
      [samples, { voicingThreshold: NaN }],
      [samples, { frameLength: 2.5 }],
      [samples, { hopLength: 0 }],
      [samples, { hopLength: 0.5 }],
      [samples, { frameLength: 4096, center: false }],
      [samples, { padMode: 'wrap' as 'edge' }],
    ] as [Float32Array, dsp.F0Options][]) {
      let expected: unknown;
      try {
        dsp.f0Contour(of, options);
      } catch (error) {
        expected = error;
      }
      assert.ok(expected instanceof InvalidArgumentError, JSON.stringify(options));
      assert.throws(() => kernel.f0Contour(of, options), expected);
    }
  });

  it('passes frames that are too long on to the plain function', () => {
    const samples = noiseOf(9000, 4);
    const options = { frameLength: 8192, hopLength: 700 };
    assert.deepEqual(kernel.f0Contour(samples, options), dsp.f0Contour(samples, options));
  });

  it('processes ten seconds at 96 kHz and reports signals that do not fit into its memory', () => {
    const long = noiseOf(960000, 12);
    assert.equal(kernel.resample(long, 96000, 22050).length, 220500);
    assert.deepEqual(kernel.mfcc(long, { sampleRate: 96000 }).shape, [1876, 20]);
    assert.throws(
      () => kernel.mfcc(new Float32Array(20_000_000)),
      /too long for the SIMD kernel: .* 40 MiB of work memory/,
    );
    assert.equal(kernel.f0Contour(long, { sampleRate: 96000 }).f0Hz.length, 1876);
    assert.throws(() => kernel.f0Contour(new Float32Array(20_000_000)), KernelCapacityError);
    assert.deepEqual(kernel.mfcc(long.subarray(0, 600)).shape, [2, 20]);
  });
});

/** Uniform in [-1, 1). */
function noiseOf(length: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
}
