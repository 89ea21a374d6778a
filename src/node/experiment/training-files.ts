import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidFileError, WorkbenchError } from '../../core/base';
import { configHash, type ExperimentConfig } from '../../core/config';
import type { Split } from '../../core/dataset';
import type { Engine, EpochRecord, OptimizerState } from '../../core/network';
import { splitFileName } from '../runs';

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

/** A split's checkpoint: of the same experiment on the same data and engine, and of no other. */
export function checkpointOf(
  folder: string,
  { name }: Split,
  { config, fingerprint }: { config: ExperimentConfig; fingerprint: string },
  { version, threads }: Pick<Engine, 'version' | 'threads'>,
): { path: string; identity: string } {
  const identity = [configHash(config), fingerprint, version, threads, name].join('/');
  const file = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  return { path: join(folder, `${file}.checkpoint`), identity };
}

interface SummaryWriter {
  scalar: (name: string, value: number, step: number) => void;
  flush: () => void;
}

/** What tfjs-node has beside TensorFlow.js. */
interface TfjsNode {
  node: { summaryFileWriter: (folder: string) => SummaryWriter };
}

/**
 * Writes learning curves as TensorBoard's event files, a folder a split.
 *
 * @param folder - is made
 * @returns to be called after each epoch
 * @throws {@link WorkbenchError} without the native engine, whose TensorFlow writes the files
 */
export function tensorBoardLog(
  { name, tf }: Engine,
  folder: string,
): (split: string, record: EpochRecord) => void {
  if (name !== 'native')
    throw new WorkbenchError('TensorBoard logs need the native engine: see `npm run doctor`');
  const { summaryFileWriter } = (tf as unknown as TfjsNode).node;
  const writers = new Map<string, SummaryWriter>();
  return (split, { epoch, seconds, ...values }) => {
    let writer = writers.get(split);
    if (!writer) {
      writer = summaryFileWriter(join(folder, splitFileName(split)));
      writers.set(split, writer);
    }
    for (const [name, value] of Object.entries({ ...values, seconds })) writer.scalar(name, value, epoch);
    writer.flush();
  };
}
