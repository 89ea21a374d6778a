export {
  type AudioData,
  type AudioFormat,
  AudioFormatError,
  checkSampleRate,
  checkStreamLength,
  maxSamples,
  sampleRateRange,
  UnsupportedAudioError,
  type Waveform,
} from './audio-format';
export {
  type AudioSource,
  decodeAudioFile,
  openAudio,
  type OpenAudioOptions,
  type OtherDecoder,
} from './audio-source';
export type { BlockStream } from './block-stream';
export {
  type ChannelChoice,
  channelByName,
  channelIndex,
  channelName,
  checkChannelChoice,
  compareChannels,
  pickChannel,
} from './channels';
export { readAudioFormat } from './containers';
export { decodeAudio, joinSamples, rangeOfFrames, toMono } from './decode';
export { encodeWav, type EncodeWavOptions } from './encode';
export { muLawDecode, muLawEncode } from './pcm-codecs';
export { besselI0, greatestCommonDivisor, resample, type ResampleOptions, sinc } from './resample';
