import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EndedTrial } from './trial';

/**
 * Reads the trials that a sweep has finished, a line each. A line that was cut off when the process was killed, or that is no
 * trial, is left out: its trial runs again.
 *
 * @returns by their hash; of a trial that was run again, the last; empty if there is no file
 */
export async function readTrialLog(path: string): Promise<Map<string, EndedTrial>> {
  const trials = textOf(path).then((text) =>
    text
      .split('\n')
      .map(parseTrial)
      .filter((trial) => trial !== undefined),
  );
  return new Map((await trials).map((trial) => [trial.hash, trial]));
}

/** Adds a trial to the log, on the disk before this returns; makes the file and its folder. */
export async function appendTrial(path: string, trial: EndedTrial): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const text = await textOf(path);
  const isCutOff = text !== '' && !text.endsWith('\n');
  await appendFile(path, `${isCutOff ? '\n' : ''}${JSON.stringify(trial)}\n`, { flush: true });
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
}

function parseTrial(line: string): EndedTrial | undefined {
  try {
    const trial = JSON.parse(line) as Partial<EndedTrial> | null;
    const isTrial =
      typeof trial?.hash === 'string' &&
      typeof trial.values === 'object' &&
      typeof trial.epochs === 'number' &&
      (trial.status === 'finished' ? Number.isFinite(trial.score) : trial.status === 'failed');
    return isTrial ? (trial as EndedTrial) : undefined;
  } catch {
    return undefined;
  }
}
