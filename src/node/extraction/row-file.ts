import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, read, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type Clip, WorkbenchError } from '../../core/base';
import {
  allTasks,
  createRows,
  type FeatureConfig,
  type FeatureSet,
  type FeatureTask,
  type RowSource,
} from '../../core/features';
import type { Matrix } from '../../core/dsp';
import { createFileAtomic, explainFileError } from '../files';

/** The rows of a feature set, in memory or on disk. */
export type SetRows = Pick<FeatureSet, 'data' | 'source' | 'shape' | 'frames'>;

/** Collects the features of clips in a file. */
export interface RowWriter {
  /** adds one feature of one version of one clip */
  place: (clip: number, task: FeatureTask, matrix: Matrix) => void;
}

/** Rows that are incomplete, because features of them are still to come, stay in memory up to this size. */
const maxPendingBytes = 64e6;

/** The end of a file: `SEROWS01`, the length of the footer and its CRC-32. */
const magic = Buffer.from('SEROWS01');
const endBytes = magic.length + 8;

/** What the footer of a file states, before the number of frames of each row. */
interface Footer {
  shape: FeatureSet['shape'];
  /** positions of the clips without features; their rows are not used */
  failed: number[];
}

/** Identifies the rows of clips: their order and the features of each. */
export function rowsIdentity(clips: readonly Pick<Clip, 'sha256'>[], keys: readonly string[][]): string {
  const hash = createHash('sha256').update(JSON.stringify(keys));
  for (const { sha256 } of clips) hash.update(sha256);
  return hash.digest('hex').slice(0, 32);
}

/**
 * Writes rows to a file: float32 numbers, row after row, so that one read returns a row. In the feature store, the numbers of a row are in
 * several entries, and the position of each would have to be kept in memory.
 *
 * @param fill - places the features of all clips; returns the clips without features
 * @param options.pendingBytes - memory for clips whose features are incomplete; default 64 MB
 * @throws {@link WorkbenchError} with path and remedy, for example if the disk is full
 */
