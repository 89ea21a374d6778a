import { WaveFile } from 'wavefile';
import {
  ascii,
  type AudioData,
  type AudioFormat,
  AudioFormatError,
  isAiff,
  isWav,
  readAiffFormat,
  readWavFormat,
  type Waveform,
} from './audio-format';

/**
 * Reads the header of an audio file. The format is detected from the content.
 *
 * @param bytes - a complete WAV, AIFF or AIFF-C file
 * @returns the format, without decoding the samples
 * @throws `AudioFormatError` if the format is not supported, or the file is truncated or has no samples
 */
export function readAudioFormat(bytes: Uint8Array): AudioFormat {
  if (bytes.length === 0) throw new AudioFormatError('it is empty (0 bytes)');
  const format = isAiff(bytes)
    ? readAiffFormat(bytes)
    : isWav(bytes) && ascii(bytes, 0, 4) === 'RIFF'
      ? readWavFormat(bytes)
      : undefined;
  if (!format && !isWav(bytes)) {
    throw new AudioFormatError(
      `it is not a WAV or AIFF file (it starts with ${JSON.stringify(ascii(bytes, 0, 4))})`,
    );
  }
  if (!format || format.encoding === 'compressed') return decodeWithPackage(bytes).format;
  const { channels, sampleRate, bitDepth, encoding } = format;
  if (channels < 1 || !(sampleRate > 0)) {
    throw new AudioFormatError(`its header states ${channels} channels at ${sampleRate} Hz`);
  }
  // AIFF allows fractional rates, resampling does not.
  if (!Number.isSafeInteger(sampleRate)) {
    throw new AudioFormatError(`its sample rate must be an integer, got ${sampleRate} Hz; resample it first`);
  }
  if (!(encoding === 'float' ? [32, 64] : [8, 16, 24, 32]).includes(bitDepth)) {
    throw new AudioFormatError(`${encoding} samples of ${bitDepth} bits are not supported`);
  }
  return format;
}

/**
 * Decodes a WAV or AIFF file: integers of 8, 16, 24 and 32 bits, floats of 32 and 64 bits, any rate and number of channels.
 * A-law, µ-law, IMA ADPCM, RIFX and RF64 are decoded by the wavefile package, which is slower.
 *
 * @param bytes - the complete file
 * @param part - frames to decode: from `firstFrame` (default 0) to before `endFrame` (default: the end of the file)
 * @returns integers divided by their full scale (32,768 for 16 bits), as librosa
 * @throws `AudioFormatError` as {@link readAudioFormat}
 * @example
 * ```ts
 * const { samples, sampleRate } = toMono(decodeAudio(bytes));
 * ```
 */
