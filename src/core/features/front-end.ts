import { resample } from '../audio';
import { type AddNormalNoise, addNormalNoise } from '../base';
import {
  type DspKernel,
  f0Contour,
  type FrameOptions,
  KernelCapacityError,
  type LogMelOptions,
  type Matrix,
  type Measured,
  type MeasureOptions,
  melSpectrogram,
  mfcc,
  type MfccOptions,
  pitchShift,
  type PitchShiftOptions,
  powerSpectrogram,
  type PowerSpectrogramOptions,
  powerToDb,
  type Resample,
  rms,
  timeStretch,
  type TimeStretchOptions,
  zeroCrossingRate,
} from '../dsp';

/** Signal processing for features, implemented by plain TypeScript or the SIMD kernel. */
export interface FrontEnd {
  /** `kernel` or `plain`; part of the cache key of features */
  name: string;
  resample: Resample;
  pitchShift: (samples: Float32Array, options: PitchShiftOptions) => Float32Array;
  timeStretch: (samples: Float32Array, options: TimeStretchOptions) => Float32Array;
  zeroCrossingRate: (samples: Float32Array, options: FrameOptions) => Float32Array;
  rms: (samples: Float32Array, options: FrameOptions) => Float32Array;
  powerSpectrogram: (samples: Float32Array, options: PowerSpectrogramOptions) => Matrix;
  mfcc: (samples: Float32Array, options: MfccOptions) => Matrix;
  /** `powerToDb` of `melSpectrogram` with the options of both */
  logMel: (samples: Float32Array, options: LogMelOptions) => Matrix;
  f0Contour: typeof f0Contour;
  /** several measures and pitch shifts at once; pitch shifts always use the default frames */
  measure: (samples: Float32Array, options: MeasureOptions) => Measured;
  addNormalNoise: AddNormalNoise;
}

/** Front end in plain TypeScript. */
export const plainFrontEnd: FrontEnd = {
  name: 'plain',
  resample,
  pitchShift,
  timeStretch,
  zeroCrossingRate,
  rms,
  powerSpectrogram,
  mfcc,
  logMel: (samples, options) => powerToDb(melSpectrogram(samples, options), options),
  f0Contour,
  measure: plainMeasure,
  addNormalNoise,
};

/**
 * Creates a front end that uses the SIMD kernel. Input beyond the kernel's capacity (minutes of audio, frames of more than 8,192
 * samples) is processed by the plain functions.
 *
 * @param kernel - if undefined, the result is {@link plainFrontEnd}
 */
export function createFrontEnd(kernel: DspKernel | undefined): FrontEnd {
  if (!kernel) return plainFrontEnd;
  const shift = orPlain(
    (x: Float32Array, options: PitchShiftOptions) => kernel.pitchShift(x, options),
    pitchShift,
  );
  const measure = orPlain(
    (x: Float32Array, options: MeasureOptions) => kernel.measure(x, options),
    plainMeasure,
  );
  return {
    name: 'kernel',
    resample: orPlain((x, from, to) => kernel.resample(x, from, to), resample),
    pitchShift: shift,
    timeStretch: orPlain((x, options) => kernel.timeStretch(x, options), timeStretch),
    zeroCrossingRate: orPlain((x, options) => kernel.zeroCrossingRate(x, options), zeroCrossingRate),
    rms: orPlain((x, options) => kernel.rms(x, options), rms),
    powerSpectrogram: orPlain((x, options) => kernel.powerSpectrogram(x, options), powerSpectrogram),
    mfcc: orPlain((x, options) => kernel.mfcc(x, options), mfcc),
    logMel: orPlain((x, options) => kernel.logMel(x, options), plainFrontEnd.logMel),
    f0Contour: orPlain((x, options) => kernel.f0Contour(x, options), f0Contour),
    measure: (samples, options) => {
      const { nFft = 2048, hopLength = 512, nSteps = [], sampleRate } = options;
      if (nFft < 16 || nFft > 8192) return plainMeasure(samples, options);
      const isShared = nFft === 2048 && hopLength === 512 && nSteps.every((steps) => Math.abs(steps) <= 24);
      if (isShared || nSteps.length === 0) return measure(samples, options);
      return {
        ...measure(samples, { ...options, nSteps: [] }),
        shifted: nSteps.map((steps) => shift(samples, { sampleRate, nSteps: steps })),
      };
    },
    addNormalNoise: orPlain(
      (x, deviation, state) => kernel.addNormalNoise(x, deviation, state),
      addNormalNoise,
    ),
  };
}

function plainMeasure(
  samples: Float32Array,
  { measures, nSteps = [], ...options }: MeasureOptions,
): Measured {
  const { nFft, hopLength, sampleRate } = options;
  const frames = { frameLength: nFft, hopLength };
  const column = (data: Float32Array): Matrix => ({ data, shape: [data.length, 1] });
  return {
    matrices: measures.map((name) => {
      if (name === 'zcr') return column(zeroCrossingRate(samples, frames));
      if (name === 'rms') return column(rms(samples, frames));
      return name === 'mfcc'
        ? mfcc(samples, options)
        : plainFrontEnd.logMel(samples, { ...options, norm: options.melNorm });
    }),
    shifted: nSteps.map((steps) => pitchShift(samples, { sampleRate, nSteps: steps })),
  };
}

/** Calls `fast`, or `plain` if the signal does not fit into the kernel's memory. */
function orPlain<Args extends unknown[], Result>(
  fast: (...args: Args) => Result,
  plain: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    try {
      return fast(...args);
    } catch (error) {
      if (error instanceof KernelCapacityError) return plain(...args);
      throw error;
    }
  };
}
