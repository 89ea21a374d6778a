import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { decodeAudio, toMono } from '../audio';
import type { Matrix } from '../dsp';
import { messageOf } from '../errors';
import { clipFeatures, type FeatureTask } from './clip-features';
import type { FeatureConfig } from './config';
import { loadFrontEnd } from './front-end';

/** A recording, and what is to be computed of it. */
export interface ClipJob {
  /** whatever the caller knows the job by */
  id: number;
  file: string;
  sha256: string;
  tasks: FeatureTask[];
}

/** The features in the order of the tasks, or why there are none. */
export type ClipResult = { id: number; matrices: Matrix[] } | { id: number; problem: string };

async function main(port: NonNullable<typeof parentPort>): Promise<void> {
  const config = workerData as FeatureConfig;
  const frontEnd = await loadFrontEnd();
  port.on('message', ({ id, file, sha256, tasks }: ClipJob) => {
    void readFile(file)
      .then((bytes) => {
        if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
          throw new Error('its content has changed since the clips were loaded');
        }
        const matrices = clipFeatures(toMono(decodeAudio(bytes)), sha256, config, { tasks, frontEnd });
        const buffers = [...new Set(matrices.map(({ data }) => data.buffer as ArrayBuffer))];
        port.postMessage({ id, matrices } satisfies ClipResult, buffers);
      })
      .catch((error: unknown) => {
        port.postMessage({ id, problem: messageOf(error) } satisfies ClipResult);
      });
  });
}

if (parentPort) void main(parentPort);
