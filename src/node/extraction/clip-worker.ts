import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { decodeAudio, readAudioFormat, toMono } from '../../core/audio';
import { messageOf } from '../../core/base';
// Not imported from the index, which would also load the option schemas in every worker.
import { encodeFingerprint, fingerprintOf } from '../../core/dataset/audio-fingerprint';
import type { FrontEnd } from '../../core/features';
import { profileMeasures, profileWindow, recordingProfile } from '../../core/features/recording-profile';
import { decodeWindow } from '../../core/features/windows';
import { fileErrorCode } from '../files';
import { loadFrontEnd } from './load-kernel';

/** What the worker computes for each recording. */
export type ClipValue = 'fingerprint' | 'profile';

/** A recording to compute a value of. */
export interface ClipValueJob {
  /** chosen by the caller */
  id: number;
  file: string;
  sha256: string;
}

/** The value as numbers, or why it cannot be computed. */
export type ClipValueResult = { id: number; numbers: Float32Array } | { id: number; problem: string };

const compute: Record<ClipValue, (bytes: Uint8Array, frontEnd: FrontEnd) => Float32Array> = {
  fingerprint: (bytes, frontEnd) => {
    const numbers = encodeFingerprint(fingerprintOf(toMono(decodeAudio(bytes)), frontEnd));
    return new Float32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  },
  profile: (bytes, frontEnd) => {
    const { frames, sampleRate } = readAudioFormat(bytes);
    const profile = recordingProfile(
      decodeWindow(bytes, profileWindow, frontEnd),
      frames / sampleRate,
      frontEnd,
    );
    return Float32Array.from(profileMeasures, (measure) => profile[measure]);
  },
};

async function main(port: NonNullable<typeof parentPort>): Promise<void> {
  const valueOf = compute[workerData as ClipValue];
  const frontEnd = await loadFrontEnd();
  port.on('message', ({ id, file, sha256 }: ClipValueJob) => {
    try {
      const bytes = readFileSync(file);
      if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
        throw new Error('its content has changed since the clips were loaded');
      }
      const numbers = valueOf(bytes, frontEnd);
      port.postMessage({ id, numbers } satisfies ClipValueResult, [numbers.buffer as ArrayBuffer]);
    } catch (error) {
      // Without the path, so that equal reasons are counted together.
      const code = fileErrorCode(error);
      const problem = code === undefined ? messageOf(error) : `it cannot be read (${code})`;
      port.postMessage({ id, problem } satisfies ClipValueResult);
    }
  });
}

if (parentPort) void main(parentPort);
