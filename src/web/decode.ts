import { type AudioData, AudioFormatError, maxSamples } from '../core/audio';

/** The parts of the Web Audio API that are used. */
interface OfflineContext {
  decodeAudioData: (bytes: ArrayBuffer) => Promise<{
    sampleRate: number;
    numberOfChannels: number;
    getChannelData: (channel: number) => Float32Array;
  }>;
}
type OfflineContextClass = new (channels: number, length: number, sampleRate: number) => OfflineContext;

/** Rate at which the browser decodes files with a header that does not state it, Hz. */
const defaultRate = 48_000;
/** Larger files, and those with more than `maxSamples` decoded samples (2 GB), would need too much memory, because browsers decode them at once. */
const maxBytes = 2 ** 27;

/**
 * Decodes formats that the library cannot decode, such as AAC in M4A files, with the browser's own decoder. It works in pages, but not in
 * workers.
 *
 * @returns samples at the file's own rate, if the header of the MPEG-4 file states it; otherwise at 48,000 Hz
 * @throws `AudioFormatError` if the browser cannot decode the file, it is larger than 128 MB, or it
 *   has more than 2 GB of decoded samples
 * @example
 * ```ts
 * const source = await openAudio(bytes, { decodeOther: decodeInBrowser });
 * ```
 */
export async function decodeInBrowser(bytes: Uint8Array, format: string): Promise<AudioData> {
  const { OfflineAudioContext: Context } = globalThis as { OfflineAudioContext?: OfflineContextClass };
  if (!Context) throw new AudioFormatError(`it is ${format}, which only a page can decode, not a worker`);
  checkSize(bytes, format);
  try {
    // The browser converts to the rate of the context.
    const context = new Context(1, 1, mpeg4Format(bytes)?.sampleRate ?? defaultRate);
    const copy = new Uint8Array(bytes).buffer;
    const decoded = await context.decodeAudioData(copy);
    const channels = Array.from({ length: decoded.numberOfChannels }, (_, c) => decoded.getChannelData(c));
    return { channels, sampleRate: decoded.sampleRate };
  } catch {
    throw new AudioFormatError(
      `it is ${format}, and this browser cannot decode it: convert it to WAV, MP3 or FLAC`,
    );
  }
}

/**
 * Checks whether a browser has enough memory to decode a file.
 *
 * @throws `AudioFormatError` if it is larger than 128 MB, or an MPEG-4 or ADTS file with more than 2 GB of decoded samples
 */
export function checkSize(bytes: Uint8Array, format: string): void {
  if (bytes.length > maxBytes)
    throw new AudioFormatError(`it is ${format} and larger than 128 MB: split it first`);
  const { sampleRate, channels } = mpeg4Format(bytes) ?? { sampleRate: defaultRate, channels: 2 };
  const durationSec = mpeg4Duration(bytes) ?? adtsDuration(bytes);
  const longestSec = maxSamples / (sampleRate * channels);
  if (durationSec <= longestSec) return;
  const minutes = (sec: number): number => Math.floor(sec / 60);
  throw new AudioFormatError(
    `it is ${format}, which browsers decode at once, and with ${minutes(durationSec)} minutes it needs too much memory: ` +
      `split it into parts of at most ${minutes(longestSec)} minutes, or convert it to MP3 or FLAC`,
  );
}

/** Positions of the type of MPEG-4 boxes, such as `mvhd`; other bytes may look the same. */
function* boxes(bytes: Uint8Array, view: DataView, type: number): Generator<number, void, undefined> {
  const first = type >>> 24;
  for (
    let at = bytes.indexOf(first, 4);
    at >= 0 && at + 32 <= bytes.length;
    at = bytes.indexOf(first, at + 1)
  )
    if (view.getUint32(at) === type) yield at;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Sample rate (Hz) and channels in the description of the first MPEG-4 audio track; undefined if there is none. */
function mpeg4Format(bytes: Uint8Array): { sampleRate: number; channels: number } | undefined {
  const view = viewOf(bytes);
  // The entry `mp4a` of the box `stsd`: six zeros, an index, a version, the channels at 16 and the rate at 24 bytes.
  for (const at of boxes(bytes, view, 0x6d703461)) {
    const isEntry = view.getUint32(at + 4) === 0 && view.getUint16(at + 8) === 0;
    const sampleRate = view.getUint16(at + 28);
    if (isEntry && sampleRate >= 8000) return { sampleRate, channels: view.getUint16(at + 20) || 2 };
  }
  return undefined;
}

/** Duration in the header of an MPEG-4 file, seconds; undefined if there is none, or the header does not state it. */
function mpeg4Duration(bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes);
  // The box `mvhd`, version 0: size, type, version and flags, two times, time scale, duration.
  for (const at of boxes(bytes, view, 0x6d766864)) {
    if (view.getUint32(at - 4) !== 108 || view.getUint32(at + 4) !== 0) continue;
    const [scale, duration] = [view.getUint32(at + 16), view.getUint32(at + 20)];
    return scale === 0 || duration === 0xffffffff ? undefined : duration / scale;
  }
  return undefined;
}

/** Sample rates by their index in the header of an ADTS frame, Hz. */
const adtsRates = [96, 88.2, 64, 48, 44.1, 32, 24, 22.05, 16, 12, 11.025, 8, 7.35].map((khz) => 1000 * khz);

/** Duration of the leading ADTS frames of a file, seconds; 0 for other files. */
function adtsDuration(bytes: Uint8Array): number {
  let durationSec = 0;
  for (let at = 0; at + 7 <= bytes.length && bytes[at] === 0xff && (bytes[at + 1] & 0xf6) === 0xf0;) {
    const rate = adtsRates[(bytes[at + 2] >> 2) & 15] as number | undefined;
    const length = ((bytes[at + 3] & 3) << 11) | (bytes[at + 4] << 3) | (bytes[at + 5] >> 5);
    if (rate === undefined || length < 7) break;
    durationSec += (((bytes[at + 6] & 3) + 1) * 1024) / rate;
    at += length;
  }
  return durationSec;
}
