import { type AudioFormat, AudioFormatError, type SampleEncoding } from './audio-data';
import { ascii, chunks, requireSamples } from './chunks';

/** AIFF-C compression types that are plain samples: encoding, and whether they are big-endian. */
const compressionTypes: Partial<Record<string, [SampleEncoding, boolean]>> = {
  NONE: ['signed', true],
  twos: ['signed', true],
  in24: ['signed', true],
  in32: ['signed', true],
  sowt: ['signed', false],
  fl32: ['float', true],
  FL32: ['float', true],
  fl64: ['float', true],
  FL64: ['float', true],
  'raw ': ['unsigned', true],
};

/**
 * Reads the header of an AIFF or uncompressed AIFF-C file. Two TESS clips named `.wav` are AIFF.
 *
 * @throws {@link AudioFormatError} if a chunk is missing, the file is cut short, compressed, or has no samples
 * @see Apple, Audio Interchange File Format version 1.3 (1989) and AIFF-C draft (1991)
 */
export function readAiffFormat(bytes: Uint8Array): AudioFormat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let comm: number | undefined;
  let ssnd: { start: number; size: number } | undefined;
  for (const chunk of chunks(bytes, 12, true)) {
    if (chunk.id === 'COMM' && chunk.size >= 18) comm = chunk.start;
    if (chunk.id === 'SSND') ssnd = chunk;
  }
  if (comm === undefined) throw new AudioFormatError("it is an AIFF file without a 'COMM' chunk");
  if (!ssnd) throw new AudioFormatError("it is an AIFF file without an 'SSND' chunk");

  const compressionType = ascii(bytes, 8, 4) === 'AIFC' ? ascii(bytes, comm + 18, 4) : 'NONE';
  const stored = compressionTypes[compressionType];
  if (!stored) throw new AudioFormatError(`its AIFF-C compression '${compressionType}' is not supported`);
  const channels = view.getInt16(comm, false);
  const frames = view.getUint32(comm + 2, false);
  const bitDepth = Math.ceil(view.getInt16(comm + 6, false) / 8) * 8;
  const dataStart = ssnd.start + 8 + view.getUint32(ssnd.start, false);

  const there = Math.min(bytes.length, ssnd.start + ssnd.size) - dataStart;
  requireSamples(frames * channels * (bitDepth / 8), there);
  return {
    container: 'AIFF',
    encoding: stored[0],
    bitDepth,
    bigEndian: stored[1],
    sampleRate: extendedFloat(view, comm + 8),
    channels,
    frames,
    dataStart,
  };
}

/** Whether the bytes begin as an AIFF or AIFF-C file. */
export function isAiff(bytes: Uint8Array): boolean {
  return ascii(bytes, 0, 4) === 'FORM' && ['AIFF', 'AIFC'].includes(ascii(bytes, 8, 4));
}

/** An 80-bit IEEE 754 extended number, big-endian: AIFF keeps its sample rate so. */
function extendedFloat(view: DataView, offset: number): number {
  const exponent = (view.getUint16(offset, false) & 0x7fff) - 16383;
  const high = view.getUint32(offset + 2, false);
  const low = view.getUint32(offset + 6, false);
  return high * 2 ** (exponent - 31) + low * 2 ** (exponent - 63);
}
