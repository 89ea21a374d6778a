import { type AudioFormat, AudioFormatError, type SampleEncoding } from './audio-data';
import { ascii, chunks, requireSamples } from './chunks';

const formatTags: Partial<Record<number, SampleEncoding>> = { 1: 'signed', 3: 'float' };
const extensible = 0xfffe;
/** A writer that did not know the length leaves this; the samples then reach to the end of the file. */
const unknownLength = 0xffffffff;

/**
 * Reads the header of a RIFF WAV file. Chunks may come in any order, with others in between (RAVDESS has `FLLR` before
 * `data`) or behind (TESS has `LIST`).
 *
 * @throws {@link AudioFormatError} if there is no `fmt ` or `data` chunk, the file is cut short, or has no samples
 */
export function readWavFormat(bytes: Uint8Array): AudioFormat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let fmt: number | undefined;
  let data: { start: number; size: number } | undefined;
  for (const chunk of chunks(bytes, 12, false)) {
    if (chunk.id === 'fmt ' && chunk.size >= 16) fmt = chunk.start;
    if (chunk.id === 'data') data ??= chunk;
  }
  if (fmt === undefined) throw new AudioFormatError("it is a RIFF file without a 'fmt ' chunk");
  if (!data) throw new AudioFormatError("it is a WAV file without a 'data' chunk");

  let tag = view.getUint16(fmt, true);
  if (tag === extensible && fmt + 26 <= bytes.length) tag = view.getUint16(fmt + 24, true);
  const channels = view.getUint16(fmt + 2, true);
  const sampleRate = view.getUint32(fmt + 4, true);
  const bitDepth = view.getUint16(fmt + 14, true);
  const encoding = formatTags[tag] ?? 'compressed';

  const there = bytes.length - data.start;
  const size = data.size === unknownLength ? there : data.size;
  requireSamples(size, there);
  return {
    container: 'WAV',
    encoding: encoding === 'signed' && bitDepth === 8 ? 'unsigned' : encoding,
    bitDepth,
    bigEndian: false,
    sampleRate,
    channels,
    frames: encoding === 'compressed' ? 0 : Math.floor(size / ((channels * bitDepth) / 8)),
    dataStart: data.start,
  };
}

/** Whether the bytes begin as a WAV file, in any of its kinds (RIFX is big-endian, RF64 and BW64 over 4 GB). */
export function isWav(bytes: Uint8Array): boolean {
  return ['RIFF', 'RIFX', 'RF64', 'BW64'].includes(ascii(bytes, 0, 4)) && ascii(bytes, 8, 4) === 'WAVE';
}
