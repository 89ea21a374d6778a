import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { formatCount, printable } from '../../src/core/base';
import { moduleFile, moduleOptions } from '../../src/node/files/workers';
import type { CaseResult, FailureKind, FuzzMessage, FuzzTask } from './child';

/** A case that failed. */
export interface FuzzFailure {
  /** reproduces the case: `--seed SEED --cases 1` */
  seed: number;
  kind: FailureKind;
  /** the error, or the value that was exceeded */
  detail: string;
  /** the input, as the target describes it */
  description?: string;
}

/** The result of one target. */
export interface FuzzResult {
  target: string;
  cases: number;
  /** cases rejected with a `WorkbenchError`, which is a message for users */
  rejected: number;
  accepted: number;
  failures: FuzzFailure[];
  seconds: number;
}

/** Options of {@link fuzz}. */
export interface FuzzOptions {
  /** seed of the first case; case i has seed + i */
  seed: number;
  cases: number;
  /** time limit of a case, s */
  timeoutSec?: number;
  /** limit of the resident memory, MB */
  memoryMb?: number;
  /** stops the target after this number of failures */
  maxFailures?: number;
  onFailure?: (failure: FuzzFailure) => void;
  onProgress?: (done: number, failures: number) => void;
}

/** Time limit for loading a target, s. */
const startTimeoutSec = 120;
/** Heap limit of a fuzz process, MB: a heap beyond it is a crash of the case. */
const heapMb = 900;

/** The files of all targets by name; empty if the folder does not exist. */
export function targetFiles(folder = join(__dirname, 'targets')): Map<string, string> {
  const files = (existsSync(folder) ? readdirSync(folder) : []).filter((file) => /^[\w-]+\.ts$/.test(file));
  return new Map(files.sort().map((file) => [basename(file, '.ts'), join(folder, file)]));
}

/**
 * Runs the cases of one target in child processes, one after another. A case fails if it throws an error other than a `WorkbenchError`,
 * exceeds the time or memory limit, crashes the process, or writes outside its folder.
 *
 * @param file - module that exports a `FuzzTarget` as `target`
 */
export async function fuzz(
  file: string,
  { seed, cases, timeoutSec = 10, memoryMb = 1024, maxFailures = 100, onFailure, onProgress }: FuzzOptions,
): Promise<FuzzResult> {
  const started = performance.now();
  const result: FuzzResult = {
    target: basename(file, '.ts'),
    cases: 0,
    rejected: 0,
    accepted: 0,
    failures: [],
    seconds: 0,
  };
  const onResult = ({ outcome, detail = '', description }: CaseResult): boolean => {
    if (outcome === 'accepted' || outcome === 'rejected') result[outcome]++;
    else {
      const failure = { seed: seed + result.cases, kind: outcome, detail, description };
      result.failures.push(failure);
      onFailure?.(failure);
    }
    result.cases++;
    onProgress?.(result.cases, result.failures.length);
    return result.failures.length < maxFailures;
  };
  while (result.cases < cases && result.failures.length < maxFailures) {
    const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
    try {
      await runProcess(
        { file, seed: seed + result.cases, cases: cases - result.cases, folder, memoryMb },
        { timeoutSec, onResult },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { ...result, seconds: (performance.now() - started) / 1000 };
}

/** Runs cases in one process until all are done, or one of them ends the process. */
async function runProcess(
  task: FuzzTask,
  { timeoutSec, onResult }: { timeoutSec: number; onResult: (result: CaseResult) => boolean },
): Promise<void> {
  const child = startChild(task);
  const kill = (): void => {
    endGroup(child);
  };
  process.once('exit', kill);
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });

  let isReady = false as boolean;
  let left = task.cases;
  let since = performance.now();
  let description: string | undefined;
  let last: CaseResult['outcome'] | undefined;
  const limits: CaseResult[] = []; // the limit that the process was killed for exceeding, if any
  child.on('message', (message: FuzzMessage) => {
    if (limits.length > 0 || left === 0) return;
    if ('describe' in message) {
      description = message.describe;
      return;
    }
    since = performance.now();
    description = undefined;
    if ('ready' in message) {
      isReady = true;
      return;
    }
    last = message.done.outcome;
    left = onResult(message.done) ? left - 1 : 0;
    if (left === 0) kill();
  });
  const watch = setInterval(() => {
    if (left === 0 || limits.length > 0) return;
    const seconds = (performance.now() - since) / 1000;
    const rssMb = residentMb(child.pid);
    if (isReady && rssMb > task.memoryMb) {
      limits.push({ outcome: 'memory', detail: `${rssMb.toFixed(0)} MB, limit ${task.memoryMb} MB` });
    } else if (seconds > (isReady ? timeoutSec : startTimeoutSec)) {
      limits.push({ outcome: 'hang', detail: `no result after ${seconds.toFixed(1)} s` });
    }
    if (limits.length > 0) kill();
  }, 50);
  const closed = once(child, 'close');
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearInterval(watch);
  process.off('exit', kill);
  kill(); // processes that a case started; they keep the output open
  await Promise.race([closed, setTimeout(2000, undefined, { ref: false })]);

  if (left === 0) return;
  const exceeded = limits.at(0);
  if (!isReady) {
    throw new Error(`${task.file} could not be loaded: ${exceeded?.detail ?? errors.trim()}`);
  }
  if (last === 'memory' && !exceeded) return; // already reported; the process ended by itself
  const end = `the process ended with ${signal ?? `code ${code ?? '?'}`}`;
  const crash: CaseResult = { outcome: 'crash', detail: errors === '' ? end : `${end}: ${errors.trim()}` };
  onResult({ ...(exceeded ?? crash), description });
}

function startChild(task: FuzzTask): ChildProcess {
  const { NODE_OPTIONS = '', ...environment } = process.env;
  const preload = [...moduleOptions, '--require', moduleFile(__dirname, 'write-guard')];
  return fork(moduleFile(__dirname, 'child'), [JSON.stringify(task)], {
    execArgv: [`--max-old-space-size=${heapMb}`],
    // Also guards the threads and processes that the library starts.
    env: { ...environment, NODE_OPTIONS: `${NODE_OPTIONS} ${preload.join(' ')}`.trim() },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: process.platform !== 'win32', // a process group, so that its children can be ended with it
  });
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // all of them have ended
  }
}

/** Resident memory of a process; 0 where it cannot be read. */
function residentMb(pid: number | undefined): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 2 ** 20;
  } catch {
    return 0;
  }
}

/** A failure as text, with the command that repeats it. */
export function formatFailure(target: string, { seed, kind, detail, description }: FuzzFailure): string {
  const lines = detail.split('\n').map((line) => `  ${printable(line)}`);
  return [
    `FAILED ${target}, seed ${seed}: ${kind}`,
    ...(description === undefined ? [] : [`  input: ${printable(description).slice(0, 500)}`]),
    ...lines,
    `  repeat: npm run fuzz -- ${target} --seed ${seed} --cases 1`,
  ].join('\n');
}

/** One line per target. */
export function formatResult({ target, cases, rejected, accepted, failures, seconds }: FuzzResult): string {
  const failed = failures.length === 1 ? '1 failure' : `${failures.length} failures`;
  return `${target}: ${formatCount(cases)} cases, ${formatCount(rejected)} rejected with a message, ${formatCount(accepted)} accepted, ${failed}, ${seconds.toFixed(1)} s`;
}
