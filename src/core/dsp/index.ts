export {
  addNoise,
  addPaperNoise,
  type Amount,
  augment,
  type AugmentOptions,
  type Augmentation,
  augmentationKinds,
  paperVersions,
  roll,
} from './augmentation';
export { f0Contour, type F0Contour, f0Defaults, type F0Options, periodRange } from './f0';
export { fftFrequencies, realFft } from './fft';
export {
  type FrameOptions,
  levelOfFrames,
  normaliseLevel,
  periodicWindow,
  rms,
  speechLevel,
  type WindowName,
  zeroCrossingRate,
} from './frame-measures';
export type { DspKernel, LogMelOptions, Measure, Measured, MeasureOptions } from './kernel/interface';
export { instantiateKernel } from './kernel/kernel';
export { KernelCapacityError } from './kernel/wasm';
export { type ComplexMatrix, type Matrix, meanOverFrames } from './matrix';
export {
  hzToMel,
  melBandCentres,
  melFilterBank,
  type MelFilterBankOptions,
  melFrequencies,
  melSpectrogram,
  type MelSpectrogramOptions,
  melToHz,
} from './mel';
export { dct, delta, mfcc, mfccFromDb, type MfccOptions } from './mfcc';
export {
  phaseVocoder,
  pitchShift,
  type PitchShiftOptions,
  timeStretch,
  type TimeStretchOptions,
} from './phase-vocoder';
export type { Resample } from './recording-conditions';
export {
  istft,
  type IstftOptions,
  powerSpectrogram,
  type PowerSpectrogramOptions,
  powerToDb,
  type PowerToDbOptions,
  stft,
  type StftOptions,
} from './spectrogram';
