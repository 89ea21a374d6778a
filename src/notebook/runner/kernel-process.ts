import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../node/files';

/** Name of the project's kernelspec in {@link jupyterPath}. */
export const kernelName = 'speech-emotion-workbench';
/** Name of the kernel as Jupyter shows it. */
export const kernelDisplayName = 'TypeScript (Speech Emotion Workbench)';
/** Folder for `JUPYTER_PATH` that contains the kernelspec. */
export const jupyterPath: string = join(projectRoot, 'src', 'notebook', 'jupyter');

interface KernelSpec {
  argv: string[];
  env?: Record<string, string>;
}

/** A running kernel process. */
export interface KernelProcess {
  readonly process: ChildProcess;
  /** resolves with the reason when the process has ended */
  readonly ended: Promise<string>;
  kill(): void;
}

const fatalSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Number of characters of stdout and stderr that are kept for error messages. */
const logLength = 4000;

/**
 * Starts the kernel with the command of its kernelspec. The kernel ends when this process ends, even if it is killed.
 *
 * @param env - added to the environment
 */
export function spawnKernel(
  connectionFile: string,
  env: Readonly<Record<string, string>> = {},
): KernelProcess {
  const directory = join(jupyterPath, 'kernels', kernelName);
  const spec = JSON.parse(readFileSync(join(directory, 'kernel.json'), 'utf8')) as KernelSpec;
  const [program, ...args] = spec.argv.map((argument) =>
    argument.replace('{resource_dir}', directory).replace('{connection_file}', connectionFile),
  );
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: projectRoot,
    env: { ...process.env, ...spec.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => (log = (log + data.toString()).slice(-logLength)));
  }
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    onExit();
    forget();
    // Without the handlers, the signal ends this process.
    process.kill(process.pid, signal);
  };
  const onExit = (): void => {
    kill();
    removeConnectionFile(connectionFile);
  };
  const forget = (): void => {
    process.off('exit', onExit);
    for (const signal of fatalSignals) process.off(signal, onSignal);
  };
  process.once('exit', onExit);
  for (const signal of fatalSignals) process.once(signal, onSignal);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(`the kernel could not be started: ${error.message}`);
    });
    child.once('close', (code, signal) => {
      resolve(`the kernel ended (${signal ?? `exit status ${String(code)}`})${log && `\n${log.trim()}`}`);
    });
  }).finally(() => {
    forget();
    removeConnectionFile(connectionFile);
  });
  return { process: child, ended, kill };
}

/** Content of a Jupyter connection file. */
export interface ConnectionInfo {
  transport: 'tcp';
  ip: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  key: string;
  signature_scheme: 'hmac-sha256';
}

/** Creates a connection with free local ports and a new key. */
export async function newConnection(): Promise<ConnectionInfo> {
  const [shell, iopub, stdin, control, hb] = await freePorts(5);
  return {
    transport: 'tcp',
    ip: '127.0.0.1',
    shell_port: shell,
    iopub_port: iopub,
    stdin_port: stdin,
    control_port: control,
    hb_port: hb,
    key: randomUUID(),
    signature_scheme: 'hmac-sha256',
  };
}

/** Prefix of the temporary folder of a connection file. */
export const runnerFolder = 'ser-kernel-';

/** Writes a connection file that only the current user can read. Delete it with {@link removeConnectionFile}. */
export function writeConnectionFile(connection: ConnectionInfo): string {
  const file = join(mkdtempSync(join(tmpdir(), runnerFolder)), 'connection.json');
  writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
  return file;
}

/** Deletes a connection file and its folder. */
function removeConnectionFile(file: string): void {
  rmSync(dirname(file), { recursive: true, force: true });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((listening, failed) => {
        server.once('error', failed).listen(0, '127.0.0.1', listening);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
