import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Preloaded in each process and thread of a fuzz case (through NODE_OPTIONS): replaces the functions of `node:fs` that change files
 * with ones that refuse paths outside the folder of the case, and record each attempt. Node's permission model could not be used,
 * because it does not apply to native addons, and reports nothing if the library handles the error.
 */

/** Functions that change files: name → positions of the paths; `entry` if a link itself is changed and not followed. */
const writers: readonly (readonly [name: string, paths: readonly number[], entry?: 'entry'])[] = [
  ['writeFile', [0]],
  ['appendFile', [0]],
  ['open', [0]],
  ['truncate', [0]],
  ['copyFile', [1]],
  ['cp', [1]],
  ['mkdir', [0]],
  ['mkdtemp', [0]],
  ['utimes', [0]],
  ['chmod', [0]],
  ['chown', [0]],
  ['rename', [0, 1], 'entry'],
  ['rm', [0], 'entry'],
  ['rmdir', [0], 'entry'],
  ['unlink', [0], 'entry'],
  ['symlink', [1], 'entry'],
  ['link', [1], 'entry'],
  ['lutimes', [0], 'entry'],
  ['lchown', [0], 'entry'],
];

const original = { ...fs };
const tsxCache = join(tmpdir(), 'tsx');
let caseFolder: string | undefined;

/** Environment variable with the folder of all cases; processes and threads started by a case receive it. */
const variable = 'SER_FUZZ_FOLDER';

/** Paths that processes and threads of the fuzz process tried to change outside the folder of a case. */
export const outsideLog = (folder: string): string => join(folder, 'outside.log');

/** Restricts this process to the folder of a case; undefined: no restriction. */
export function restrictTo(folder: string | undefined): void {
  caseFolder = folder;
  if (folder === undefined) Reflect.deleteProperty(process.env, variable);
  else process.env[variable] = dirname(folder);
}

type Call = (this: unknown, ...args: unknown[]) => unknown;
const guarded = fs as unknown as Record<string, Call>;
const promises = fs.promises as unknown as Record<string, Call>;

for (const [name, paths, entry] of writers) {
  const refused = (args: readonly unknown[]): Error | undefined => {
    if (process.env[variable] === undefined) return undefined;
    if (name === 'open' && !changesFile(args[1])) return undefined;
    const path = paths.map((at) => pathOf(args[at])).find((value) => value && !isAllowed(value, entry));
    if (path === undefined) return undefined;
    record(`${name} ${JSON.stringify(path)}\n`);
    return Object.assign(new Error(`EPERM: ${name} outside the folder of the case: ${path}`), {
      code: 'EPERM',
      path,
    });
  };
  replace(guarded, `${name}Sync`, refused, (error) => {
    throw error;
  });
  replace(promises, name, refused, (error) => Promise.reject(error));
  replace(guarded, name, refused, (error, args) => {
    const callback = args.at(-1);
    if (typeof callback !== 'function') throw error;
    process.nextTick(callback, error);
  });
}
syncBuiltinESMExports();

function replace(
  owner: Record<string, Call>,
  name: string,
  refused: (args: readonly unknown[]) => Error | undefined,
  refuse: (error: Error, args: readonly unknown[]) => unknown,
): void {
  if (!(name in owner)) return;
  const call = owner[name];
  owner[name] = Object.assign(function (this: unknown, ...args: unknown[]): unknown {
    const error = refused(args);
    return error ? refuse(error, args) : call.apply(this, args);
  }, call);
}

function record(line: string): void {
  const log = original.openSync(outsideLog(process.env[variable]!), 'a');
  original.writeSync(log, line);
  original.closeSync(log);
}

function changesFile(flags: unknown): boolean {
  const { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND } = fs.constants;
  if (typeof flags === 'number') return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)) !== 0;
  return typeof flags === 'string' && /[wa+]/.test(flags);
}

/** The path of an argument; undefined for file descriptors. */
function pathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof URL) return fileURLToPath(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined;
}

function isAllowed(path: string, entry?: 'entry'): boolean {
  const full = resolve(path);
  const real = entry ? join(realPath(dirname(full)), basename(full)) : realPath(full);
  if (real.startsWith(tsxCache) || real === '/dev/null') return true;
  if (caseFolder !== undefined) return isInside(real, realPath(caseFolder));
  // A process or thread started by a case, perhaps an earlier one: allow the folder of any case.
  const [first, ...rest] = relative(realPath(process.env[variable]!), real).split(/[/\\]/);
  return /^\d+$/.test(first) && !rest.includes('..');
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith('..') && resolve(folder, way) === path);
}

/** Resolves links in the part of the path that exists. */
function realPath(path: string): string {
  try {
    return original.realpathSync(path);
  } catch {
    try {
      // a link to a file that does not exist yet
      return realPath(resolve(dirname(path), original.readlinkSync(path)));
    } catch {
      return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path));
    }
  }
}
