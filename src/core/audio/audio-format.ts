import { printable, WorkbenchError } from '../base';

/** Mono audio signal. */
export interface Waveform {
  /** in [-1, 1) for integer formats (16-bit samples divided by 32,768); shape [frames] */
  samples: Float32Array;
  /** Hz */
  sampleRate: number;
}

/** Decoded audio with all channels. */
export interface AudioData {
  /** in [-1, 1) for integer formats; one array of shape [frames] per channel */
  channels: Float32Array[];
  /** Hz */
  sampleRate: number;
}

export type SampleEncoding =
  'signed' | 'unsigned' | 'float' | 'A-law' | 'µ-law' | 'IMA ADPCM' | 'Microsoft ADPCM';

/** Content of an audio file's header. */
export interface AudioFormat {
  container: 'WAV' | 'Wave64' | 'AIFF' | 'CAF';
  encoding: SampleEncoding;
  /** bits per stored sample: a multiple of 8 up to 64, or 4 for ADPCM. Samples of 12 bits, for example, are stored in 16 */
  bitDepth: number;
  bigEndian: boolean;
  /** Hz */
  sampleRate: number;
  channels: number;
  /** samples per channel */
  frames: number;
  /** offset of the first sample in the file, bytes */
  dataStart: number;
  /** size of the samples, bytes */
  dataBytes: number;
  /** bytes from one frame to the next; for ADPCM, from one block to the next */
  blockAlign: number;
}

/** The bytes cannot be read as audio. The message states the reason; the caller adds the name of the file. */
export class AudioFormatError extends WorkbenchError {
  override name = 'AudioFormatError';
}

/** Audio in a format that this library does not decode. Other programs may. */
export class UnsupportedAudioError extends AudioFormatError {
  override name = 'UnsupportedAudioError';

  /**
   * @param format - the name of the format
   * @param message - default: the format with the command that converts it
   */
  constructor(
    readonly format: string,
    message = `it is ${format}, which is not supported: ${conversion}`,
  ) {
    super(message);
  }
}

/** @throws `AudioFormatError` if the number of channels or the sample rate is out of range */
export function checkChannels(channels: number, sampleRate: number): void {
  if (channels < 1 || channels > maxChannels) {
    throw new AudioFormatError(
      `it must have 1 to ${maxChannels} channels, but its header states ${channels} channels at ${sampleRate} Hz`,
    );
  }
  checkSampleRate(sampleRate);
}

/** How to convert a file that this library cannot decode. */
export const conversion = 'convert it with: ffmpeg -i INPUT -c:a pcm_s16le OUTPUT.wav';

/** Maximum number of samples that are decoded at once: 2 GB of memory, three hours at 48 kHz. */
export const maxSamples = 2 ** 29;

/** Maximum number of samples of all channels in a compressed file: 24 hours of stereo at 48 kHz. */
const maxStreamSamples = 2 ** 33;

/**
 * Checks the length of a compressed file. Silence is stored in a few bytes per second, so decoding a small file could otherwise take days.
 *
 * @throws `AudioFormatError` if it is longer than 24 hours of stereo at 48 kHz
 */
export function checkStreamLength(frames: number, channels: number): void {
  const samples = frames * channels;
  if (samples <= maxStreamSamples) return;
  throw new AudioFormatError(
    `it must have at most ${maxStreamSamples} samples (24 hours of stereo at 48 kHz), got ${samples}: split it first`,
  );
}

/** Sample rates of recordings, Hz. */
export const sampleRateRange = { min: 1000, max: 768_000 } as const;

/** Maximum number of channels, as in libsndfile. */
export const maxChannels = 1024;

/**
 * Checks the sample rate of a recording. Times, windows and filters depend on it, so a damaged header could otherwise request any
 * amount of memory.
 *
 * @throws `AudioFormatError` if it is not an integer from 1,000 to 768,000 Hz
 */
export function checkSampleRate(sampleRate: number): void {
  const { min, max } = sampleRateRange;
  if (!(sampleRate >= min && sampleRate <= max)) {
    throw new AudioFormatError(`its sample rate must be ${min} to ${max} Hz, got ${sampleRate} Hz`);
  }
  // AIFF allows fractional rates, resampling does not.
  if (!Number.isSafeInteger(sampleRate)) {
    throw new AudioFormatError(`its sample rate must be an integer, got ${sampleRate} Hz; resample it first`);
  }
}

/** `length` bytes from `offset` as text. */
export function ascii(bytes: Uint8Array, offset: number, length: number): string {
  const end = Math.min(offset + length, bytes.length);
  let text = '';
  for (let at = offset; at < end; at++) text += String.fromCharCode(bytes[at]);
  return text;
}

