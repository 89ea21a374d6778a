import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type AudioSource, openAudio, pickChannel } from '../../core/audio';
import { audioIdentity, type Clip, messageOf } from '../../core/base';
// Not imported from the index, which would also load the option schemas in every worker.
import { encodeFingerprint, fingerprintOf } from '../../core/dataset/audio-fingerprint';
import type { FrontEnd } from '../../core/features';
import { profileMeasures, profileWindow, recordingProfile } from '../../core/features/recording-profile';
import { readWindow } from '../../core/features/windows';
import { decodeWithFfmpeg, fileErrorCode } from '../files';
import { loadFrontEnd } from './load-kernel';

/** What the worker computes for each recording. */
export type ClipValue = 'fingerprint' | 'profile';

/** A recording to compute a value of. */
export interface ClipValueJob {
  /** chosen by the caller */
  id: number;
  file: string;
  /** the clip's */
  sha256: string;
  channel?: Clip['channel'];
}

/** The value as numbers, or why it cannot be computed. */
export type ClipValueResult = { id: number; numbers: Float32Array } | { id: number; problem: string };

type Compute = (source: AudioSource, channel: Clip['channel'], frontEnd: FrontEnd) => Promise<Float32Array>;

const compute: Record<ClipValue, Compute> = {
  fingerprint: async ({ read, sampleRate }, channel, frontEnd) => {
    const samples = pickChannel(await read(), channel);
    const numbers = encodeFingerprint(fingerprintOf({ samples, sampleRate }, frontEnd));
    return new Float32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  },
  profile: async (source, channel, frontEnd) => {
    const window = await readWindow(source, profileWindow, frontEnd, channel);
    const profile = recordingProfile(window, source.frames / source.sampleRate, frontEnd);
    return Float32Array.from(profileMeasures, (measure) => profile[measure]);
  },
};

async function main(port: NonNullable<typeof parentPort>): Promise<void> {
  const valueOf = compute[workerData as ClipValue];
  const frontEnd = await loadFrontEnd();
  const run = async ({ id, file, sha256, channel }: ClipValueJob): Promise<void> => {
    try {
      const bytes = readFileSync(file);
      if (audioIdentity(createHash('sha256').update(bytes).digest('hex'), channel) !== sha256) {
        throw new Error('its content has changed since the clips were loaded');
      }
      const source = await openAudio(bytes, { decodeOther: decodeWithFfmpeg(file) });
      const numbers = await valueOf(source, channel, frontEnd).finally(source.close);
      port.postMessage({ id, numbers } satisfies ClipValueResult, [numbers.buffer as ArrayBuffer]);
    } catch (error) {
      // Without the path, so that equal reasons are counted together.
      const code = fileErrorCode(error);
      const problem = code === undefined ? messageOf(error) : `it cannot be read (${code})`;
      port.postMessage({ id, problem } satisfies ClipValueResult);
    }
  };
  port.on('message', (job: ClipValueJob) => void run(job));
}

if (parentPort) void main(parentPort);
