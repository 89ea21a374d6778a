import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { decodeAudio, toMono } from '../../core/audio';
import { messageOf } from '../../core/base';
// Not imported from the index, which would also load the option schemas in every worker.
import { encodeFingerprint, fingerprintOf } from '../../core/dataset/audio-fingerprint';
import { fileErrorCode } from '../files';
import { loadFrontEnd } from './load-kernel';

/** A recording to compute the fingerprint of. */
export interface FingerprintJob {
  /** chosen by the caller */
  id: number;
  file: string;
  sha256: string;
}

/** The numbers of `encodeFingerprint`, or why the recording cannot be compared. */
export type FingerprintResult = { id: number; numbers: Uint32Array } | { id: number; problem: string };

async function main(port: NonNullable<typeof parentPort>): Promise<void> {
  const frontEnd = await loadFrontEnd();
  port.on('message', ({ id, file, sha256 }: FingerprintJob) => {
    try {
      const bytes = readFileSync(file);
      if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
        throw new Error('its content has changed since the clips were loaded');
      }
      const numbers = encodeFingerprint(fingerprintOf(toMono(decodeAudio(bytes)), frontEnd));
      port.postMessage({ id, numbers } satisfies FingerprintResult, [numbers.buffer as ArrayBuffer]);
    } catch (error) {
      // Without the path, so that equal reasons are counted together.
      const code = fileErrorCode(error);
      const problem = code === undefined ? messageOf(error) : `it cannot be read (${code})`;
      port.postMessage({ id, problem } satisfies FingerprintResult);
    }
  });
}

if (parentPort) void main(parentPort);
