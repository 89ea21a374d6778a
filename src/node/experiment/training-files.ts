import { createHash } from 'node:crypto';
import { renameSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InvalidFileError, WorkbenchError } from '../../core/base';
import { configHash, type ExperimentConfig } from '../../core/config';
import type { Split } from '../../core/dataset';
import type { Engine, EpochRecord, OptimizerState } from '../../core/network';
import {
  explainFileError,
  isOtherRunning,
  namesIn,
  processIdentity,
  removeAbandoned,
  removeTemporary,
  temporaryPath,
  writeFileAtomic,
} from '../files';
import { splitFileName } from '../runs';

/** The state of a training after an epoch: everything needed to resume it with the same result. */
export interface Checkpoint {
  /** identifies config, data and engine; training resumes only from a checkpoint with the same identity */
  identity: string;
  history: EpochRecord[];
  /** all weights, in the order of the model, after the last and after the best epoch */
  weights: Float32Array[];
  bestWeights: Float32Array[];
  optimizer: OptimizerState;
}

const magic = 'SERCKPT1';
const prefixBytes = magic.length + 4;
const hashBytes = 32;

/** Writes a checkpoint atomically: magic, length of the header, header as JSON, 32-bit floats, SHA-256 of everything before it. */
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
  await writeFileAtomic(path, Buffer.concat([body, createHash('sha256').update(body).digest()]));
}

/**
 * Reads a checkpoint.
 *
 * @returns undefined if the file does not exist
 * @throws {@link InvalidFileError} if it is damaged
 */
export async function readCheckpoint(path: string): Promise<Checkpoint | undefined> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw explainFileError(error, path);
  });
  if (!bytes) return undefined;
  const body = bytes.subarray(0, -hashBytes);
  const isIntact =
    body.subarray(0, magic.length).toString() === magic &&
    createHash('sha256').update(body).digest().equals(bytes.subarray(-hashBytes));
  if (!isIntact)
    throw new InvalidFileError(path, 'not a checkpoint, or damaged; delete it to start from epoch 1');
  const start = prefixBytes + body.readUInt32LE(magic.length);
  const header = JSON.parse(body.toString('utf8', prefixBytes, start)) as Pick<
    Checkpoint,
    'identity' | 'history'
  > & { steps: number; lengths: number[][] };
  // A copy, because the floats may not be aligned to four bytes.
  const values = new Float32Array(new Uint8Array(body.subarray(start)).buffer);
  let at = 0;
  const [weights, bestWeights, moments] = header.lengths.map((lengths) =>
    lengths.map((length) => values.slice(at, (at += length))),
  );
  const { identity, history, steps } = header;
  return { identity, history, weights, bestWeights, optimizer: { steps, moments } };
}

/** What the checkpoints of a run depend on. */
interface CheckpointContext {
  config: ExperimentConfig;
  /** of the data */
  fingerprint: string;
}

/** The folder of a run's checkpoints, which depends on config, data and engine. */
export function checkpointFolder(
  folder: string,
  { config, fingerprint }: CheckpointContext,
  { version }: Pick<Engine, 'version'>,
): string {
  return join(folder, fileHash([configHash(config), fingerprint, version].join('/')));
}

/** Path and identity of a split's checkpoint, which depend on config, data, engine, number of threads and split. */
export function checkpointOf(
  folder: string,
  { name }: Split,
  context: CheckpointContext,
  engine: Pick<Engine, 'version' | 'threads'>,
): { path: string; identity: string } {
  const { version, threads } = engine;
  const identity = [configHash(context.config), context.fingerprint, version, threads, name].join('/');
  return {
    path: join(checkpointFolder(folder, context, engine), `${fileHash(identity)}.checkpoint`),
    identity,
  };
}

const fileHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** A trained run that is being saved. Stored with its checkpoints, so that it is saved only once even if the process is killed. */
export interface PendingRun {
  /** start time, ISO 8601 */
  started: string;
  /** name of its record */
  file: string;
  /** the process that saves it */
  process: string;
}

const pendingFile = 'saving.json';

/** Stores the name under which a run is being saved in the folder of its checkpoints. */
export async function writePendingRun(
  checkpoints: string,
  { started, file }: Omit<PendingRun, 'process'>,
): Promise<void> {
  const pending: PendingRun = { started, file, process: processIdentity };
  await writeFileAtomic(join(checkpoints, pendingFile), JSON.stringify(pending));
}

/** The run that a process was saving when it was killed; undefined if there is none. */
export async function readPendingRun(checkpoints: string): Promise<PendingRun | undefined> {
  try {
    const pending = JSON.parse(await readFile(join(checkpoints, pendingFile), 'utf8')) as Partial<PendingRun>;
    const { started = '', file = '', process = '' } = pending;
    const isValid = !Number.isNaN(Date.parse(started)) && basename(file) === file && file.endsWith('.json');
    return isValid && !isOtherRunning(process) ? { started, file, process } : undefined;
  } catch {
    return undefined; // missing or damaged
  }
}

/** Deletes the checkpoints of a run, all at once: a process that is killed leaves all of them or none. */
export function deleteCheckpoints(checkpoints: string): void {
  const removed = temporaryPath(checkpoints);
  try {
    renameSync(checkpoints, removed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explainFileError(error, checkpoints);
  } finally {
    removeTemporary(removed);
  }
}

/**
 * Cleans a folder of checkpoints after processes that were killed: deletes their temporary files, and the checkpoints of runs that were
 * saved.
 *
 * @param saved - file names of the records of these runs; default none
 */
export async function cleanCheckpoints(
  folder: string,
  saved: ReadonlySet<string> = new Set(),
): Promise<void> {
  removeAbandoned(folder, /\.checkpoint(?:\.\d+)?$/);
  for (const name of namesIn(folder)) {
    const pending = await readPendingRun(join(folder, name));
    if (pending && saved.has(pending.file)) deleteCheckpoints(join(folder, name));
  }
}

interface SummaryWriter {
  scalar: (name: string, value: number, step: number) => void;
  flush: () => void;
}

/** The part of tfjs-node that TensorFlow.js lacks. */
interface TfjsNode {
  node: { summaryFileWriter: (folder: string) => SummaryWriter };
}

/**
 * Writes learning curves as TensorBoard event files, one folder per split.
 *
 * @param folder - created if needed
 * @returns a function to call after each epoch
 * @throws {@link WorkbenchError} without the native engine, which writes the files
 * @example
 * ```ts
 * const log = tensorBoardLog(engine, 'logs');
 * await runExperiment(config, { engine, onEpoch: (record, history, { name }) => log(name, record) });
 * ```
 */
export function tensorBoardLog(
  { name, tf }: Engine,
  folder: string,
): (split: string, record: EpochRecord) => void {
  if (name !== 'native')
    throw new WorkbenchError('TensorBoard logs require the native engine; see `npm run doctor`');
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
