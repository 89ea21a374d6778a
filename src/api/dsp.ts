/**
 * Signal processing with the conventions and values of librosa 0.11. Matrices have the shape [frames, coefficients].
 *
 * @example
 * ```ts
 * const coefficients = ser.dsp.mfcc(samples, { sampleRate, nMfcc: 20 });
 * ```
 *
 * @module
 */

export {
  stft,
  istft,
  fftFrequencies,
  powerSpectrogram,
  powerToDb,
  melSpectrogram,
  melFilterBank,
  melBandCentres,
  hzToMel,
  melToHz,
  mfcc,
  mfccFromDb,
  dct,
  delta,
  rms,
  zeroCrossingRate,
  f0Contour,
  timeStretch,
  pitchShift,
  phaseVocoder,
  addNoise,
  addPaperNoise,
  augment,
  speechLevel,
  normaliseLevel,
  paperVersions,
  roll,
  meanOverFrames,
  type Matrix,
  type ComplexMatrix,
  type Amount,
  type Augmentation,
  type F0Contour,
  type StftOptions,
  type IstftOptions,
  type PowerSpectrogramOptions,
  type PowerToDbOptions,
  type MelSpectrogramOptions,
  type MelFilterBankOptions,
  type MfccOptions,
  type F0Options,
  type FrameOptions,
} from '../core/dsp';