export function decodeAudio(
  bytes: Uint8Array,
  { firstFrame = 0, endFrame = Infinity }: { firstFrame?: number; endFrame?: number } = {},
): AudioData {
  const whole = readAudioFormat(bytes);
  if (whole.encoding === 'compressed') {
    const { channels, sampleRate } = decodeWithPackage(bytes).audio;
    return { channels: channels.map((samples) => samples.slice(firstFrame, endFrame)), sampleRate };
  }
  const first = Math.min(firstFrame, whole.frames);
  const frames = Math.max(0, Math.min(endFrame, whole.frames) - first);
  const dataStart = whole.dataStart + (first * whole.channels * whole.bitDepth) / 8;
  const format = { ...whole, frames, dataStart };
  const { sampleRate } = whole;
  if (format.encoding === 'signed' && format.bitDepth === 16 && !format.bigEndian && isLittleEndian) {
    return { channels: decode16(bytes, format), sampleRate };
  }
  const read = sampleReader(bytes, format);
  const step = format.bitDepth / 8;
  const channels = Array.from({ length: format.channels }, (_, channel) => {
    const samples = new Float32Array(frames);
    const stride = step * format.channels;
    for (let i = 0, at = dataStart + channel * step; i < frames; i++, at += stride) samples[i] = read(at);
    return samples;
  });
  return { channels, sampleRate };
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Decodes 16-bit samples through a typed array, which is four times as fast as sample by sample. */
function decode16(bytes: Uint8Array, { frames, channels, dataStart }: AudioFormat): Float32Array[] {
  const length = frames * channels;
  const start = bytes.byteOffset + dataStart;
  // A typed array needs an even offset; otherwise copy (with the constructor: `slice` of a Node buffer does not copy).
  const stored =
    start % 2 === 0
      ? new Int16Array(bytes.buffer, start, length)
      : new Int16Array(new Uint8Array(bytes.subarray(dataStart, dataStart + 2 * length)).buffer);
  return Array.from({ length: channels }, (_, channel) => everyNth(stored, channel, channels));
}

/** Every `step`-th sample from `first` on, divided by 32,768. */
function everyNth(stored: Int16Array, first: number, step: number): Float32Array {
  const samples = new Float32Array(Math.ceil((stored.length - first) / step));
  const unit = 1 / 32_768; // a power of two, so multiplication is exact
  if (step === 1) for (let i = 0; i < samples.length; i++) samples[i] = stored[i] * unit;
  else for (let i = 0; i < samples.length; i++) samples[i] = stored[first + i * step] * unit;
  return samples;
}

/** Returns a function that reads the sample at a byte offset. */
function sampleReader(
  bytes: Uint8Array,
  { encoding, bitDepth, bigEndian }: AudioFormat,
): (at: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = !bigEndian;
  if (encoding === 'float') {
    return bitDepth === 32 ? (at) => view.getFloat32(at, little) : (at) => view.getFloat64(at, little);
  }
  if (encoding === 'unsigned') {
    if (bitDepth !== 8) throw new AudioFormatError(`unsigned samples of ${bitDepth} bits are not supported`);
    return (at) => (bytes[at] - 128) / 128;
  }
  switch (bitDepth) {
    case 8:
      return (at) => view.getInt8(at) / 128;
    case 16:
      return (at) => view.getInt16(at, little) / 32_768;
    case 24: {
      const [high, low] = little ? [2, 0] : [0, 2];
      return (at) => (view.getInt8(at + high) * 65_536 + bytes[at + 1] * 256 + bytes[at + low]) / 8_388_608;
    }
    default:
      return (at) => view.getInt32(at, little) / 2_147_483_648;
  }
}

/** The wavefile package needs about 20 bytes of memory per sample. */
const maxPackageBytes = 100e6;

/** Decodes with the wavefile package. */
function decodeWithPackage(bytes: Uint8Array): { format: AudioFormat; audio: AudioData } {
  if (bytes.length > maxPackageBytes) {
    const limit = `${maxPackageBytes / 1e6} MB`;
    throw new AudioFormatError(
      `this WAV format is supported up to ${limit}, got ${Math.ceil(bytes.length / 1e6)} MB; convert it to PCM`,
    );
  }
  try {
    const wav = new WaveFile(bytes);
    const { numChannels, sampleRate, audioFormat, subformat } = wav.fmt as {
      numChannels: number;
      sampleRate: number;
      audioFormat: number;
      subformat: number[];
    };
    const isExtensible = audioFormat === 0xfffe;
    const tag = isExtensible ? subformat[0] : audioFormat;
    // The package decodes other formats to noise, for example Microsoft ADPCM (2).
    if (!(isExtensible ? [1] : [1, 3, 6, 7, 17]).includes(tag)) {
      throw new AudioFormatError(`WAV format ${tag} is not supported; convert it to PCM`);
    }
    if (audioFormat === 6) wav.fromALaw();
    if (audioFormat === 7) wav.fromMuLaw();
    if (audioFormat === 17) wav.fromIMAADPCM();
    const stored = wav.getSamples(false) as unknown as Float64Array | Float64Array[];
    const channels = (Array.isArray(stored) ? stored : [stored]).map(divideByFullScale(wav.bitDepth));
    if (channels[0].length === 0) throw new AudioFormatError('it has no samples');
    return {
      format: {
        container: 'WAV',
        encoding: 'compressed',
        bitDepth: 32,
        bigEndian: false,
        sampleRate,
        channels: numChannels,
        frames: channels[0].length,
        dataStart: 0,
      },
      audio: { channels, sampleRate },
    };
  } catch (error) {
    if (error instanceof AudioFormatError) throw error;
    throw new AudioFormatError(`this WAV format cannot be read (${String(error)})`);
  }
}

/**
 * Divides integers by their full scale. (The package's own conversion divides positive samples by one step less.)
 *
 * @param bitDepth - of the package: bits of an integer (8 are unsigned), or `32f` and `64` for floats
 */
function divideByFullScale(bitDepth: string): (samples: Float64Array) => Float32Array {
  if (bitDepth === '32f' || bitDepth === '64') return (samples) => Float32Array.from(samples);
  const fullScale = 2 ** (Number(bitDepth) - 1);
  const zero = bitDepth === '8' ? fullScale : 0;
  return (samples) => Float32Array.from(samples, (sample) => (sample - zero) / fullScale);
}

/**
 * Mean of the channels.
 *
 * @returns shape [frames]; the channel itself if there is only one
 * @see librosa 0.11 `to_mono`
 * @example
 * ```ts
 * const { samples, sampleRate } = toMono(decodeAudio(bytes));
 * ```
 */
export function toMono({ channels, sampleRate }: { channels: Float32Array[]; sampleRate: number }): Waveform {
  if (channels.length === 1) return { samples: channels[0], sampleRate };
  const samples = new Float32Array(channels[0].length);
  for (const channel of channels) for (let i = 0; i < samples.length; i++) samples[i] += channel[i];
  for (let i = 0; i < samples.length; i++) samples[i] /= channels.length;
  return { samples, sampleRate };
}
