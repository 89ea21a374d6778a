import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  createWriteStream,
  mkdirSync,
  openSync,
  promises,
  renameSync,
  rmSync,
  symlinkSync,
  writeFile,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { WorkbenchError } from '../../src/core/base';
import type { FuzzTarget } from './target';

/** A file that no case may write. */
export const forbidden = join(tmpdir(), `fuzz-forbidden-${process.ppid}`);
const script = `require('node:fs').writeFileSync(${JSON.stringify(forbidden)}, '')`;
/** The library may turn a refused write into a message for users. */
const swallow = async (write: () => unknown): Promise<void> => {
  try {
    await write();
  } catch {
    throw new WorkbenchError('cannot write');
  }
};

/** Behaviours of the cases by name: the case with seed i has behaviour i. */
export const behaviours: Record<string, (folder: string) => unknown> = {
  accepted: (folder) => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    renameSync(join(folder, 'file'), join(folder, 'a', 'renamed'));
    symlinkSync('/etc', join(folder, 'link'));
    rmSync(join(folder, 'link'));
    openSync('/etc/hostname', 'r');
  },
  rejected: () => {
    throw new WorkbenchError('a message');
  },
  'raw error': () => {
    throw new TypeError('x is not a function');
  },
  'wrong result': () => {
    assert.equal(1, 2);
  },
  'unhandled rejection': () => void Promise.reject(new RangeError('late')),
  'error in a callback': () =>
    new Promise(() => {
      setTimeout(() => {
        throw new RangeError('in a callback');
      });
    }),
  'endless loop': () => {
    for (;;);
  },
  'promise that never settles': () => new Promise(() => undefined),
  'exit with code 0': () => process.exit(0),
  abort: () => {
    process.abort();
  },
  'large allocation, released': () => {
    new Float64Array(2e7).fill(1);
  },
  'next case': () => undefined,
  'write, synchronous': () => swallow(() => writeFileSync(forbidden, '')),
  'write, promise': () => swallow(() => promises.writeFile(forbidden, '')),
  'write, callback': () => swallow(() => promisify(writeFile)(forbidden, '')),
  'write, stream': () =>
    swallow(() => new Promise((_, reject) => createWriteStream(forbidden).on('error', reject))),
  'write, parent folder': (folder) => swallow(() => writeFileSync(join(folder, '..', 'file'), '')),
  'write, similar name': (folder) => swallow(() => mkdirSync(`${folder}0`)),
  'write, through a link': (folder) => {
    symlinkSync(tmpdir(), join(folder, 'link'));
    return swallow(() => writeFileSync(join(folder, 'link', basename(forbidden)), ''));
  },
  'write, through a link to a missing file': (folder) => {
    symlinkSync(forbidden, join(folder, 'link'));
    return swallow(() => writeFileSync(join(folder, 'link'), ''));
  },
  'write, moved out': (folder) => {
    writeFileSync(join(folder, 'file'), '');
    return swallow(() => renameSync(join(folder, 'file'), forbidden));
  },
  'write, thread': () =>
    new Promise((resolve) => {
      new Worker(script, { eval: true, execArgv: [] }).on('error', () => undefined).on('exit', resolve);
    }),
  'write, process': () => spawnSync(process.execPath, ['-e', script]),
};

/** Fails in every way that the campaign detects. */
export const target: FuzzTarget = {
  summary: 'Fails in every way.',
  run: async (_, folder, describe) => {
    const name = Object.keys(behaviours)[Number(basename(folder))];
    describe(name);
    await behaviours[name](folder);
    return name;
  },
};
