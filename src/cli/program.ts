import { readFileSync } from 'node:fs';
import { messageOf } from '../core/base';
import { explainFileError, fileErrorCode } from '../node/files';
import type { CommandContext } from './command';

/**
 * Runs a command with the arguments of the shell and sets the exit code of the process.
 *
 * @param context - with `signal` from {@link stopSignal}, the command stops cleanly; without it, SIGINT, SIGTERM and SIGHUP end it at once
 */
export function runAsProgram<Context extends CommandContext>(
  run: (args: readonly string[], context?: Context) => Promise<number>,
  context?: Context,
): void {
  if (!context?.signal) handleSignals();
  // The terminal may be closed, or the reader of a pipe may have ended.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('uncaughtException', (error) => {
    console.error(fileErrorCode(error) === undefined ? error : messageOf(explainFileError(error)));
    endProcess(1);
  });
  void run(process.argv.slice(2), context).then((code) => {
    process.exitCode = code === 130 && stoppedBy ? stopCodes[stoppedBy] : code;
  });
}

/** Exit codes after a signal: 128 plus its number. */
const stopCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** The first signal that this process received. */
let stoppedBy: keyof typeof stopCodes | undefined;
/** Time for a clean stop after SIGTERM or SIGHUP, ms. After Ctrl-C, the user decides how long to wait. */
const stopMs = 800;
/** Signals within this time count as one, because the same signal may be sent to the process and to its group, ms. */
const sameSignalMs = 50;

/**
 * An `AbortSignal` that Ctrl-C, SIGTERM or SIGHUP aborts. A second signal ends the process at once. So does SIGTERM or SIGHUP if the
 * command has not stopped within a second.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  handleSignals(() => {
    stop.abort();
  });
  return stop.signal;
}

/** Interval between checks of the processes above, ms. */
const launcherCheckMs = 100;

/**
 * Sends SIGTERM to this process when the `npm run` or `npx` above it is gone. npm passes a signal on only to its shell, which does not
 * pass it on, and this command would continue unattended. Only on Linux, where `/proc` tells the parents.
 */
function watchLauncher(): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parents = parentsUpToNpm();
  const timer = setInterval(() => {
    if ([...parents].every(([id, parent]) => processAt(id)?.parent === parent)) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, launcherCheckMs);
  timer.unref();
}

/** The parent of each process from this one up to the child of npm; empty if npm is not above. */
function parentsUpToNpm(): Map<number, number> {
  const parents = new Map<number, number>();
  let at = processAt(process.pid);
  while (at && !at.name.startsWith('npm') && parents.size < 8) {
    parents.set(at.id, at.parent);
    at = processAt(at.parent);
  }
  return at?.name.startsWith('npm') ? parents : new Map<number, number>();
}

function processAt(id: number): { id: number; name: string; parent: number } | undefined {
  try {
    const [, name, parent] = /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${id}/stat`, 'utf8'))!;
    return { id, name, parent: Number(parent) };
  } catch {
    return undefined; // it has ended, or the system has no such files
  }
}

/** @param stop - stops the command cleanly; default: the process ends at once */
function handleSignals(stop?: () => void): void {
  let stoppedMs = 0;
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stoppedBy && performance.now() - stoppedMs < sameSignalMs) return;
      if (!stop || stoppedBy) endProcess(stopCodes[signal]);
      stoppedBy = signal;
      stoppedMs = performance.now();
      if (signal !== 'SIGINT') {
        setTimeout(() => {
          endProcess(stopCodes[signal]);
        }, stopMs).unref();
      }
      stop();
    });
  }
  watchLauncher();
}

/** Shows the cursor, which a progress bar hides, and exits. The exit handlers kill child processes and delete temporary files. */
function endProcess(code: number): never {
  for (const stream of [process.stdout, process.stderr]) if (stream.isTTY) stream.write('\u001b[?25h');
  process.exit(code);
}