/** First bytes of audio and video formats that this library does not decode; a dot stands for any byte. */
const otherAudio: [start: RegExp, name: string][] = [
  [/^....ftyp(?:M4A|M4B)/s, 'M4A (MPEG-4 audio)'],
  [/^....ftyp/s, 'MPEG-4 or QuickTime'],
  [/^(?:\.snd|dns\.)/s, 'Sun audio (AU)'],
  [/^#!AMR/s, 'AMR'],
  [/^0&\xb2u\x8ef\xcf/s, 'Windows Media (ASF)'],
  [/^\vw/s, 'AC-3'],
  [/^NIST_1A/s, 'NIST SPHERE'],
  [/^FORM....(?:8SVX|16SV)/s, 'Amiga 8SVX'],
  [/^RIFF....AVI /s, 'AVI video'],
  [/^wvpk/s, 'WavPack'],
  [/^MAC /s, "Monkey's Audio"],
  [/^TTA\d/s, 'True Audio'],
  [/^(?:DSD |FRM8)/s, 'DSD'],
  [/^(?:MPCK|MP\+)/s, 'Musepack'],
  [/^ajkg/s, 'Shorten'],
  [/^Creative Voice File/s, 'Creative Voice'],
  [/^FLV/s, 'Flash video'],
  [/^\xff[\xf0\xf1\xf8\xf9]/s, 'AAC (ADTS)'],
];

/** Compression in WAV files that is not supported, by format tag. */
export const otherWavEncodings = new Map([
  [0x14, 'G.723 ADPCM'],
  [0x16, 'G.723.1'],
  [0x31, 'GSM 6.10'],
  [0x40, 'G.721 ADPCM'],
  [0x45, 'G.726 ADPCM'],
  [0x50, 'MPEG audio'],
  [0x55, 'MP3'],
  [0x64, 'G.726 ADPCM'],
  [0x65, 'G.722'],
  [0x92, 'AC-3'],
  [0xff, 'AAC'],
  [0x160, 'Windows Media Audio'],
  [0x161, 'Windows Media Audio'],
  [0x2000, 'AC-3'],
  [0x2001, 'DTS'],
  [0x674f, 'Ogg Vorbis'],
  [0xf1ac, 'FLAC'],
]);

/** First bytes of other kinds of file, and what to do. */
const otherFiles: [start: RegExp, what: string][] = [
  [/^version https:\/\/git-lfs/s, 'a Git LFS pointer (the audio was not downloaded): run git lfs pull'],
  [/^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)/is, 'an HTML page: download the file again'],
  [/^(?:\xef\xbb\xbf)?\s*<(?:\?xml|[a-z]+[ >])/is, 'an XML or HTML document: download the file again'],
  [/^PK[^ -~]{2}/s, 'a ZIP archive: unpack it first'],
  [/^(?:.\x8b[\b]|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ)/s, 'a compressed archive: unpack it first'],
  [/^%PDF/s, 'a PDF document'],
  [/^(?:\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP)/s, 'an image'],
];

/** Formats that only `openAudio` reads. */
const compressed: [start: RegExp, name: string][] = [
  [/^fLaC/s, 'FLAC'],
  [/^OggS/s, 'Ogg'],
  [/^.E\xdf\xa3/s, 'WebM or Matroska'],
  [/^(?:ID3[^ -~]|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff])/s, 'MP3'],
];

/** The error for a file that this library cannot decode, by its first bytes: what it is, and the remedy. */
export function describeOtherFile(bytes: Uint8Array): AudioFormatError {
  const start = ascii(bytes, 0, 512);
  const audio = otherAudio.find(([pattern]) => pattern.test(start));
  if (audio) return new UnsupportedAudioError(audio[1]);
  const other = compressed.find(([pattern]) => pattern.test(start));
  if (other)
    return new AudioFormatError(
      `it is compressed (${other[1]}): decode it with ser.audio.decodeFile, or with decodeAudioFile in a browser`,
    );
  return new AudioFormatError(
    bytes.length === 0 ? 'it is empty (0 bytes)' : `it is not an audio file but ${whatElse(start)}`,
  );
}

/** What a file is that is not audio, and the remedy. */
function whatElse(start: string): string {
  const file = otherFiles.find(([pattern]) => pattern.test(start));
  if (file) return file[1];
  if (/^(?:\xff\xfe|\xfe\xff)?[\t\n\r\x20-\x7e\x80-\xff]+$/s.test(start.replaceAll('\0', ''))) {
    if (/[\x20-\x7e]{4}/.test(start.replaceAll('\0', '')) || start.length < 4) {
      return `text: download the file again (it starts with ${JSON.stringify(printable(start.slice(0, 4)))})`;
    }
  }
  if (/^\0+$/.test(start)) return 'zero bytes: the copy or download was interrupted, get the file again';
  return `an unknown format (it starts with ${JSON.stringify(printable(start.slice(0, 4)))})`;
}
