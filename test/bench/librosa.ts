import { join } from 'node:path';
import { projectRoot } from '../../src/node/files';
import { runForJson } from './run-for-json';

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
export function runLibrosa(python: string, files: readonly string[]): Promise<LibrosaRun> {
  const env = {
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    NUMBA_NUM_THREADS: '1',
  };
  const program = join(projectRoot, 'test', 'bench', 'librosa.py');
  return runForJson(python, [program], { env, input: files.join('\n') }) as Promise<LibrosaRun>;
}
