import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { WorkbenchError } from '../errors';
import { projectRoot } from '../paths';

export interface LibrosaRun {
  /** of librosa */
  version: string;
  clipsPerSecond: number;
  cpuMsPerClip: number;
}

/**
 * Makes the paper's features of some files in librosa, in one process and one thread.
 *
 * @param python - a Python that has librosa
 * @throws WorkbenchError with what Python says, if it fails
 */
export async function runLibrosa(python: string, files: readonly string[]): Promise<LibrosaRun> {
  const one = {
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    NUMBA_NUM_THREADS: '1',
  };
  const program = join(projectRoot, 'src', 'cli', 'bench-librosa.py');
  const child = spawn(python, [program], {
    env: { ...process.env, ...one },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const failure = new Promise<never>((_, reject) => child.once('error', reject));
  child.stdin.on('error', () => undefined); // it ended early: its exit code and words say why
  child.stdin.end(files.join('\n'));
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const [out, err] = await Promise.race([ended, failure]);
  if (child.exitCode !== 0)
    throw new WorkbenchError(`${python} failed: ${err.trim().split('\n').at(-1) ?? ''}`);
  return JSON.parse(out) as LibrosaRun;
}
