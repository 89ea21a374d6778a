import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvalidFileError } from '../../core/base';
import type { EpochRecord, OptimizerState } from '../../core/network';

/** All that training needs to go on as if it had never been stopped. */
export interface Checkpoint {
  /** of what is being trained on what: a checkpoint of anything else is not gone on from */
  identity: string;
  history: EpochRecord[];
  /** all weights of the model in its order, after the last epoch and after the best one */
  weights: Float32Array[];
  bestWeights: Float32Array[];
  optimizer: OptimizerState;
}

const magic = 'SERCKPT1';
const prefixBytes = magic.length + 4;
const hashBytes = 32;

/** Writes a checkpoint, whole or not at all: magic, length of the header, header in JSON, 32-bit floats, SHA-256 of it all. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { identity, history, weights, bestWeights, optimizer } = checkpoint;
  const groups = [weights, bestWeights, optimizer.moments];
  const lengths = groups.map((group) => group.map(({ length }) => length));
  const header = Buffer.from(JSON.stringify({ identity, history, steps: optimizer.steps, lengths }));
  const prefix = Buffer.alloc(prefixBytes);
  prefix.write(magic);
  prefix.writeUInt32LE(header.length, magic.length);
  const parts = groups
    .flat()
    .map((values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  const body = Buffer.concat([prefix, header, ...parts]);
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, Buffer.concat([body, createHash('sha256').update(body).digest()]));
  await rename(unfinished, path);
}

/**
 * Reads a checkpoint.
 *
 * @returns undefined if there is none
 * @throws {@link InvalidFileError} if it is damaged
 */
export async function readCheckpoint(path: string): Promise<Checkpoint | undefined> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (!bytes) return undefined;
  const body = bytes.subarray(0, -hashBytes);
  const isSound =
    body.subarray(0, magic.length).toString() === magic &&
    createHash('sha256').update(body).digest().equals(bytes.subarray(-hashBytes));
  if (!isSound) throw new InvalidFileError(path, 'it is no checkpoint, or a damaged one');
  const start = prefixBytes + body.readUInt32LE(magic.length);
  const header = JSON.parse(body.toString('utf8', prefixBytes, start)) as Pick<
    Checkpoint,
    'identity' | 'history'
  > & { steps: number; lengths: number[][] };
  // A copy, as the numbers need not lie at a multiple of four.
  const values = new Float32Array(new Uint8Array(body.subarray(start)).buffer);
  let at = 0;
  const [weights, bestWeights, moments] = header.lengths.map((lengths) =>
    lengths.map((length) => values.slice(at, (at += length))),
  );
  const { identity, history, steps } = header;
  return { identity, history, weights, bestWeights, optimizer: { steps, moments } };
}
