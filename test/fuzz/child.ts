import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createRandom, messageOf, WorkbenchError } from '../../src/core/base';
import type { FuzzTarget } from './target';
import { outsideLog, restrictTo } from './write-guard';

/** What the process runs, as JSON in its first argument. */
export interface FuzzTask {
  /** module that exports the target */
  file: string;
  /** seed of the first case */
  seed: number;
  cases: number;
  /** parent of the folders of the cases */
  folder: string;
  memoryMb: number;
}

/** Kinds of failure. */
export type FailureKind = 'error' | 'hang' | 'memory' | 'crash' | 'write outside its folder';

/** The result of a case that ended. */
export interface CaseResult {
  outcome: 'rejected' | 'accepted' | FailureKind;
  /** the error's first lines, for failures */
  detail?: string;
  description?: string;
}

/** Messages of the process, in this order: ready once; then describe (optional) and done for each case. */
export type FuzzMessage = { ready: true } | { describe: string } | { done: CaseResult };

const send = (message: FuzzMessage): void => void process.send?.(message);

/** Called with unhandled errors of promises and callbacks. */
let onUnhandled = (error: unknown): void => {
  console.error(error); // while the target is loaded
  process.exit(1);
};

class UnhandledError extends Error {}

async function main({ file, seed, cases, folder, memoryMb }: FuzzTask): Promise<void> {
  process.on('disconnect', () => process.exit()); // also keeps the process alive while a case waits
  process.on('unhandledRejection', (error) => {
    onUnhandled(error);
  });
  process.on('uncaughtException', (error) => {
    onUnhandled(error);
  });
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() does not load TypeScript here
  const { target } = require(file) as { target: FuzzTarget };
  await target.prepare?.();
  send({ ready: true });
  for (let at = 0; at < cases; at++) {
    const done = await runCase(target, seed + at, folder, memoryMb);
    send({ done });
    if (done.outcome === 'memory') break; // the peak of a process never falls
  }
  process.disconnect();
}

async function runCase(
  target: FuzzTarget,
  seed: number,
  parent: string,
  memoryMb: number,
): Promise<CaseResult> {
  const folder = join(parent, String(seed));
  mkdirSync(folder);
  restrictTo(folder);
  let description: string | undefined;
  const describe = (input: string): void => {
    description = input;
    send({ describe: input });
  };
  const unhandled = new Promise<never>((_, reject) => {
    onUnhandled = (error) => {
      reject(new UnhandledError(shown(error)));
    };
  });
  let result: CaseResult;
  try {
    const run = async (): Promise<string> => target.run(createRandom(seed), folder, describe);
    description = await Promise.race([run(), unhandled]);
    await Promise.race([setImmediate(), unhandled]);
    result = { outcome: 'accepted' };
  } catch (error) {
    result =
      error instanceof WorkbenchError ? { outcome: 'rejected' } : { outcome: 'error', detail: shown(error) };
  }
  await setImmediate();
  restrictTo(undefined);
  const outside = readOutsideLog(parent);
  if (outside !== undefined) result = { outcome: 'write outside its folder', detail: outside };
  const peakMb = peakMemoryMb();
  if (peakMb > memoryMb)
    result = { outcome: 'memory', detail: `${peakMb.toFixed(0)} MB, limit ${memoryMb} MB` };
  rmSync(folder, { recursive: true, force: true });
  return { ...result, description };
}

function readOutsideLog(folder: string): string | undefined {
  const log = outsideLog(folder);
  try {
    const text = readFileSync(log, 'utf8');
    rmSync(log);
    return text.trim();
  } catch {
    return undefined;
  }
}

/** Peak of the resident memory of this process; without /proc, the current value. */
function peakMemoryMb(): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes) return Number(kilobytes) / 1024;
  } catch {
    // not Linux
  }
  return process.memoryUsage.rss() / 2 ** 20;
}

function shown(error: unknown): string {
  if (error instanceof UnhandledError) return `unhandled: ${error.message}`;
  const stack = error instanceof Error ? (error.stack ?? messageOf(error)) : messageOf(error);
  const lines = stack.split('\n');
  const frames = lines.findIndex((line) => line.startsWith('    at '));
  return (frames < 0 ? lines : lines.slice(0, frames + 4)).join('\n').slice(0, 1500);
}

main(JSON.parse(process.argv[2]) as FuzzTask).catch((error: unknown) => {
  onUnhandled(error);
});
