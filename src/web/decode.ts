import { type AudioData, AudioFormatError } from '../core/audio';

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
/** Larger files would need too much memory, because browsers decode them at once. */
const maxBytes = 2 ** 27;

/**
 * Decodes formats that the library cannot decode, such as AAC in M4A files, with the browser's own decoder. It works in pages, but not in
 * workers.
 *
 * @returns samples at the file's own rate, if the header of the MPEG-4 file states it; otherwise at 48,000 Hz
 * @throws `AudioFormatError` if the browser cannot decode the file, or it is larger than 128 MB
 * @example
 * ```ts
 * const source = await openAudio(bytes, { decodeOther: decodeInBrowser });
 * ```
 */
export async function decodeInBrowser(bytes: Uint8Array, format: string): Promise<AudioData> {
  const { OfflineAudioContext: Context } = globalThis as { OfflineAudioContext?: OfflineContextClass };
  if (!Context) throw new AudioFormatError(`it is ${format}, which only a page can decode, not a worker`);
  if (bytes.length > maxBytes)
    throw new AudioFormatError(`it is ${format} and larger than 128 MB: split it first`);
  try {
    // The browser converts to the rate of the context.
    const context = new Context(1, 1, mpeg4Rate(bytes) ?? defaultRate);
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

/** The sample rate in the description of the first MPEG-4 audio track, Hz; undefined if there is none. */
function mpeg4Rate(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = bytes.indexOf(0x6d); at >= 4; at = bytes.indexOf(0x6d, at + 1)) {
    // The entry `mp4a` of the box `stsd`: six zeros, an index, a version, the channels at 16 and the rate at 24 bytes.
    if (at + 32 > bytes.length) return undefined;
    const isEntry =
      view.getUint32(at) === 0x6d703461 && view.getUint32(at + 4) === 0 && view.getUint16(at + 8) === 0;
    const rate = view.getUint16(at + 28);
    if (isEntry && rate >= 8000) return rate;
  }
  return undefined;
}
