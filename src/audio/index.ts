export type { Waveform } from './waveform';
export { encodeWav, type EncodeWavOptions } from './encode';
export { resample, type ResampleOptions } from './resample';
