import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, threadId } from 'node:worker_threads';
import { explainFileError, fileErrorCode } from './file-errors';

/**
 * Temporary files and folders are named `.NAME.OWNER.new`, next to the file or folder NAME that they become, or `.NAME.OWNER.old` for
 * a replaced folder. OWNER is `host-pid-start-number` of the process, so that files of dead processes can be found and deleted.
 */
const pattern = /^\.(.+)\.([0-9a-f]{8}-\d+-[0-9a-z]+)-([0-9a-z]+)\.(new|old)$/;
/** Processes on other hosts cannot be checked: their files are deleted after this time without a change, ms. */
const otherHostMs = 24 * 3600_000;
/** Names of temporary files of older versions are less specific: those files are deleted after this time, ms. */
const olderVersionMs = 3600_000;
/** A lock of another host counts as abandoned after this time without a heartbeat, ms. */
const lockSilenceMs = 120_000;

/** If the start time of processes is unknown, only their ids are compared. */
const unknownStart = '0';
/** Identifies this computer and container: process ids are only valid there. */
const host = createHash('sha256')
  .update(hostname() + textOf(() => readlinkSync('/proc/self/ns/pid')))
  .digest('hex')
  .slice(0, 8);
const self = `${host}-${process.pid}-${startOf(process.pid) ?? unknownStart}`;

/** Temporary paths of this process, deleted when it exits. */
const unfinished = new Set<string>();
if (isMainThread) {
  process.once('exit', () => {
    for (const path of unfinished) rmSync(path, { recursive: true, force: true });
  });
}

let count = 0;

/** A new temporary path for a file or folder. Call {@link removeTemporary} after use; otherwise it is deleted when the process exits. */
export function temporaryPath(path: string): string {
  const number = `${threadId > 0 ? `${threadId}t` : ''}${(++count).toString(36)}`;
  const temporary = join(dirname(path), `.${shortened(basename(path))}.${self}-${number}.new`);
  unfinished.add(temporary);
  return temporary;
}

/** Deletes a temporary file or folder, if it still exists. */
export function removeTemporary(path: string): void {
  rmSync(path, { recursive: true, force: true });
  unfinished.delete(path);
}

/** Files with long names get a shorter temporary name, because names have at most 255 bytes. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= 180) return name;
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
}

/** The parts of a temporary name; undefined for other names. */
export function parseTemporary(file: string): { name: string; isOld: boolean } | undefined {
  const match = pattern.exec(file);
  return match ? { name: match[1], isOld: match[4] === 'old' } : undefined;
}

/** Folders that this process has cleaned. */
const cleaned = new Set<string>();

/**
 * Creates a folder and those above it that are missing.
 *
 * @throws the operating system's error. Node's recursive `mkdirSync` reports ENOENT whatever the reason, for example on a read-only
 *   file system
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    if (fileErrorCode(error) !== 'ENOENT') throw error;
    let missing = resolve(folder);
    while (!existsSync(dirname(missing))) missing = dirname(missing);
    if (!existsSync(missing)) mkdirSync(missing);
    mkdirSync(folder, { recursive: true });
  }
}

/** Creates a folder for files that are written atomically, and deletes temporary files that dead processes left in it. */
export function openFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw explainFileError(error, folder);
  }
  if (cleaned.has(folder)) return;
  cleaned.add(folder);
  removeAbandoned(folder);
}

/**
 * Deletes the temporary files and folders that dead processes left in a folder. Those of running processes, and recent ones of other
 * hosts, stay.
 *
 * @param olderVersions - names of temporary files of earlier versions of this program. If the first group is a process id, the file is
 *   deleted if the process is not running; otherwise after an hour without a change
 */
export function removeAbandoned(folder: string, olderVersions?: RegExp): void {
  const names = namesIn(folder);
  for (const name of names) {
    const match = pattern.exec(name);
    const path = join(folder, name);
    const isAbandoned = match
      ? !isAlive(match[2], () => ageMs(path)) && !isNeeded(folder, name, names)
      : isAbandonedOlder(olderVersions?.exec(name), path);
    if (!isAbandoned) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // no permission: it stays
    }
  }
}

function isAbandonedOlder(match: RegExpExecArray | null | undefined, path: string): boolean {
  if (!match) return false;
  const pid = match.at(1);
  return pid === undefined ? ageMs(path) > olderVersionMs : !isRunning(Number(pid));
}

