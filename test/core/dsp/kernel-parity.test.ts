import assert from 'node:assert/strict';
import { resample } from '../../../src/core/audio';
import type { DspKernel } from '../../../src/core/dsp';
import * as dsp from '../../../src/core/dsp';
import { loadKernel } from '../../../src/node/extraction';
import { buildKernel } from '../../../src/node/build/kernel';
import { assertClose } from '../../assert-close';
import {
  assertInside,
  casesOf,
  dctScale,
  type GoldenCase,
  numberOf,
  signal,
  signals,
  titleOf,
} from './golden';

describe('the SIMD kernel against librosa', () => {
  let kernel: DspKernel;
  before(async function () {
    this.timeout(60000);
    await buildKernel();
    kernel = (await loadKernel()) ?? assert.fail('the kernel cannot be loaded');
  });

  const compare = (name: string, tolerance: number, run: (row: GoldenCase) => ArrayLike<number>): void => {
    for (const row of casesOf(name)) {
      it(titleOf(row), () => assertClose(run(row), row.expected, tolerance * dctScale(row)));
    }
  };

  compare('mfcc', 2e-3, ({ input, options }) => kernel.mfcc(signal(input), options).data);
  compare('rms', 1e-5, ({ input, options }) => kernel.rms(signal(input), options));
  compare('zeroCrossingRate', 1e-6, ({ input, options }) => kernel.zeroCrossingRate(signal(input), options));

  compare('f0Contour', 1e-3, ({ input, options }) => kernel.f0Contour(signal(input), options).candidateHz);

  for (const row of casesOf('stft')) {
    it(titleOf(row), () => {
      const { real, imag } = kernel.stft(signal(row.input), row.options);
      const largest = row.expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      assertClose([...real, ...imag], row.expected, 2e-6 * largest);
    });
  }

  for (const row of casesOf('powerSpectrogram')) {
    it(titleOf(row), () => {
      const { data } = kernel.powerSpectrogram(signal(row.input), row.options);
      assertClose(data, row.expected, 2e-6 * row.expected.reduce((a, b) => Math.max(a, b), 0));
    });
  }

  for (const row of casesOf('resample')) {
    it(titleOf(row), () => {
      const { from, to } = row.options;
      assertInside(kernel.resample(signal(row.input), numberOf(from), numberOf(to)), row.expected, 1e-4);
    });
  }

  for (const row of casesOf('mfcc of pitchShift')) {
    it(`${titleOf(row)}, from the fourth frame on`, () => {
      const actual = kernel.mfcc(kernel.pitchShift(signal(row.input), row.options)).data;
      // At -2 semitones the filter's stop band affects the weakest bands, also in the plain functions.
      const tolerance = row.options.nSteps === -2 ? 2.5e-2 : 1e-2;
      assertClose(actual.subarray(60), row.expected.subarray(60), tolerance);
    });
  }

  for (const row of casesOf('timeStretch')) {
    it(titleOf(row), () => {
      assertClose(kernel.timeStretch(signal(row.input), row.options), row.expected, 1e-4);
    });
  }
});

