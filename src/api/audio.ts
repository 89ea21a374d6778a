/**
 * Decoding, encoding and resampling of audio.
 *
 * @example
 * ```ts
 * const { samples, sampleRate } = ser.audio.toMono(ser.audio.decode(bytes));
 * ```
 *
 * @module
 */

export {
  type AudioSource,
  type ChannelChoice,
  decodeAudio as decode,
  decodeAudioFile as decodeFile,
  openAudio as open,
  type OpenAudioOptions,
  type OtherDecoder,
  readAudioFormat as readFormat,
  encodeWav,
  joinSamples,
  resample,
  toMono,
  type AudioData,
  type AudioFormat,
  type EncodeWavOptions,
  type ResampleOptions,
} from '../core/audio';
