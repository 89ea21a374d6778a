/**
 * The part of the library that runs in a browser: decoding, features, and prediction with saved models. Everything here computes the
 * same numbers as in Node.
 *
 * @packageDocumentation
 */
export { InvalidArgumentError, InvalidFileError, WorkbenchError } from './core/base';
export { decodeAudio, readAudioFormat, resample, toMono } from './core/audio';
export { featureConfig, windowRows } from './core/features';
export { experimentConfig } from './core/config';
export { createPredictor } from './core/prediction';
export { loadEngine } from './web/engine';
export { fetchFrontEnd, fetchModel } from './web/fetch';
