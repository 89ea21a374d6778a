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

/** The paper's frame: `winLength` and other spectral options hold for the MFCC, `nFft` and `hopLength` for all three. */
export type PaperFeaturesOptions = Omit<MfccOptions, 'power'> & OutOption;

/** The paper's four versions of a clip. */
export interface PaperVersionsOptions extends PaperFeaturesOptions {
  /** semitones; default 0.7, the paper's */
  nSteps?: number;
  /** standard normal noise for the clip and for the pitched clip, each as long as the clip at least */
  noise: readonly [clip: Float32Array, pitched: Float32Array];
  /** noise is scaled by this times the version's greatest sample (signed); the paper's is 0.035 · U(0, 1) */
  noiseFactor: readonly [clip: number, pitched: number];
}

/** Shape [frames, 2 + nMfcc] each: zero-crossing rate, RMS, MFCC. */
export interface PaperVersions {
  original: Matrix;
  noise: Matrix;
  pitch: Matrix;
  pitchNoise: Matrix;
}

/**
 * The signal path on SIMD WebAssembly. Each function takes and returns what its plain twin in `dsp/` or `audio/` does, with
 * the same defaults and errors, in single precision; where the kernel has no code for an option (a transform of less than
 * 16 or more than 8192 values, another power than 1 and 2, an extreme ratio of rates) it calls the twin. The paper's two functions are the kernel's own and have no twin.
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
  /** zero-crossing rate, RMS and MFCC of each frame in one call; shape [frames, 2 + nMfcc] */
  paperFeatures(samples: Float32Array, options?: PaperFeaturesOptions): Matrix;
  /**
   * `paperFeatures` of a clip as it is, with noise, pitched, and pitched with noise; the clip's transform is taken once
   * for its features and its pitch. With `out`, the four lie there one after the other.
   */
  paperVersions(samples: Float32Array, options: PaperVersionsOptions): PaperVersions;
}