describe('the SIMD kernel against the plain functions', () => {
  let kernel: DspKernel;
  before(async () => {
    kernel = (await loadKernel()) ?? assert.fail('the kernel cannot be loaded');
  });

  for (const [name, samples] of signals) {
    it(`computes the same spectra, bands and measures for ${name}`, () => {
      for (const nFft of [16, 32, 256, 512, 1024, 2048, 4096, 8192]) {
        const fast = kernel.stft(samples, { nFft });
        const plain = dsp.stft(samples, { nFft });
        assert.deepEqual(fast.shape, plain.shape);
        const tolerance = 2e-7 * nFft;
        assertClose(fast.real, plain.real, tolerance, `real parts, nFft ${nFft}`);
        assertClose(fast.imag, plain.imag, tolerance, `imaginary parts, nFft ${nFft}`);
      }
      const magnitudes = { power: 1, hopLength: 300, winLength: 1500, window: 'hamming' } as const;
      assertClose(
        kernel.powerSpectrogram(samples, magnitudes).data,
        dsp.powerSpectrogram(samples, magnitudes).data,
        4e-4,
      );
      const mel = { sampleRate: 16000, nFft: 512, nMels: 40, fMax: 8000, htk: true, norm: null } as const;
      for (const decibels of [
        {},
        { ref: 'max', topDb: 60 },
        { ref: 0.5, amin: 1e-6, topDb: null },
      ] as const) {
        assertClose(
          kernel.logMel(samples, { ...mel, ...decibels }).data,
          dsp.powerToDb(dsp.melSpectrogram(samples, mel), decibels).data,
          2e-2,
        );
      }
      const coefficients = {
        nFft: 512,
        nMels: 40,
        nMfcc: 13,
        lifter: 22,
        norm: null,
        melNorm: null,
      } as const;
      assertClose(kernel.mfcc(samples, coefficients).data, dsp.mfcc(samples, coefficients).data, 2e-1);
      const odd = { frameLength: 1001, hopLength: 333 };
      assertClose(kernel.rms(samples, odd), dsp.rms(samples, odd), 1e-6);
      assertClose(kernel.zeroCrossingRate(samples, odd), dsp.zeroCrossingRate(samples, odd), 1e-6);
    });

    it(`computes the same pitch for ${name}`, () => {
      for (const options of [
        {},
        { hopLength: 441, frameLength: 1764, fMin: 55, fMax: 900, padMode: 'edge' },
        { hopLength: 800, frameLength: 1600, fMin: 100, troughThreshold: 0.2, voicingThreshold: 0.5 },
        { hopLength: 1024, frameLength: 1024, padMode: 'reflect' },
        { hopLength: 333, frameLength: 1001, fMin: 80, sampleRate: 16000 },
        { hopLength: 1000, frameLength: 6001, fMin: 10 },
      ] as const) {
        const fast = kernel.f0Contour(samples, options);
        const plain = dsp.f0Contour(samples, options);
        const what = JSON.stringify(options);
        const ratio = fast.candidateHz.map((hz, i) => hz / plain.candidateHz[i]);
        assertClose(ratio, new Float32Array(ratio.length).fill(1), 2e-6, `candidates, ${what}`);
        // For a constant signal the difference of the energies is close to rounding errors.
        assertClose(fast.aperiodicity, plain.aperiodicity, 1e-4, `aperiodicity, ${what}`);
        assert.deepEqual(
          [...fast.f0Hz].map(Number.isNaN),
          [...plain.f0Hz].map(Number.isNaN),
          `voicing, ${what}`,
        );
        assert.ok(
          fast.f0Hz.every((hz, i) => Number.isNaN(hz) || hz === fast.candidateHz[i]),
          what,
        );
      }
    });

    it(`resamples ${name} identically between many rates`, () => {
      for (const [from, to] of [
        [16000, 22050],
        [24414, 22050],
        [44100, 22050],
        [48000, 22050],
        [96000, 22050],
        [22050, 48000],
        [22050, 22051],
        [8000, 48000],
        [96000, 8000],
        [400000, 8000],
        [22050, 22050],
      ]) {
        assertClose(
          kernel.resample(samples, from, to),
          resample(samples, from, to),
          5e-6,
          `${from} to ${to}`,
        );
      }
    });

    it(`shifts the pitch of ${name} identically`, () => {
      for (const nSteps of [0.7, -3, 12, 0]) {
        const fast = kernel.pitchShift(samples, { nSteps });
        const plain = dsp.pitchShift(samples, { nSteps });
        // The phase of a nearly empty bin is arbitrary and persists when the chirp reaches it.
        assertClose(fast, plain, name === 'chirp' ? 1e-2 : 1e-4, `${nSteps} semitones`);
        assertClose(
          dsp.mfcc(fast).data,
          dsp.mfcc(plain).data,
          name === 'chirp' ? 0.5 : 1e-2,
          `MFCC at ${nSteps} semitones`,
        );
      }
    });
  }
});
