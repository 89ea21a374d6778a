import { aLawSamples, decodeAdpcm, muLawDecode } from './pcm-codecs';
import {
  type AudioData,
  type AudioFormat,
  AudioFormatError,
  maxSamples,
  type Waveform,
} from './audio-format';
import { type ChannelChoice, pickChannel } from './channels';
import { readAudioFormat } from './containers';
import { InvalidArgumentError } from '../base';

/**
 * Maximum magnitude of float samples, 30 dB above full scale. Recordings that were not limited exceed full scale by a few dB; larger
 * samples are integers stored as floats, or damage.
 */
const maxMagnitude = 32;

/**
 * Decodes a WAV, AIFF or CAF file at once: integers of 8 to 64 bits, floats of 32 and 64 bits, A-law, µ-law, and IMA and Microsoft
 * ADPCM, with any rate from 1,000 to 768,000 Hz and up to 1,024 channels.
 *
 * @param bytes - the complete file
 * @param part - frames to decode: from `firstFrame` (default 0) to before `endFrame` (default: the end of the file)
 * @returns integers divided by their full scale (32,768 for 16 bits), as in librosa; floats as stored
 * @throws `AudioFormatError` as {@link readAudioFormat}; or if a float in the part is not finite, or its magnitude exceeds 32
 * @throws InvalidArgumentError if `firstFrame` or `endFrame` is negative or not an integer
 * @example
 * ```ts
 * const { samples, sampleRate } = toMono(decodeAudio(bytes));
 * ```
 */
export function decodeAudio(
  bytes: Uint8Array,
  { firstFrame = 0, endFrame = Infinity, allocate }: DecodeOptions = {},
): AudioData {
  checkFrame('firstFrame', firstFrame);
  checkFrame('endFrame', endFrame);
  const whole = readAudioFormat(bytes);
  const first = Math.min(firstFrame, whole.frames);
  const frames = Math.max(0, Math.min(endFrame, whole.frames) - first);
  checkLength(frames, whole.channels);
  if (whole.encoding.endsWith('ADPCM')) {
    const channels = decodeAdpcm(bytes, whole, first, first + frames).map(divideBy32768);
    return { channels, sampleRate: whole.sampleRate };
  }
  const dataStart = whole.dataStart + first * whole.blockAlign;
  return decodeSamples(bytes, { ...whole, frames, dataStart }, first, allocate);
}

/** Options of {@link decodeAudio}. */
export interface DecodeOptions {
  firstFrame?: number;
  endFrame?: number;
  /** returns an array for the samples of a channel; default a new one. Only used for 16-bit integers. */
  allocate?: (length: number) => Float32Array;
}

/** The part of a file that contains some frames. */
export interface ByteRange {
  /** offset in the file, bytes */
  start: number;
  /** exclusive */
  end: number;
  /** decodes the bytes of this part */
  decode: (bytes: Uint8Array) => AudioData;
}

/**
 * Finds the part of a file that contains some frames, so that a large file can be read and decoded part by part.
 *
 * @param format - from {@link readAudioFormat}; not ADPCM, which is stored in blocks
 * @param firstFrame - at least 0
 * @param endFrame - exclusive; at most `format.frames`
 * @throws `AudioFormatError` if it is too long to decode at once
 */
export function rangeOfFrames(format: AudioFormat, firstFrame: number, endFrame: number): ByteRange {
  const { dataStart, blockAlign, channels } = format;
  const frames = endFrame - firstFrame;
  checkLength(frames, channels);
  return {
    start: dataStart + firstFrame * blockAlign,
    end: dataStart + endFrame * blockAlign,
    decode: (bytes) => decodeSamples(bytes, { ...format, frames, dataStart: 0 }, firstFrame),
  };
}

function checkLength(frames: number, channels: number): void {
  if (frames * channels <= maxSamples) return;
  const size = `${frames} frames of ${channels} channels`;
  throw new AudioFormatError(`it is too long to decode at once (${size}): split it first`);
}

/**
 * Decodes all encodings but ADPCM.
 *
 * @param format - `dataStart` and `frames` are those of the part to decode
 * @param firstFrame - of the part, for messages
 */
function decodeSamples(
  bytes: Uint8Array,
  format: AudioFormat,
  firstFrame: number,
  allocate?: DecodeOptions['allocate'],
): AudioData {
  const { encoding, bitDepth, bigEndian, blockAlign, sampleRate, frames, dataStart } = format;
  const isPacked = blockAlign === 2 * format.channels;
  if (encoding === 'signed' && bitDepth === 16 && isPacked && !bigEndian && isLittleEndian) {
    return { channels: decode16(bytes, format, allocate), sampleRate };
  }
  const read = sampleReader(bytes, format);
  const step = blockAlign / format.channels;
  const channels = Array.from({ length: format.channels }, (_, channel) => {
    const samples = new Float32Array(frames);
    for (let i = 0, at = dataStart + channel * step; i < frames; i++, at += blockAlign) samples[i] = read(at);
    return samples;
  });
  if (encoding === 'float') for (const samples of channels) checkFloats(samples, firstFrame);
  return { channels, sampleRate };
}

