import { createWriteStream, mkdirSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import writeFileAtomically, { sync as writeFileAtomicallySync } from 'write-file-atomic';

/** Writes a file completely or not at all; creates its folder. */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomically(path, bufferOf(content));
}

/** {@link writeFileAtomic}, synchronously. */
export function writeFileAtomicSync(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileAtomicallySync(path, bufferOf(content));
}

/** {@link writeFileAtomic}, piece by piece, for content that does not fit in memory. */
export async function writeStreamAtomic(path: string, pieces: Iterable<Uint8Array | string>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  try {
    await pipeline(Readable.from(pieces), createWriteStream(unfinished));
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Converts to a type that the package accepts, without copying. */
function bufferOf(content: string | Uint8Array): string | Buffer {
  return typeof content === 'string'
    ? content
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
