import { WaveFile } from 'wavefile';
import { InvalidArgumentError } from '../base';
import { sampleRateRange, type Waveform } from './audio-format';

/** Options of {@link encodeWav}. */
export interface EncodeWavOptions {
  /** bits per integer sample, or `32f` for 32-bit floating point; default 16 */
  bitDepth?: '8' | '16' | '24' | '32' | '32f';
}

/**
 * Encodes a mono waveform as a WAV file.
 *
 * Integer formats multiply by 2^(bits − 1), round and clamp to the integer range, the inverse of decoding. 8-bit samples are
 * unsigned, as WAV requires. `32f` stores the samples unchanged.
 *
 * @returns the bytes of the file
 * @throws InvalidArgumentError if a sample is not finite, or the rate is not an integer from 1,000 to 768,000 Hz
 * @example
 * ```ts
 * writeFileSync('tone.wav', encodeWav({ samples, sampleRate: 16000 }));
 * ```
 */
export function encodeWav(waveform: Waveform, options: EncodeWavOptions = {}): Uint8Array {
  const { samples, sampleRate } = waveform;
  const { bitDepth = '16' } = options;
  const { min, max } = sampleRateRange;
  if (!Number.isSafeInteger(sampleRate) || sampleRate < min || sampleRate > max) {
    throw new InvalidArgumentError('sampleRate', `an integer from ${min} to ${max} (Hz)`, sampleRate);
  }
  const bad = samples.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new InvalidArgumentError(`samples[${bad}]`, 'finite', samples[bad]);
  const bytes = bitDepth === '32f' ? packFloats(samples) : packIntegers(samples, Number(bitDepth));
  // The wavefile package only writes the chunks, because its packing of samples is a hundred times slower.
  const wav = new WaveFile();
  wav.fromScratch(1, sampleRate, bitDepth, []);
  Object.assign(wav.data, { samples: bytes, chunkSize: bytes.length });
  return padded(wav.toBuffer());
}

/** Little-endian integers; shape [frames · bits / 8]. */
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

/** Adds the padding byte that RIFF requires after a chunk of odd size and the package omits; only the outer size includes it. */
function padded(file: Uint8Array): Uint8Array {
  if (file.length % 2 === 0) return file;
  const even = new Uint8Array(file.length + 1);
  even.set(file);
  new DataView(even.buffer).setUint32(4, even.length - 8, true);
  return even;
}
