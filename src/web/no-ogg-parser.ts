/**
 * Takes the place of the package `codec-parser` (LGPL) in bundles for browsers. The Vorbis decoder's package needs it only to parse Ogg
 * pages, which this library does itself; see `core/audio/vorbis.ts`. The names are those of the package.
 */
export const data = 'data';
export const codecFrames = 'codecFrames';
export const header = 'header';
export const vorbisComments = 'vorbisComments';
export const vorbisSetup = 'vorbisSetup';
export const isLastPage = 'isLastPage';
export const totalSamples = 'totalSamples';

/** Created by the decoder, and never used. */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- only created
export default class CodecParser {}