export async function writeRowFile(
  path: string,
  clips: number,
  config: FeatureConfig,
  fill: (writer: RowWriter) => Promise<ReadonlyMap<number, unknown>>,
  { pendingBytes = maxPendingBytes }: { pendingBytes?: number } = {},
): Promise<void> {
  const tasks = allTasks(config).length;
  const { shape: one } = createRows([0], config).without(new Map());
  const shape: FeatureSet['shape'] = [clips, one[1], one[2], one[3]];
  const versions = one[1];
  const clipBytes = 4 * versions * one[2] * one[3];
  const maxPending = Math.max(1, Math.floor(pendingBytes / clipBytes));
  const frames = new Int32Array(clips * versions);
  const placed = new Uint16Array(clips);
  const pending = new Map<number, ClipRows>();
  const free: ClipRows[] = [];

  try {
    await createFileAtomic(path, async (unfinished) => {
      const file = openSync(unfinished, 'w+');
      const writeClip = (clip: number, rows: ClipRows): void => {
        writeAll(file, rows.bytes, clip * clipBytes);
        frames.set(rows.frames, clip * versions);
        pending.delete(clip);
        free.push(rows);
      };
      /** The rows of a clip that is not in memory: empty, or as they were written. */
      const open = (clip: number): ClipRows => {
        const oldest = pending.size >= maxPending ? pending.entries().next().value : undefined;
        if (oldest) writeClip(...oldest);
        const rows = free.pop() ?? clipRows(config);
        rows.bytes.fill(0);
        if (placed[clip] > 0) readSync(file, rows.bytes, 0, clipBytes, clip * clipBytes);
        rows.frames.set(frames.subarray(clip * versions, (clip + 1) * versions));
        pending.set(clip, rows);
        return rows;
      };
      try {
        const failed = await fill({
          place: (clip, task, matrix) => {
            const rows = pending.get(clip) ?? open(clip);
            rows.place(0, task, matrix);
            if (++placed[clip] === tasks) writeClip(clip, rows);
          },
        });
        for (const [clip, rows] of [...pending]) writeClip(clip, rows);
        const footer: Footer = { shape, failed: [...failed.keys()].sort((a, b) => a - b) };
        const text = Buffer.from(JSON.stringify(footer));
        const body = Buffer.concat([new Uint8Array(frames.buffer), text]);
        const end = Buffer.alloc(endBytes);
        magic.copy(end);
        end.writeUInt32LE(text.length, magic.length);
        end.writeUInt32LE(crc32(body), magic.length + 4);
        writeAll(file, Buffer.concat([body, end]), clips * clipBytes);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    });
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/** The rows of one clip. */
interface ClipRows extends RowWriter {
  bytes: Uint8Array;
  frames: Int32Array;
}

function clipRows(config: FeatureConfig): ClipRows {
  const rows = createRows([0], config);
  const { data, frames } = rows.without(new Map());
  return { place: rows.place, frames, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, position + at);
}

/** Closes the files of sources that are not in use any more. */
const unused = new FinalizationRegistry<number>((file) => {
  closeSync(file);
});

/**
 * Opens a file of {@link writeRowFile}.
 *
 * @returns its rows, and the positions of the clips without features; undefined if there is no such file, or it is damaged
 */
export function openRowFile(path: string): { rows: SetRows; failed: readonly number[] } | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  const found = readFooter(file);
  if (!found) {
    closeSync(file);
    return undefined;
  }
  const { shape, failed, frames } = found;
  const [clips, versions, rowFrames, coefficients] = shape;
  const isFailed = new Set(failed);
  const kept = Int32Array.from({ length: clips }, (_, clip) => clip).filter((clip) => !isFailed.has(clip));
  const rowOf = (row: number): number => kept[Math.floor(row / versions)] * versions + (row % versions);
  const source: RowSource = {
    path,
    rowSize: rowFrames * coefficients,
    read: (rows, out) => readAll(file, path, Int32Array.from(rows, rowOf), out, 4 * rowFrames * coefficients),
  };
  unused.register(source, file);
  return {
    rows: {
      data: new Float32Array(),
      source,
      shape: [kept.length, versions, rowFrames, coefficients],
      frames: Int32Array.from({ length: kept.length * versions }, (_, row) => frames[rowOf(row)]),
    },
    failed,
  };
}

function readFooter(file: number): (Footer & { frames: Int32Array }) | undefined {
  const { size } = fstatSync(file);
  const part = (length: number, position: number): Buffer => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, position));
  };
  if (size < endBytes) return undefined;
  const end = part(endBytes, size - endBytes);
  if (end.length < endBytes || !end.subarray(0, magic.length).equals(magic)) return undefined;
  const textBytes = end.readUInt32LE(magic.length);
  if (textBytes > size - endBytes) return undefined;
  try {
    const text = part(textBytes, size - endBytes - textBytes);
    const { shape, failed } = JSON.parse(text.toString()) as Footer;
    const [clips, versions, rowFrames, coefficients] = shape;
    const frames = new Int32Array(clips * versions);
    const rowBytes = 4 * rowFrames * coefficients;
    const start = frames.length * rowBytes;
    if (size !== start + frames.byteLength + textBytes + endBytes) return undefined;
    const bytes = part(frames.byteLength, start);
    if (crc32(text, crc32(bytes)) !== end.readUInt32LE(magic.length + 4)) return undefined;
    new Uint8Array(frames.buffer).set(bytes);
    return { shape, failed, frames };
  } catch {
    return undefined;
  }
}

/** Maximum number of bytes that one call reads. */
const maxReadBytes = 2 ** 24;

/** Reads rows with as few calls as possible: consecutive rows at once, the others at the same time. */
function readAll(
  file: number,
  path: string,
  rows: Int32Array,
  out: Float32Array,
  rowBytes: number,
): Promise<void> {
  const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  const maxRows = Math.max(1, Math.floor(maxReadBytes / rowBytes));
  return new Promise((resolve, reject) => {
    let open = 1;
    const close = (): void => {
      if (--open === 0) resolve();
    };
    const readPart = (at: number, end: number, position: number): void => {
      read(file, bytes, at, end - at, position, (error, count) => {
        if (error) {
          const reason = explainFileError(error, path);
          reject(reason instanceof Error ? reason : error);
        } else if (count === 0)
          reject(new WorkbenchError(`${path}: the file ends before row ${position / rowBytes}`));
        else if (at + count < end) readPart(at + count, end, position + count);
        else close();
      });
    };
    for (let from = 0, to: number; from < rows.length; from = to) {
      to = from + 1;
      while (to < rows.length && to - from < maxRows && rows[to] === rows[to - 1] + 1) to++;
      open++;
      readPart(from * rowBytes, to * rowBytes, rows[from] * rowBytes);
    }
    close();
  });
}
