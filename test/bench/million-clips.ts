import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatCount } from '../../src/core/base';
import { moduleFile } from '../../src/node/files';
import { moduleOptions } from '../../src/node/files/workers';
import type { ClipsRun } from './clips-child';
import { generateClips } from './generated-clips';
import { runForJson } from './run-for-json';

export interface ClipsBench {
  clips: number;
  /** the files are new to the index, and each is read */
  first: ClipsRun;
  /** the index is up to date */
  again: ClipsRun;
}

/**
 * Measures how long it takes to load many generated recordings, and the memory that it needs. Each load runs in a new process.
 *
 * @param options.directory - where the recordings are generated, or were before; default: a temporary folder, which is deleted
 */
export async function benchClips({
  clips,
  directory,
  onProgress,
}: {
  clips: number;
  directory?: string;
  onProgress?: (label: string, done: number, total: number) => void;
}): Promise<ClipsBench> {
  const temporary = mkdtempSync(join(tmpdir(), 'bench-clips-'));
  const root = directory ?? join(temporary, 'corpora');
  const load = (): Promise<ClipsRun> =>
    runForJson(process.execPath, [
      ...moduleOptions,
      moduleFile(__dirname, 'clips-child'),
      root,
      join(temporary, 'cache'),
    ]) as Promise<ClipsRun>;
  try {
    generateClips(root, clips, {
      onProgress: (done, total) => onProgress?.('generating', done, total),
    });
    return { clips, first: await load(), again: await load() };
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

export function describeClipsBench({ clips, first, again }: ClipsBench): string {
  const line = (name: string, { loadSec, cpuSec, peakRssMb }: ClipsRun): string =>
    `${name}: ${loadSec.toFixed(1)} s (${cpuSec.toFixed(1)} s of processor time), at most ${formatCount(Math.round(peakRssMb))} MB`;
  return [
    `${formatCount(clips)} generated clips, half of them in a clips.csv and half named by the rule of a corpus`,
    line('first load, each file is read', first),
    line('second load, files compared with the index', again),
  ].join('\n');
}
