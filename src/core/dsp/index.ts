export { addNoise } from './add-noise';
export { addPaperNoise } from './add-paper-noise';
export { augment, paperVersions, type Augmentation } from './augmentation';
export { dct, type DctOptions } from './dct';
export { delta, type DeltaOptions } from './delta';
export { f0Contour, type F0Contour, type F0Options } from './f0-contour';
export { realFft, type RealFft } from './fft';
export { fftFrequencies } from './fft-frequencies';
export type { PadMode } from './framing';
export { istft, type IstftOptions } from './istft';
export { createKernel, instantiateKernel } from './kernel/create-kernel';
export type { DspKernel, LogMelOptions, Measure, MeasureOptions, Measured } from './kernel/dsp-kernel';
export type { KernelExports } from './kernel/kernel-exports';
export { KernelCapacityError } from './kernel/kernel-memory';
export type { ComplexMatrix, Matrix } from './matrix';
export { meanOverFrames } from './mean-over-frames';
export { melBandCentres } from './mel-band-centres';
export { melFilterBank, type MelFilterBankOptions, type MelOptions } from './mel-filter-bank';
export {
  hzToMel,
  melFrequencies,
  melToHz,
  type MelFrequenciesOptions,
  type MelScaleOptions,
} from './mel-scale';
export { melSpectrogram, type MelSpectrogramOptions } from './mel-spectrogram';
export { mfcc, mfccFromDb, type MfccFromDbOptions, type MfccOptions } from './mfcc';
export { phaseVocoder, type PhaseVocoderOptions } from './phase-vocoder';
export { pitchShift, type PitchShiftOptions } from './pitch-shift';
export { powerSpectrogram, type PowerSpectrogramOptions } from './power-spectrogram';
export { powerToDb, type PowerToDbOptions } from './power-to-db';
export { rms } from './rms';
export { roll } from './roll';
export type { StftOptions } from './spectra';
export { stft } from './stft';
export { timeStretch, type TimeStretchOptions } from './time-stretch';
export { periodicWindow, type WindowName } from './window';
export { zeroCrossingRate, type FrameOptions } from './zero-crossing-rate';
