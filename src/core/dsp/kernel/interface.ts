import type { AddNormalNoise } from '../../base';
import type { F0Contour, F0Options } from '../f0';
import type { FrameOptions } from '../frame-measures';
import type { ComplexMatrix, Matrix } from '../matrix';
import type { MelSpectrogramOptions } from '../mel';
import type { MfccOptions } from '../mfcc';
import type { PitchShiftOptions, TimeStretchOptions } from '../phase-vocoder';
import type { PowerSpectrogramOptions, PowerToDbOptions, StftOptions } from '../spectrogram';

/** Options of `melSpectrogram` and `powerToDb`. */
export interface LogMelOptions extends MelSpectrogramOptions, PowerToDbOptions {}

/** Features of each frame that `measure` computes. */
export type Measure = 'zcr' | 'rms' | 'mfcc' | 'logMel';

/** `nFft` and `hopLength` apply to all measures, other spectral options to MFCC, log-mel bands and pitch. */
export interface MeasureOptions extends Omit<MfccOptions, 'power'> {
  measures: readonly Measure[];
  /** pitch shifts in semitones, within two octaves; default none */
  nSteps?: readonly number[];
}

export interface Measured {
  /** in the order of `measures`; shape [frames, 1], for MFCC [frames, nMfcc], for log-mel bands [frames, nMels] */
  matrices: Matrix[];
  /** the signal shifted by each of `nSteps`; shape [samples] each */
  shifted: Float32Array[];
}

/**
 * Signal processing in SIMD WebAssembly. Each function except `measure` has a plain TypeScript twin of the same name in `dsp` or
 * `audio`, with the same defaults and errors; the kernel computes in single precision. Unsupported options (transforms below 16
 * or above 8192 samples, a power other than 1 and 2, extreme ratios of sample rates) are passed on to the twin.
 *
 * An instance must not be shared between threads. Every function throws `KernelCapacityError` if the signal does not fit into the
 * kernel's memory (minutes of audio at usual settings).
 */
export interface DspKernel {
  resample(samples: Float32Array, fromRate: number, toRate: number): Float32Array;
  stft(samples: Float32Array, options?: StftOptions): ComplexMatrix;
  powerSpectrogram(samples: Float32Array, options?: PowerSpectrogramOptions): Matrix;
  /** `powerToDb` of `melSpectrogram`; shape [frames, nMels] */
  logMel(samples: Float32Array, options?: LogMelOptions): Matrix;
  mfcc(samples: Float32Array, options?: MfccOptions): Matrix;
  zeroCrossingRate(samples: Float32Array, options?: FrameOptions): Float32Array;
  rms(samples: Float32Array, options?: FrameOptions): Float32Array;
  timeStretch(samples: Float32Array, options?: TimeStretchOptions): Float32Array;
  pitchShift(samples: Float32Array, options?: PitchShiftOptions): Float32Array;
  f0Contour(samples: Float32Array, options?: F0Options): F0Contour;
  /**
   * Computes several measures and pitch shifts of a signal from a single Fourier transform. The results equal those of the
   * separate functions; `pitchShift` then uses the frames of the measures.
   */
  measure(samples: Float32Array, options: MeasureOptions): Measured;
  addNormalNoise: AddNormalNoise;
}
