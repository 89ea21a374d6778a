export {
  type AudioData,
  type AudioFormat,
  AudioFormatError,
  checkSampleRate,
  sampleRateRange,
  type Waveform,
} from './audio-format';
export { readAudioFormat } from './containers';
export { decodeAudio, rangeOfFrames, toMono } from './decode';
export { encodeWav, type EncodeWavOptions } from './encode';
export { muLawDecode, muLawEncode } from './g711';
export { besselI0, greatestCommonDivisor, resample, type ResampleOptions, sinc } from './resample';
