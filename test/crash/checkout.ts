import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isLibraryStale } from '../../src/node/build';
import { projectRoot } from '../../src/node/files';

/** How a process ended. */
export interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  seconds: number;
}

/** A copy of the project in a temporary folder, in which processes can be killed. Everything that they write is below `root`. */
export class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), 'ser-crash-'));
  /** set in the environment of all its processes, so that they can be found */
  private readonly mark = `ser-crash-${randomUUID()}`;

  constructor() {
    for (const name of ['src', 'dist', 'notebooks', 'package.json', 'tsconfig.json'])
      cpSync(join(projectRoot, name), join(this.root, name), { recursive: true, preserveTimestamps: true });
    for (const name of ['manifests', 'folds'])
      cpSync(join(projectRoot, 'data', name), join(this.root, 'data', name), { recursive: true });
    cpSync(__dirname, join(this.root, 'test', 'crash'), { recursive: true });
    mkdirSync(join(this.root, 'home', 'tmp'), { recursive: true });
    symlinkSync(join(projectRoot, 'node_modules'), join(this.root, 'node_modules'));
  }

  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  start(args: readonly string[], env: Record<string, string> = {}): Running {
    return new Running(args, this.root, {
      ...process.env,
      HOME: this.path('home'),
      TMPDIR: this.path('home', 'tmp'),
      XDG_CACHE_HOME: this.path('home', 'cache'),
      SER_CACHE: this.path('home', 'cache'),
      SER_CRASH_MARK: this.mark,
      TF_NUM_INTRAOP_THREADS: '1',
      TF_CPP_MIN_LOG_LEVEL: '3',
      SER_DATA: '',
      ...env,
    });
  }

  /** Command lines of the running processes of this checkout (Linux only; elsewhere none are found). */
  processes(): string[] {
    if (!existsSync('/proc/self/environ')) return [];
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        const environment = textOf(`/proc/${pid}/environ`);
        return environment.includes(this.mark)
          ? [`${pid}: ${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`]
          : [];
      });
  }

  /** Waits until all processes have ended. @returns those still running at the time limit */
  async remainingProcesses(seconds: number): Promise<string[]> {
    for (const end = performance.now() + seconds * 1000; ; await setTimeout(50)) {
      const found = this.processes();
      if (found.length === 0 || performance.now() > end) return found;
    }
  }

  /** All files below a folder, relative to the root. */
  files(...names: string[]): string[] {
    const folder = this.path(...names);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(this.root, join(entry.parentPath, entry.name)))
      .sort();
  }

  /** Temporary files, parts and locks that should not remain after a command has finished. */
  leftovers(): string[] {
    const isTemporary =
      /(^|\/)\.[^/]+\.(new|old)(\/|$)|\.(part|lock|tmp|checkpoint)(\.|$)|\.part\.json$|-making-|\.partial\//;
    const found = ['data', 'runs', 'out', 'models'].flatMap((name) => this.files(name));
    const inHome = this.files('home', 'tmp').filter((file) => file.includes('ser-'));
    return [...found.filter((file) => isTemporary.test(file)), ...inHome];
  }

  /** Hash of the content of files; `change` removes parts that may differ, such as times. */
  hash(files: readonly string[], change: (text: string, file: string) => string = (text) => text): string {
    const hash = createHash('sha256');
    for (const file of files) {
      const text = change(readFileSync(this.path(file), 'latin1'), file);
      hash.update(`${file}\0${text.length}\0`).update(text, 'latin1');
    }
    return hash.digest('hex').slice(0, 16);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A process of a checkout. */
class Running {
  readonly ended: Promise<End>;
  private readonly child: ChildProcess;
  private output = '';

  constructor(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
    const started = performance.now();
    this.child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream
        .setEncoding('utf8')
        .on('data', (text: string) => (this.output = (this.output + text).slice(-4000)));
    }
    this.ended = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => {
        const seconds = (performance.now() - started) / 1000;
        // The last output may arrive after the exit; children may keep the pipe open.
        globalThis.setTimeout(() => {
          resolve({ code, signal, output: this.output, seconds });
        }, 20);
      });
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** State of a folder of the real project, to detect writes outside the checkout: names, sizes and times. */
export function snapshot(folder: string): string {
  if (!existsSync(folder)) return '';
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const lines = names.map((name) => {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    return `${name} ${found?.size} ${found?.mtimeMs}`;
  });
  return lines.join('\n');
}

/** @throws if the compiled library, which the campaign kills, is older than the sources */
export function requireLibrary(): void {
  if (isLibraryStale()) throw new Error('dist/ is older than src/; run `npm run build` first');
}