/** Whether a process was killed while it replaced a folder: both versions are needed to recover it (see `recoverFolder`). */
function isNeeded(folder: string, name: string, names: readonly string[]): boolean {
  const partner = name.endsWith('.new') ? name.replace(/new$/, 'old') : name.replace(/old$/, 'new');
  const target = pattern.exec(name)![1];
  return names.includes(partner) && !existsSync(join(folder, target));
}

/** The names in a folder; empty if it cannot be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const ageMs = (path: string): number => {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modified === undefined ? 0 : Date.now() - modified;
};

/** Whether the process that owns a temporary file or a lock is running. */
function isAlive(owner: string, silentMs: () => number, limitMs = otherHostMs): boolean {
  const [place, pid, start] = owner.split('-');
  if (place !== host) return silentMs() < limitMs;
  // Another process may have been given the same id.
  return start === unknownStart ? isRunning(Number(pid)) : startOf(Number(pid)) === start;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The start time of a process, which distinguishes processes with the same id; undefined if unknown (not on Linux, or it has ended). */
function startOf(pid: number): string | undefined {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A killed process that its parent has not reaped yet is dead (a zombie, state Z).
  return fields.length > 19 && fields[0] !== 'Z' ? Number(fields[19]).toString(36) : undefined;
}

function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

/** A lock that this process holds. */
export interface Lock {
  release: () => void;
}

/**
 * Takes a lock: a file that exists while a process works in a folder. Takes over the lock of a dead process.
 *
 * @returns the lock, or a description of the process that holds it
 */
export function takeLock(path: string): Lock | { heldBy: string } {
  openFolder(dirname(path));
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify({ owner: self, pid: process.pid, host: hostname() }), {
        flag: 'wx',
      });
      return heldLock(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        removeTemporary(path); // it was created, but could not be written
        throw explainFileError(error, path);
      }
    }
    const text = textOf(() => readFileSync(path, 'utf8'));
    const holder = parseLock(text);
    // An unreadable lock has just been created, or its process was killed while writing it.
    const isHeld = holder
      ? isAlive(holder.owner, () => ageMs(path), lockSilenceMs)
      : existsSync(path) && ageMs(path) < 2000;
    if (isHeld) {
      const where = holder?.host === hostname() ? '' : ` on ${holder?.host ?? 'an unknown computer'}`;
      return { heldBy: `process ${holder?.pid ?? '?'}${where}` };
    }
    // Move it before deleting it, so that only one of several processes takes it over.
    const moved = temporaryPath(path);
    try {
      renameSync(path, moved);
      if (textOf(() => readFileSync(moved, 'utf8')) !== text) renameSync(moved, path);
    } catch {
      // another process was faster
    }
    removeTemporary(moved);
  }
}

/** Time between two attempts to take a lock, ms. */
const retryMs = 100;

/**
 * Takes a lock as soon as no other process holds it.
 *
 * @param options.onHeld - called once with a description of the process that holds it
 * @throws the signal's reason when it is aborted
 */
export async function waitForLock(
  path: string,
  { signal, onHeld }: { signal?: AbortSignal; onHeld?: (holder: string) => void } = {},
): Promise<Lock> {
  for (let isFirst = true; ; isFirst = false) {
    signal?.throwIfAborted();
    const lock = takeLock(path);
    if ('release' in lock) return lock;
    if (isFirst) onHeld?.(lock.heldBy);
    await setTimeout(retryMs, undefined, { signal });
  }
}

function heldLock(path: string): Lock {
  unfinished.add(path);
  // Heartbeat for processes on other hosts.
  const timer = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      // the folder was deleted
    }
  }, lockSilenceMs / 8).unref();
  return {
    release: () => {
      clearInterval(timer);
      removeTemporary(path);
    },
  };
}

function parseLock(text: string): { owner: string; pid: number; host: string } | undefined {
  try {
    const { owner, pid, host: name } = JSON.parse(text) as Record<string, unknown>;
    if (typeof owner !== 'string' || typeof pid !== 'number' || typeof name !== 'string') return undefined;
    return { owner, pid, host: name };
  } catch {
    return undefined;
  }
}

/** Identifies this process, even after it has ended. */
export const processIdentity = self;

/** Whether a process other than this one, given by its {@link processIdentity}, is running. */
export function isOtherRunning(identity: string): boolean {
  return identity !== self && isAlive(identity, () => Infinity);
}
