import { resample } from '../../../src/core/audio';
import * as dsp from '../../../src/core/dsp';
import { assertClose } from '../../assert-close';
import { assertInside, cases, casesOf, dctScale, type GoldenCase, numberOf, signal, titleOf } from './golden';

/** How to call the function of a golden case, and the tolerance. */
interface Comparison {
  run: (row: GoldenCase) => ArrayLike<number>;
  /** absolute, or if `relative` is set relative to the largest expected value */
  tolerance: number;
  relative?: boolean;
}

const comparisons: Record<string, Comparison> = {
  stft: {
    run: ({ input, options }) => parts(dsp.stft(signal(input), options)),
    tolerance: 1e-6,
    relative: true,
  },
  powerSpectrogram: {
    run: ({ input, options }) => dsp.powerSpectrogram(signal(input), options).data,
    tolerance: 1e-6,
    relative: true,
  },
  melSpectrogram: {
    run: ({ input, options }) => dsp.melSpectrogram(signal(input), options).data,
    tolerance: 1e-6,
    relative: true,
  },
  powerToDb: { run: (row) => dsp.powerToDb(inputMatrix(row), row.options).data, tolerance: 1e-4 },
  dct: { run: (row) => dsp.dct(inputMatrix(row), row.options).data, tolerance: 2e-4 },
  mfccFromDb: { run: (row) => dsp.mfccFromDb(inputMatrix(row), row.options).data, tolerance: 1e-3 },
  mfcc: { run: ({ input, options }) => dsp.mfcc(signal(input), options).data, tolerance: 1e-3 },
  delta: { run: (row) => dsp.delta(inputMatrix(row), row.options).data, tolerance: 2e-4 },
  zeroCrossingRate: {
    run: ({ input, options }) => dsp.zeroCrossingRate(signal(input), options),
    tolerance: 1e-6,
  },
  rms: { run: ({ input, options }) => dsp.rms(signal(input), options), tolerance: 1e-6 },
  f0Contour: {
    run: ({ input, options }) => dsp.f0Contour(signal(input), options).candidateHz,
    tolerance: 1e-2,
  },
  phaseVocoder: {
    run: ({ input, options }) => parts(dsp.phaseVocoder(dsp.stft(signal(input), { nFft: 512 }), options)),
    tolerance: 1e-6,
    relative: true,
  },
  timeStretch: { run: ({ input, options }) => dsp.timeStretch(signal(input), options), tolerance: 1e-6 },
  'mfcc of timeStretch': {
    run: ({ input, options }) => dsp.mfcc(dsp.timeStretch(signal(input), options)).data,
    tolerance: 2e-3,
  },
  roll: { run: ({ input, options }) => dsp.roll(signal(input), numberOf(options.shift)), tolerance: 0 },
  melFilterBank: { run: ({ options }) => dsp.melFilterBank(options).data, tolerance: 1e-7 },
  melFrequencies: {
    run: ({ options }) => dsp.melFrequencies(numberOf(options.count), options),
    tolerance: 1e-7,
    relative: true,
  },
  periodicWindow: {
    run: ({ options }) => dsp.periodicWindow(options.name as dsp.WindowName, numberOf(options.length)),
    tolerance: 1e-7,
  },
};

/** Compared below with a coarse tolerance for the first frames or samples, where soxr starts without history. */
const separate = ['mfcc of pitchShift', 'pitchShift', 'resample'];
/** MFCC frames affected by soxr's first samples. */
const firstFrames = 3;
describe('dsp against librosa 0.11', () => {
  for (const [name, { run, tolerance, relative = false }] of Object.entries(comparisons)) {
    for (const row of casesOf(name)) {
      it(titleOf(row), () => {
        const largest = row.expected.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
        const scale = relative ? largest : dctScale(row);
        assertClose(run(row), row.expected, tolerance * scale, row.name);
      });
    }
  }

  for (const row of casesOf('mfcc of pitchShift')) {
    it(`${titleOf(row)}, the first ${firstFrames} frames with a coarse tolerance`, () => {
      const [frames, coefficients] = row.shape;
      const actual = dsp.mfcc(dsp.pitchShift(signal(row.input), row.options)).data;
      const settled = Math.min(frames, firstFrames) * coefficients;
      assertClose(actual.subarray(0, settled), row.expected.subarray(0, settled), 2, 'first frames');
      // At -2 semitones the filter's edge is at 9.5 kHz, inside the mel bands, where it matches soxr's slope to 0.07 dB.
      const tolerance = row.options.nSteps === -2 ? 2.5e-2 : 1e-2;
      assertClose(actual.subarray(settled), row.expected.subarray(settled), tolerance, row.name);
    });
  }

  for (const row of casesOf('pitchShift')) {
    it(`${titleOf(row)}, away from the edges`, () => {
      const actual = dsp.pitchShift(signal(row.input), row.options);
      assertInside(actual, row.expected, 1e-5);
    });
  }

  it('covers every case of the fixtures', () => {
    const known = new Set([...Object.keys(comparisons), ...separate]);
    const missing = cases.filter((row) => !known.has(row.function)).map((row) => row.name);
    if (missing.length > 0) throw new Error(`not compared: ${missing.join(', ')}`);
  });
});

/** The golden result of another case, as a matrix. */
function inputMatrix(row: GoldenCase): dsp.Matrix {
  const source = cases.find((other) => other.name === row.input);
  if (!source) throw new Error(`no case named ${row.input}`);
  return { data: source.expected, shape: [source.shape[0], source.shape[1]] };
}

describe('resample against soxr_hq', () => {
  for (const row of casesOf('resample')) {
    it(`${titleOf(row)}, away from the edges`, () => {
      const { from, to } = row.options;
      assertInside(resample(signal(row.input), numberOf(from), numberOf(to)), row.expected, 1e-4);
    });
  }
});

function parts({ real, imag }: dsp.ComplexMatrix): Float32Array {
  return Float32Array.from([...real, ...imag]);
}
