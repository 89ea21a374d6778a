import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { decodeAudio, readAudioFormat } from '../../core/audio';
import { messageOf } from '../../core/base';

/** What a clip's bytes say. */
export interface FileFacts {
  sha256: string;
  /** Hz */
  sampleRate: number;
  channels: number;
  /** samples a channel */
  frames: number;
  /** every sample is zero */
  silent: boolean;
}

/** A file that cannot be used, and why. */
export interface FileProblem {
  problem: string;
}

/** Reads one audio file for the clip table. A bad file is an answer, not an error: a batch goes on without it. */
export async function inspectFile(path: string): Promise<FileFacts | FileProblem> {
  try {
    const bytes = await readFile(path);
    const { sampleRate, channels, frames } = readAudioFormat(bytes);
    const silent = decodeAudio(bytes).channels.every((samples) => samples.every((sample) => sample === 0));
    return { sha256: createHash('sha256').update(bytes).digest('hex'), sampleRate, channels, frames, silent };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
