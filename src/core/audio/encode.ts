import { WaveFile } from 'wavefile';
import { InvalidArgumentError } from '../base';
import type { Waveform } from './waveform';

export interface EncodeWavOptions {
  /** integer bits, or `32f` for 32-bit floating point; default 16 */
  bitDepth?: '8' | '16' | '24' | '32' | '32f';
}

/**
 * Packs a mono waveform as the bytes of a WAV file.
 *
 * Integer formats round to the nearest step, x · 2^(bits − 1), and clamp what lies outside [-1, 1): the inverse of reading
 * 16-bit samples divided by 32,768. 8-bit samples are stored unsigned, as WAV asks. `32f` keeps the samples as they are.
 *
 * @param waveform - samples of shape [frames] and their rate, Hz
 * @throws InvalidArgumentError if a sample is not finite, or the rate is not a positive integer
 */
export function encodeWav(waveform: Waveform, options: EncodeWavOptions = {}): Uint8Array {
  const { samples, sampleRate } = waveform;
  const { bitDepth = '16' } = options;
  if (!Number.isSafeInteger(sampleRate) || sampleRate < 1) {
    throw new InvalidArgumentError('sampleRate', 'a positive integer (Hz)', sampleRate);
  }
  const bad = samples.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new InvalidArgumentError(`samples[${bad}]`, 'finite', samples[bad]);
  const bytes = bitDepth === '32f' ? packFloats(samples) : packIntegers(samples, Number(bitDepth));
  // The package packs samples a hundred times slower than this: it writes the chunks around them.
  const wav = new WaveFile();
  wav.fromScratch(1, sampleRate, bitDepth, []);
  Object.assign(wav.data, { samples: bytes, chunkSize: bytes.length });
  return padded(wav.toBuffer());
}

/** Little-endian integers of so many bits; shape [frames · bits / 8]. */
function packIntegers(samples: Float32Array, bits: number): Uint8Array {
  const full = 2 ** (bits - 1);
  const offset = bits === 8 ? full : 0;
  const bytes = new Uint8Array((samples.length * bits) / 8);
  let at = 0;
  for (let i = 0; i < samples.length; i++) {
    const step = Math.max(-full, Math.min(full - 1, Math.round(samples[i] * full))) + offset;
    for (let shift = 0; shift < bits; shift += 8) bytes[at++] = step >> shift;
  }
  return bytes;
}

function packFloats(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < samples.length; i++) view.setFloat32(i * 4, samples[i], true);
  return bytes;
}

/** RIFF asks for a filler byte after a chunk of odd size, which the package leaves out; only the outer size counts it. */
function padded(file: Uint8Array): Uint8Array {
  if (file.length % 2 === 0) return file;
  const even = new Uint8Array(file.length + 1);
  even.set(file);
  new DataView(even.buffer).setUint32(4, even.length - 8, true);
  return even;
}
