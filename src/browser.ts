/**
 * The part of the library that runs in a browser: decoding of all audio formats, features, and prediction with saved models. Everything
 * here computes the same numbers as in Node.
 *
 * @packageDocumentation
 */
export { InvalidArgumentError, InvalidFileError, WorkbenchError } from './core/base';
export {
  type AudioData,
  type AudioSource,
  type ChannelChoice,
  decodeAudio,
  decodeAudioFile,
  openAudio,
  type OtherDecoder,
  readAudioFormat,
  resample,
  toMono,
} from './core/audio';
export { featureConfig, windowRows } from './core/features';
export { experimentConfig } from './core/config';
export { createPredictor } from './core/prediction';
export { decodeInBrowser } from './web/decode';
export { fetchFrontEnd, fetchModel, loadEngine } from './web/load';
