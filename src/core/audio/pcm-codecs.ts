import { type AudioFormat, AudioFormatError } from './audio-format';

/** Samples of the A-law of G.711 by code, divided by 32,768; shape [256]. */
export const aLawSamples = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 15) << 4) + 8;
  const size = segment === 0 ? step : (step + 256) << (segment - 1);
  return (bits & 128 ? size : -size) / 32_768;
});

/** Added to the magnitude of a 16-bit sample before it is divided into segments. */
const bias = 132;
const muLawSamples = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 255;
  const size = ((((bits & 15) << 3) + bias) << ((bits >> 4) & 7)) - bias;
  return (bits & 128 ? 0 - size : size) / 32_768;
});

/** The sample of a µ-law code, -1 to 1. */
export const muLawDecode = (code: number): number => muLawSamples[code];

/**
 * The µ-law code of a sample; samples beyond full scale are limited.
 *
 * @param sample - 1 is full scale
 * @returns 0 to 255
 * @see ITU-T G.711 (1988); the reference code of Sun Microsystems (1992)
 */
export function muLawEncode(sample: number): number {
  const value = Math.round(sample * 32_768);
  const size = Math.min(32_635, Math.abs(value)) + bias;
  const segment = Math.floor(Math.log2(size)) - 7;
  const step = (size >> (segment + 3)) & 15;
  return ~((value < 0 ? 128 : 0) | (segment << 4) | step) & 255;
}

type AdpcmFormat = Pick<
  AudioFormat,
  'encoding' | 'channels' | 'frames' | 'blockAlign' | 'dataStart' | 'dataBytes'
>;

/**
 * Number of frames in `bytes` bytes of an IMA or Microsoft ADPCM block; the last block of a file can be shorter than the others.
 *
 * @returns 0 if the bytes do not cover the header of a block
 */
export function adpcmFrames(encoding: AudioFormat['encoding'], bytes: number, channels: number): number {
  if (encoding === 'IMA ADPCM') {
    // The header contains one sample per channel. Then the channels alternate in groups of eight samples.
    return bytes < 4 * channels ? 0 : 1 + 8 * Math.floor((bytes - 4 * channels) / (4 * channels));
  }
  // The header contains two samples per channel. Then the channels alternate.
  return bytes < 7 * channels ? 0 : 2 + Math.floor((2 * (bytes - 7 * channels)) / channels);
}

/**
 * Decodes part of an IMA or Microsoft ADPCM file with one or two channels. Blocks are independent, so only those that overlap the part
 * are decoded. The samples are identical to ffmpeg's. (libsndfile rounds differently; its samples deviate by about 1 %.)
 *
 * @returns 16-bit integers as floats, not divided by 32,768; shape [endFrame − firstFrame] per channel
 * @throws `AudioFormatError` if the header of a block is damaged
 * @see IMA, Recommended Practices for Enhancing Digital Audio Compatibility (1992); Microsoft, New Multimedia Data Types (1994);
 *   ffmpeg 5.1, `libavcodec/adpcm.c`
 */
export function decodeAdpcm(
  bytes: Uint8Array,
  format: AdpcmFormat,
  firstFrame: number,
  endFrame: number,
): Float32Array[] {
  const { encoding, channels, blockAlign, dataStart, dataBytes } = format;
  const decodeBlock = encoding === 'IMA ADPCM' ? decodeImaBlock : decodeMicrosoftBlock;
  const perBlock = adpcmFrames(encoding, blockAlign, channels);
  const out = Array.from({ length: channels }, () => new Float32Array(endFrame - firstFrame));
  const block = out.map(() => new Int16Array(perBlock));
  for (let index = Math.floor(firstFrame / perBlock); index * perBlock < endFrame; index++) {
    const start = dataStart + index * blockAlign;
    const end = Math.min(start + blockAlign, dataStart + dataBytes);
    if (!decodeBlock(bytes.subarray(start, end), block)) {
      throw new AudioFormatError(
        `it is damaged: block ${index + 1} of its ${encoding} has an invalid header`,
      );
    }
    const from = Math.max(firstFrame, index * perBlock);
    const to = Math.min(endFrame, (index + 1) * perBlock);
    out.forEach((samples, channel) => {
      const part = block[channel].subarray(from - index * perBlock, to - index * perBlock);
      samples.set(part, from - firstFrame);
    });
  }
  return out;
}

/** Step sizes of IMA ADPCM, and the change of the step index for each code (without its sign bit). */
const imaSteps = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
  107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724,
  796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026,
  4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500,
  20350, 22385, 24623, 27086, 29794, 32767,
];
const imaIndexChanges = [-1, -1, -1, -1, 2, 4, 6, 8];

/** @returns false if the header is invalid */
function decodeImaBlock(block: Uint8Array, out: Int16Array[]): boolean {
  const channels = out.length;
  const groups = Math.floor(block.length / (4 * channels)) - 1;
  for (let channel = 0; channel < channels; channel++) {
    const samples = out[channel];
    let sample = int16(block, 4 * channel);
    let index = block[4 * channel + 2];
    if (index >= imaSteps.length) return false;
    samples[0] = sample;
    for (let group = 0, at = 1; group < groups; group++) {
      const start = 4 * (channels * (group + 1) + channel);
      for (let i = 0; i < 8; i++) {
        const code = (block[start + (i >> 1)] >> (4 * (i & 1))) & 15;
        const size = code & 7;
        const change = ((2 * size + 1) * imaSteps[index]) >> 3;
        sample = clamp16(code & 8 ? sample - change : sample + change);
        index = Math.max(0, Math.min(imaSteps.length - 1, index + imaIndexChanges[size]));
        samples[at++] = sample;
      }
    }
  }
  return true;
}

/** Predictor coefficients for the last two samples, in 64ths, and the factor by which each code changes the step, in 256ths. */
export const microsoftWeights = [
  [64, 0],
  [128, -64],
  [0, 0],
  [48, 16],
  [60, 0],
  [115, -52],
  [98, -58],
];
const microsoftChanges = [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];
const maxMicrosoftStep = Math.floor((2 ** 31 - 1) / 768);

/** @returns false if the header is invalid */
function decodeMicrosoftBlock(block: Uint8Array, out: Int16Array[]): boolean {
  const channels = out.length;
  const codes = 2 * (block.length - 7 * channels);
  for (let channel = 0; channel < channels; channel++) {
    const samples = out[channel];
    if (block[channel] >= microsoftWeights.length) return false;
    const [weight1, weight2] = microsoftWeights[block[channel]];
    let step = int16(block, channels + 2 * channel);
    let last = int16(block, 3 * channels + 2 * channel);
    let before = int16(block, 5 * channels + 2 * channel);
    samples[0] = before;
    samples[1] = last;
    for (let i = channel, at = 2; i < codes; i += channels) {
      const code = (block[7 * channels + (i >> 1)] >> (i & 1 ? 0 : 4)) & 15;
      const predicted = Math.trunc((last * weight1 + before * weight2) / 64);
      before = last;
      last = clamp16(predicted + (code & 8 ? code - 16 : code) * step);
      step = Math.max(16, Math.min(maxMicrosoftStep, (microsoftChanges[code] * step) >> 8));
      samples[at++] = last;
    }
  }
  return true;
}

function int16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] | (bytes[at + 1] << 8)) << 16) >> 16;
}

function clamp16(value: number): number {
  return Math.max(-32_768, Math.min(32_767, value));
}
