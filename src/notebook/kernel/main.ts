import { rmSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Executor } from 'tslab/dist/executor';
import { messageOf } from '../../core/base';
import { projectRoot } from '../../node/files';
import { buildLibrary } from '../../node/build';
import { installCellHost } from '../display';
import { runnerFolder } from '../runner/kernel-process';
import type { Diagnostic } from './cell-failure';
import { KernelServer } from './kernel-server';
import type { StreamName } from './output-streams';
import { createConverter, createExecutor } from './tslab';

/**
 * Starts the kernel for one notebook. Cells run in the project root, wherever the notebook is, and import an up-to-date compiled library.
 *
 * @param connectionFile - written by Jupyter or the headless runner: ports and key
 */
export function startKernel(connectionFile: string): void {
  // The working directory determines which packages cells can import and where their types are found.
  process.chdir(projectRoot);
  const server: KernelServer = new KernelServer(connectionFile, projectRoot, async () => {
    try {
      const notices = process.env.SER_SKIP_BUILD ? [] : await buildNotices();
      return { notices, executor: executorFor(() => server) };
    } catch (error) {
      return fail(error);
    }
  });
  installCellHost(server);
  redirect('stdout', server);
  redirect('stderr', server);
  process.on('SIGINT', () => {
    server.interrupt();
  });
  process.on('uncaughtException', (error) => {
    server.reportThrown(error);
  });
  process.on('unhandledRejection', (reason) => {
    server.reportThrown(reason);
  });
  endWithParent(connectionFile);
  server.init().catch(fail);
}

/** Reports an error before the first cell: it can only go to the log of the parent process. */
function fail(error: unknown): never {
  writeSync(2, `the kernel cannot start: ${messageOf(error)}\n`);
  process.exit(1);
}

/** tslab's executor; reports failures of cells to the server. */
function executorFor(server: () => KernelServer): Executor {
  const node = createConverter({ isJS: false, isBrowser: false });
  const close = (): void => {
    node.close();
  };
  const error = (...report: unknown[]): void => {
    server().report(diagnosticOf(report), report[0]);
  };
  // tslab passes the value of the last expression to `log`, unless it is undefined or null.
  const log = (value: unknown): void => {
    server().setResult(value);
  };
  return createExecutor(projectRoot, { node, browser: node, close }, { log, error });
}

async function buildNotices(): Promise<string[]> {
  const problems = await buildProblems();
  if (problems.length === 0) return [];
  const more = problems.length > 5 ? [`… and ${problems.length - 5} more: npm run build`] : [];
  return [
    'src/ has type errors; notebooks use the compiled library despite them:',
    ...problems.slice(0, 5),
    ...more,
  ];
}

async function buildProblems(): Promise<string[]> {
  try {
    return (await buildLibrary()).problems;
  } catch (error) {
    return [messageOf(error)];
  }
}

/** tslab reports a diagnostic as a format string with four arguments, and a thrown value unchanged. */
function diagnosticOf(report: unknown[]): Diagnostic | undefined {
  if (report.length !== 5 || report[0] !== '%s%d:%d - %s') return undefined;
  const [, file, line, column, message] = report as [string, string, number, number, string];
  return { file: file.trim(), line, column, message };
}

function redirect(name: StreamName, server: KernelServer): void {
  const decoder = new StringDecoder('utf8');
  type Done = (error?: Error) => void;
  process[name].write = (
    chunk: Uint8Array | string,
    encoding?: BufferEncoding | Done,
    done?: Done,
  ): boolean => {
    server.write(name, typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)));
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) process.nextTick(callback);
    return true;
  };
}

/** Ends the kernel when its parent process has been killed, and deletes the connection file, which no other process would delete. */
function endWithParent(connectionFile: string): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid === parent) return;
    rmSync(connectionFile, { force: true });
    if (basename(dirname(connectionFile)).startsWith(runnerFolder))
      rmSync(dirname(connectionFile), { recursive: true, force: true });
    process.exit(1);
  }, 500).unref();
}
