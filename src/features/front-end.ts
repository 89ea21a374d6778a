import { resample } from '../audio';
import {
  f0Contour,
  type FrameOptions,
  KernelCapacityError,
  loadKernel,
  type Matrix,
  melSpectrogram,
  type MelSpectrogramOptions,
  mfcc,
  type MfccOptions,
  pitchShift,
  type PitchShiftOptions,
  powerToDb,
  rms,
  timeStretch,
  type TimeStretchOptions,
  zeroCrossingRate,
} from '../dsp';

/**
 * The signal functions that features are made with. This is the one place that chooses between them: the plain ones here, or
 * others of the same signatures (a SIMD kernel).
 */
export interface FrontEnd {
  /** part of what stored features are found by */
  name: string;
  resample: (samples: Float32Array, fromRate: number, toRate: number) => Float32Array;
  pitchShift: (samples: Float32Array, options: PitchShiftOptions) => Float32Array;
  timeStretch: (samples: Float32Array, options: TimeStretchOptions) => Float32Array;
  zeroCrossingRate: (samples: Float32Array, options: FrameOptions) => Float32Array;
  rms: (samples: Float32Array, options: FrameOptions) => Float32Array;
  mfcc: (samples: Float32Array, options: MfccOptions) => Matrix;
  logMel: (samples: Float32Array, options: MelSpectrogramOptions) => Matrix;
  f0Contour: typeof f0Contour;
}

/** The plain TypeScript functions. */
export const plainFrontEnd: FrontEnd = {
  name: 'plain',
  resample,
  pitchShift,
  timeStretch,
  zeroCrossingRate,
  rms,
  mfcc,
  logMel: (samples, options) => powerToDb(melSpectrogram(samples, options)),
  f0Contour,
};

/**
 * The fastest front end there is on this machine, the same in every worker: the SIMD kernel, else the plain functions. What
 * does not fit the kernel's memory (minutes of audio) the plain functions do.
 */
export async function loadFrontEnd(): Promise<FrontEnd> {
  const kernel = await loadKernel();
  if (!kernel) return plainFrontEnd;
  return {
    name: 'kernel',
    resample: orPlain((x, from, to) => kernel.resample(x, from, to), resample),
    pitchShift: orPlain((x, options) => kernel.pitchShift(x, options), pitchShift),
    timeStretch: orPlain((x, options) => kernel.timeStretch(x, options), timeStretch),
    zeroCrossingRate: orPlain((x, options) => kernel.zeroCrossingRate(x, options), zeroCrossingRate),
    rms: orPlain((x, options) => kernel.rms(x, options), rms),
    mfcc: orPlain((x, options) => kernel.mfcc(x, options), mfcc),
    logMel: orPlain((x, options) => kernel.logMel(x, options), plainFrontEnd.logMel),
    f0Contour,
  };
}

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
