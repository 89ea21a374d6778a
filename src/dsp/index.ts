export type { ComplexMatrix, Matrix } from './matrix';
export { dct, type DctOptions } from './dct';
export { realFft, type RealFft } from './fft';
export type { PadMode } from './framing';
export { melFilterBank, type MelFilterBankOptions, type MelOptions } from './mel-filter-bank';
export {
  hzToMel,
  melFrequencies,
  type MelFrequenciesOptions,
  type MelScaleOptions,
  melToHz,
} from './mel-scale';
export { melSpectrogram, type MelSpectrogramOptions } from './mel-spectrogram';
export { mfcc, mfccFromDb, type MfccFromDbOptions, type MfccOptions } from './mfcc';
export { powerSpectrogram, type PowerSpectrogramOptions } from './power-spectrogram';
export { powerToDb, type PowerToDbOptions } from './power-to-db';
export { rms } from './rms';
export type { StftOptions } from './spectra';
export { stft } from './stft';
export { periodicWindow, type WindowName } from './window';
export { type FrameOptions, zeroCrossingRate } from './zero-crossing-rate';
