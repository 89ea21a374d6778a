import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatCount, textTable } from '../../src/core/base';
import { moduleFile } from '../../src/node/files';
import { moduleOptions } from '../../src/node/files/workers';
import { generateClips } from './generated-clips';
import { runForJson } from './run-for-json';
import type { ScaleRun } from './scale-child';

/**
 * Runs an experiment on half of the clips and on all of them, each in a new process, with all rows on disk. Their features are computed
 * before, by a process that is not measured.
 *
 * @param options.directory - for recordings and features, used again by the next run; default: a temporary folder, which is deleted
 */
export async function benchScale({
  clips,
  directory,
  onProgress,
}: {
  clips: number;
  directory?: string;
  onProgress?: (label: string, done: number, total: number) => void;
}): Promise<ScaleRun[]> {
  const folder = directory ?? mkdtempSync(join(tmpdir(), 'bench-scale-'));
  const runs: ScaleRun[] = [];
  try {
    const sizes = [2 * Math.ceil(clips / 4), clips];
    for (const size of sizes) {
      const root = join(folder, `corpora-${size}`);
      const onFile = (done: number, total: number): void => onProgress?.(`generating ${size}`, done, total);
      generateClips(root, size, { sound: true, onProgress: onFile });
    }
    const run = (size: number, part: string): Promise<unknown> => {
      const program = [...moduleOptions, moduleFile(__dirname, 'scale-child')];
      return runForJson(process.execPath, [
        ...program,
        join(folder, `corpora-${size}`),
        join(folder, 'cache'),
        part,
      ]);
    };
    await run(clips, 'fill');
    for (const size of sizes) runs.push((await run(size, 'measure')) as ScaleRun);
    return runs;
  } finally {
    if (directory === undefined) rmSync(folder, { recursive: true });
  }
}

/** A table of the steps at both sizes, with the growth of time, and the memory extrapolated to a million clips. */
export function describeScaleBench([half, whole]: readonly ScaleRun[]): string {
  const growth = whole.clips / half.clips;
  const rows = whole.stages.map(({ name, seconds, peakMb }, i) => [
    name,
    half.stages[i].seconds.toFixed(1),
    seconds.toFixed(1),
    half.stages[i].seconds < 0.1 ? '' : (seconds / half.stages[i].seconds).toFixed(2),
    String(Math.round(half.stages[i].peakMb)),
    String(Math.round(peakMb)),
  ]);
  const slope = (whole.peakMb - half.peakMb) / (whole.clips - half.clips);
  const million = whole.peakMb + slope * (1e6 - whole.clips);
  const sizes = [half, whole].map(({ clips }) => formatCount(clips));
  return [
    textTable([
      ['step', ...sizes.map((size) => `s, ${size}`), `× (${growth.toFixed(2)} = linear)`, ...sizes.map((size) => `MB, ${size}`)],
      ...rows,
    ], [0]),
    `rows on disk: ${((1000 * whole.rowsMb) / whole.clips).toFixed(1)} KB per clip`,
    `highest memory: ${Math.round(half.peakMb)} and ${Math.round(whole.peakMb)} MB, ${(1000 * slope).toFixed(2)} KB per clip; at 1,000,000 clips ${(million / 1000).toFixed(2)} GB`,
  ].join('\n'); // prettier-ignore
}
