import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { audioIdentity, type Clip, messageOf } from '../../core/base';
import type { Matrix } from '../../core/dsp';
import type { FeatureConfig, FeatureTask } from '../../core/features';
// Not through the index, which also loads the option schemas: every worker would pay for them.
import { windowFeatures } from '../../core/features/clip-features';
import { decodeWindow } from '../../core/features/windows';
import { decodeWithFfmpeg, explainFileError } from '../files';
import { loadFrontEnd } from './load-kernel';

/** A recording, and the features to compute. */
export interface ClipJob {
  /** chosen by the caller */
  id: number;
  file: string;
  /** the clip's */
  sha256: string;
  channel?: Clip['channel'];
  tasks: FeatureTask[];
}

/** The features in the order of the tasks, or the reason for the failure. */
export type ClipResult = { id: number; matrices: Matrix[] } | { id: number; problem: string };

async function main(port: NonNullable<typeof parentPort>): Promise<void> {
  const config = workerData as FeatureConfig;
  const frontEnd = await loadFrontEnd();
  const run = async ({ id, file, sha256, channel, tasks }: ClipJob): Promise<void> => {
    try {
      // Synchronous: ten times as fast as readFile for files in the system's cache.
      const bytes = readFileSync(file);
      if (audioIdentity(createHash('sha256').update(bytes).digest('hex'), channel) !== sha256) {
        throw new Error('its content has changed since the clips were loaded');
      }
      const options = { channel, decodeOther: decodeWithFfmpeg(file) };
      const window = await decodeWindow(bytes, config, frontEnd, options);
      const matrices = windowFeatures(window, sha256, config, { tasks, frontEnd });
      const buffers = [...new Set(matrices.map(({ data }) => data.buffer as ArrayBuffer))];
      port.postMessage({ id, matrices } satisfies ClipResult, buffers);
    } catch (error) {
      // Without the path, which is local, so that files with the same problem are counted together.
      const problem = messageOf(explainFileError(error, file)).replace(`${file}: `, '');
      port.postMessage({ id, problem } satisfies ClipResult);
    }
  };
  port.on('message', (job: ClipJob) => void run(job));
}

if (parentPort) void main(parentPort);
