export { AudioFormatError, type AudioData, type AudioFormat, type SampleEncoding } from './audio-data';
export { decodeAudio, readAudioFormat, toMono } from './decode';
export { encodeWav, type EncodeWavOptions } from './encode';
export { resample, type ResampleOptions } from './resample';
export { besselI0, greatestCommonDivisor, sinc } from './sinc-filter';
export type { Waveform } from './waveform';