function checkFrame(name: string, frame: number): void {
  if (!(frame >= 0) || (!Number.isSafeInteger(frame) && frame !== Infinity)) {
    throw new InvalidArgumentError(name, 'an integer of at least 0', frame);
  }
}

/**
 * @param firstFrame - of the samples, for messages
 * @param isDecoded - the file does not store samples, but a compressed form
 * @throws `AudioFormatError` if a sample is not finite or larger than {@link maxMagnitude}
 */
export function checkFloats(samples: Float32Array, firstFrame: number, isDecoded = false): void {
  let bad = 0;
  while (bad < samples.length && Math.abs(samples[bad]) <= maxMagnitude) bad++;
  if (bad === samples.length) return;
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const remedy =
    peak <= 2 ** 31 && !isDecoded
      ? 'it contains integers stored as floats: divide them by their full scale, for 16 bits with: ' +
        'ffmpeg -i INPUT -af volume=1/32768 -c:a pcm_f32le OUTPUT.wav'
      : 'it is damaged';
  throw new AudioFormatError(
    `its samples must be finite and at most ${maxMagnitude} (1 is full scale), got ${samples[bad]} at frame ${firstFrame + bad}; ${remedy}`,
  );
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function divideBy32768(samples: Float32Array): Float32Array {
  return samples.map((sample) => sample / 32_768);
}

/** Decodes 16-bit samples through a typed array, which is four times as fast as sample by sample. */
function decode16(
  bytes: Uint8Array,
  { frames, channels, dataStart }: AudioFormat,
  allocate = (size: number): Float32Array => new Float32Array(size),
): Float32Array[] {
  const length = frames * channels;
  const start = bytes.byteOffset + dataStart;
  // A typed array needs an even offset; otherwise copy (with the constructor: `slice` of a Node buffer does not copy).
  const stored =
    start % 2 === 0
      ? new Int16Array(bytes.buffer, start, length)
      : new Int16Array(new Uint8Array(bytes.subarray(dataStart, dataStart + 2 * length)).buffer);
  return Array.from({ length: channels }, (_, channel) =>
    everyNth(stored, channel, channels, allocate(frames)),
  );
}

/** Writes every `step`-th sample from `first` on, divided by 32,768, to `out` and returns it. */
function everyNth(stored: Int16Array, first: number, step: number, out: Float32Array): Float32Array {
  const unit = 1 / 32_768; // a power of two, so multiplication is exact
  if (step === 1) for (let i = 0; i < out.length; i++) out[i] = stored[i] * unit;
  else for (let i = 0; i < out.length; i++) out[i] = stored[first + i * step] * unit;
  return out;
}

/** Returns a function that reads the sample at a byte offset. */
function sampleReader(
  bytes: Uint8Array,
  { encoding, bitDepth, bigEndian }: AudioFormat,
): (at: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = !bigEndian;
  switch (encoding) {
    case 'float':
      return bitDepth === 32 ? (at) => view.getFloat32(at, little) : (at) => view.getFloat64(at, little);
    case 'unsigned':
      return (at) => (bytes[at] - 128) / 128;
    case 'A-law':
      return (at) => aLawSamples[bytes[at]];
    case 'µ-law':
      return (at) => muLawDecode(bytes[at]);
    default:
      return integerReader(bytes, view, bitDepth, little);
  }
}

function integerReader(
  bytes: Uint8Array,
  view: DataView,
  bitDepth: number,
  little: boolean,
): (at: number) => number {
  switch (bitDepth) {
    case 8:
      return (at) => view.getInt8(at) / 128;
    case 16:
      return (at) => view.getInt16(at, little) / 32_768;
    case 24: {
      const [high, low] = little ? [2, 0] : [0, 2];
      return (at) => (view.getInt8(at + high) * 65_536 + bytes[at + 1] * 256 + bytes[at + low]) / 8_388_608;
    }
    case 32:
      return (at) => view.getInt32(at, little) / 2_147_483_648;
    default: {
      const size = bitDepth / 8;
      const [highest, next] = little ? [size - 1, -1] : [0, 1];
      return (at) => {
        let value = view.getInt8(at + highest);
        for (let i = 1; i < size; i++) value = value * 256 + bytes[at + highest + i * next];
        return value / 2 ** (bitDepth - 1);
      };
    }
  }
}

/**
 * Joins consecutive parts of a signal.
 *
 * @returns a new array, shape [sum of the lengths]
 */
export function joinSamples(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * One channel of a recording, or the mean of all.
 *
 * @param channel - default `mix`, the mean
 * @returns shape [frames]; the channel itself, not a copy, unless several are mixed
 * @throws `AudioFormatError` if the recording does not have the channel
 * @see librosa 0.11 `to_mono`
 * @example
 * ```ts
 * const { samples, sampleRate } = toMono(decodeAudio(bytes));
 * ```
 */
export function toMono(
  { channels, sampleRate }: { channels: readonly Float32Array[]; sampleRate: number },
  channel: ChannelChoice = 'mix',
): Waveform {
  return { samples: pickChannel(channels, channel), sampleRate };
}
