/** How samples are stored. */
export type SampleEncoding = 'signed' | 'unsigned' | 'float' | 'compressed';

/** What a file's header says, and where its samples lie. */
export interface AudioFormat {
  container: 'WAV' | 'AIFF';
  encoding: SampleEncoding;
  /** bits a sample: 8, 16, 24, 32 or 64 */
  bitDepth: number;
  bigEndian: boolean;
  /** Hz */
  sampleRate: number;
  channels: number;
  /** samples a channel */
  frames: number;
  /** offset of the first sample in the file, bytes */
  dataStart: number;
}

/** Decoded audio, all channels. */
export interface AudioData {
  /** one array a channel, each [frames], in [-1, 1) for integer formats */
  channels: Float32Array[];
  /** Hz */
  sampleRate: number;
}

/** Why bytes are no audio that can be read; the caller adds the file's name. */
export class AudioFormatError extends Error {
  override name = 'AudioFormatError';
}
