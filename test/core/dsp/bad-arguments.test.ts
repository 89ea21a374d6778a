import assert from 'node:assert/strict';
import { InvalidArgumentError } from '../../../src/core/base';
import * as dsp from '../../../src/core/dsp';

const samples = Float32Array.from({ length: 3000 }, (_, i) => Math.sin(i));
const matrix: dsp.Matrix = { data: new Float32Array(12).fill(1), shape: [4, 3] };
const spectra = dsp.stft(samples, { nFft: 256 });

/** Invalid calls and their messages, which name parameter, rule and value. */
const mistakes: [what: string, run: () => unknown, message: RegExp][] = [
  [
    'an empty signal',
    () => dsp.stft(new Float32Array(0)),
    /^samples must be at least one sample long, got 0$/,
  ],
  ['an empty signal', () => dsp.rms(new Float32Array(0)), /^samples must be at least one/],
  ['an empty signal', () => dsp.zeroCrossingRate(new Float32Array(0)), /^samples must be at least one/],
  ['an empty signal', () => dsp.f0Contour(new Float32Array(0)), /^samples must be at least one/],
  ['an empty signal', () => dsp.pitchShift(new Float32Array(0)), /^samples must be at least one/],
  [
    'a NaN',
    () => dsp.mfcc(Float32Array.of(0, 1, NaN)),
    /^samples must be finite numbers, got "NaN at index 2"$/,
  ],
  ['an infinity', () => dsp.rms(Float32Array.of(-Infinity)), /finite numbers, got "-Infinity at index 0"/],
  ['nFft 1000', () => dsp.stft(samples, { nFft: 1000 }), /^nFft must be a power of two.*got 1000$/],
  ['size 1', () => dsp.realFft(1), /^size must be a power of two, at least 2.*got 1$/],
  ['nFft 0.5', () => dsp.mfcc(samples, { nFft: 0.5 }), /^nFft must be a power of two.*got 0\.5$/],
  ['hopLength 0', () => dsp.stft(samples, { hopLength: 0 }), /^hopLength must be a positive integer, got 0$/],
  [
    'hopLength 1.5',
    () => dsp.rms(samples, { hopLength: 1.5 }),
    /^hopLength must be a positive integer, got 1\.5$/,
  ],
  [
    'a negative frameLength',
    () => dsp.zeroCrossingRate(samples, { frameLength: -1 }),
    /^frameLength must be a positive int.*-1$/,
  ],
  [
    'winLength above nFft',
    () => dsp.stft(samples, { nFft: 512, winLength: 600 }),
    /^winLength must be at most nFft \(512\)/,
  ],
  [
    'an unknown window',
    () => dsp.stft(samples, { window: 'kaiser' as 'hann' }),
    /^window must be one of hann, /,
  ],
  [
    'an unknown padMode',
    () => dsp.stft(samples, { padMode: 'wrap' as 'edge' }),
    /^padMode must be one of constant/,
  ],
  [
    'a signal shorter than a frame',
    () => dsp.stft(samples, { nFft: 4096, center: false }),
    /^nFft must be at most the signal's 3000 samples where center is false, got 4096$/,
  ],
  ['power 0', () => dsp.powerSpectrogram(samples, { power: 0 }), /^power must be a positive number, got 0$/],
  [
    'fMax above half the sample rate',
    () => dsp.melFilterBank({ sampleRate: 16000, fMax: 8001 }),
    /^fMax must be at most half.*8001$/,
  ],
  [
    'fMax below fMin',
    () => dsp.mfcc(samples, { fMin: 500, fMax: 400 }),
    /^fMin must be at least 0 and below fMax/,
  ],
  ['a negative fMin', () => dsp.melFrequencies(4, { fMin: -1 }), /^fMin must be at least 0.*got -1$/],
  ['nMels 0', () => dsp.melSpectrogram(samples, { nMels: 0 }), /^nMels must be a positive integer, got 0$/],
  [
    'an unknown norm',
    () => dsp.melFilterBank({ norm: 'area' as 'slaney' }),
    /^norm must be 'slaney' or null, got "area"$/,
  ],
  [
    'a negative sampleRate',
    () => dsp.melFilterBank({ sampleRate: -1 }),
    /^sampleRate must be a positive number, got -1$/,
  ],
  ['negative Hz', () => dsp.hzToMel(-1), /^hz must be a number of at least 0 \(Hz\), got -1$/],
  ['NaN mel', () => dsp.melToHz(NaN), /^mel must be a number of at least 0, got NaN$/],
  [
    'nMfcc above nMels',
    () => dsp.mfcc(samples, { nMfcc: 41, nMels: 40 }),
    /^nMfcc must be at most the 40 mel/,
  ],
  [
    'a negative lifter',
    () => dsp.mfcc(samples, { lifter: -1 }),
    /^lifter must be a number of at least 0, got -1$/,
  ],
  ['amin 0', () => dsp.powerToDb(matrix, { amin: 0 }), /^amin must be a positive number, got 0$/],
  ['a negative topDb', () => dsp.powerToDb(matrix, { topDb: -1 }), /^topDb must be at least 0 dB, or null/],
  [
    'a negative ref',
    () => dsp.powerToDb(matrix, { ref: -1 }),
    /^ref must be a power of at least 0, or 'max', got -1$/,
  ],
  [
    'a shape that does not match the data',
    () => dsp.dct({ ...matrix, shape: [4, 4] }),
    /^matrix must be .*shape \[4, 4\], got "12 values"$/,
  ],
  [
    'nCoefficients above the columns',
    () => dsp.dct(matrix, { nCoefficients: 4 }),
    /^nCoefficients must be at most the 3 columns/,
  ],
  [
    'an even width',
    () => dsp.delta(matrix, { width: 4 }),
    /^width must be an odd integer of at least 3, got 4$/,
  ],
  [
    'fewer frames than width',
    () => dsp.delta(matrix, { width: 5 }),
    /^width must be at most the 4 frames.*'interp', got 5$/,
  ],
  [
    'width not above order',
    () => dsp.delta(matrix, { width: 3, order: 3 }),
    /^width must be above the order \(3\), got 3$/,
  ],
  [
    'an unknown mode',
    () => dsp.delta(matrix, { width: 3, mode: 'wrap' as 'interp' }),
    /^mode must be 'interp' or 'near/,
  ],
  [
    'nFft that does not match the bins',
    () => dsp.istft(spectra, { nFft: 512 }),
    /^nFft must be 2 · \(129 bins - 1\), got 512$/,
  ],
  ['length 0', () => dsp.istft(spectra, { length: 0 }), /^length must be a positive integer, got 0$/],
  ['rate 0', () => dsp.phaseVocoder(spectra, { rate: 0 }), /^rate must be a positive number, got 0$/],
  ['rate 0', () => dsp.timeStretch(samples, { rate: 0 }), /^rate must be a positive number, got 0$/],
  [
    'a rate that leaves no sample',
    () => dsp.timeStretch(samples, { rate: 1e5 }),
    /^rate must be low enough to leave one of 3000 samples, got 100000$/,
  ],
  [
    'NaN steps',
    () => dsp.pitchShift(samples, { nSteps: NaN }),
    /^nSteps must be within ten octaves.*got NaN$/,
  ],
  [
    'a fractional binsPerOctave',
    () => dsp.pitchShift(samples, { binsPerOctave: 0.5 }),
    /^binsPerOctave must be a positive integer/,
  ],
  ['a fractional shift', () => dsp.roll(samples, 0.5), /^shift must be an integer, got 0\.5$/],
  [
    'fMin too low for the frame',
    () => dsp.f0Contour(samples, { fMin: 10 }),
    /^fMin must be above 10\.8 Hz, so that a period fits/,
  ],
  [
    'fMax above half the sample rate',
    () => dsp.f0Contour(samples, { fMax: 12000 }),
    /^fMax must be at most half.*11025 Hz.*12000$/,
  ],
  [
    'fMin above fMax',
    () => dsp.f0Contour(samples, { fMin: 300, fMax: 200 }),
    /^fMin must be below fMax \(200 Hz\), got 300$/,
  ],
];

describe('error messages of dsp name the parameter, the rule and the value', () => {
  for (const [what, run, message] of mistakes) {
    it(`${what}: ${message.source}`, () => {
      assert.throws(run, (error: unknown) => {
        assert.ok(error instanceof InvalidArgumentError, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
