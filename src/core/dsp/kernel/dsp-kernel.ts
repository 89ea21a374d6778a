import type { AddNormalNoise } from '../../base';
import type { F0Contour, F0Options } from '../f0-contour';
import type { ComplexMatrix, Matrix } from '../matrix';
import type { MelSpectrogramOptions } from '../mel-spectrogram';
import type { MfccOptions } from '../mfcc';
import type { PitchShiftOptions } from '../pitch-shift';
import type { PowerSpectrogramOptions } from '../power-spectrogram';
import type { PowerToDbOptions } from '../power-to-db';
import type { StftOptions } from '../spectra';
import type { TimeStretchOptions } from '../time-stretch';
import type { FrameOptions } from '../zero-crossing-rate';

/** Log-mel bands: the filters', and the decibels'. */
export interface LogMelOptions extends MelSpectrogramOptions, PowerToDbOptions {}

/** Where a result may be written instead of into a new array. */
export interface OutOption {
  /** at least as long as the result; the result's data is a view of its start */
  out?: Float32Array;
}

/** What `measure` can tell of each frame. */
export type Measure = 'zcr' | 'rms' | 'mfcc' | 'logMel';

/** `winLength` and other spectral options hold for MFCC, bands and pitch; `nFft` and `hopLength` for all. */
export interface MeasureOptions extends Omit<MfccOptions, 'power'> {
  measures: readonly Measure[];
  /** shifts in pitch, semitones, within two octaves; default none */
  nSteps?: readonly number[];
}

export interface Measured {
  /** in the order of `measures`; shape [frames, 1], of MFCC [frames, nMfcc], of log-mel bands [frames, nMels] */
  matrices: Matrix[];
  /** the signal at each of `nSteps`; shape [samples] */
  shifted: Float32Array[];
}

/**
 * The signal path on SIMD WebAssembly. Each function takes and returns what its plain twin in `dsp/` or `audio/` does, with
 * the same defaults and errors, in single precision; where the kernel has no code for an option (a transform of less than
 * 16 or more than 8192 values, another power than 1 and 2, an extreme ratio of rates) it calls the twin. `measure` is the
 * kernel's own and has no twin.
 *
 * Not for two threads at once: a worker loads its own. Every function throws `KernelCapacityError` for a signal that
 * does not fit the kernel's memory (minutes of audio at the usual settings).
 */
export interface DspKernel {
  resample(samples: Float32Array, fromRate: number, toRate: number): Float32Array;
  stft(samples: Float32Array, options?: StftOptions): ComplexMatrix;
  powerSpectrogram(samples: Float32Array, options?: PowerSpectrogramOptions & OutOption): Matrix;
  /** `powerToDb` of `melSpectrogram`; shape [frames, nMels] */
  logMel(samples: Float32Array, options?: LogMelOptions & OutOption): Matrix;
  mfcc(samples: Float32Array, options?: MfccOptions & OutOption): Matrix;
  zeroCrossingRate(samples: Float32Array, options?: FrameOptions): Float32Array;
  rms(samples: Float32Array, options?: FrameOptions): Float32Array;
  timeStretch(samples: Float32Array, options?: TimeStretchOptions): Float32Array;
  pitchShift(samples: Float32Array, options?: PitchShiftOptions): Float32Array;
  f0Contour(samples: Float32Array, options?: F0Options): F0Contour;
  /**
   * Several measures of a signal, and the signal at other pitches, all from one transform: the numbers that the functions
   * above give one by one (`pitchShift` by semitones and with the frames of the measures).
   */
  measure(samples: Float32Array, options: MeasureOptions): Measured;
  /** twin of `normal-noise.ts` */
  addNormalNoise: AddNormalNoise;
}
