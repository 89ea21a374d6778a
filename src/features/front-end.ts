import { resample } from '../audio';
import {
  f0Contour,
  type FrameOptions,
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
  resample(samples: Float32Array, fromRate: number, toRate: number): Float32Array;
  pitchShift(samples: Float32Array, options: PitchShiftOptions): Float32Array;
  timeStretch(samples: Float32Array, options: TimeStretchOptions): Float32Array;
  zeroCrossingRate(samples: Float32Array, options: FrameOptions): Float32Array;
  rms(samples: Float32Array, options: FrameOptions): Float32Array;
  mfcc(samples: Float32Array, options: MfccOptions): Matrix;
  logMel(samples: Float32Array, options: MelSpectrogramOptions): Matrix;
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

/** The fastest front end there is on this machine; the same in every worker. */
export function loadFrontEnd(): Promise<FrontEnd> {
  return Promise.resolve(plainFrontEnd);
}
