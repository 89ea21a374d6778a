export { type AudioData, type AudioFormat, type Waveform } from './audio-format';
export { decodeAudio, readAudioFormat, toMono } from './decode';
export { encodeWav, type EncodeWavOptions } from './encode';
export { besselI0, greatestCommonDivisor, resample, type ResampleOptions, sinc } from './resample';
