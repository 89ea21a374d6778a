import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { joinSamples } from '../../core/audio';

/** A recording that an earlier visit left in the browser. */
export interface StoredRecording {
  id: number;
  sampleRate: number;
  /** ms since 1970 */
  startedMs: number;
  durationSec: number;
}

interface Schema extends DBSchema {
  recordings: { key: number; value: { id: number; sampleRate: number; startedMs: number; frames: number } };
  /** samples by recording and position */
  parts: { key: [recording: number, part: number]; value: Float32Array };
}

let database: Promise<IDBPDatabase<Schema>> | undefined;

function open(): Promise<IDBPDatabase<Schema>> {
  database ??= openDB<Schema>('speech-emotion-workbench-live', 1, {
    upgrade: (created) => {
      created.createObjectStore('recordings', { keyPath: 'id' });
      created.createObjectStore('parts');
    },
  });
  return database;
}

const lockOf = (id: number): string => `recording ${id}`;

/** Writes a recording to the browser's storage while it is made, so that it survives if the page is closed. */
export interface RecordingWriter {
  id: number;
  /** appends samples; writes are in order, one after the other */
  append: (samples: Float32Array) => void;
  /** @returns after everything has been written; a problem of the storage, if there was one */
  close: () => Promise<string | undefined>;
}

/** Starts to store a recording. Deletes earlier ones, except those that another tab is making. */
export async function storeRecording(sampleRate: number): Promise<RecordingWriter> {
  const id = Date.now();
  let problem: string | undefined;
  let release: () => void = () => undefined;
  // A lock tells other tabs that the recording is not finished. It ends with the page.
  void navigator.locks.request(
    lockOf(id),
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  let frames = 0;
  let parts = 0;
  const write = async (samples?: Float32Array): Promise<void> => {
    const db = await open();
    const transaction = db.transaction(['recordings', 'parts'], 'readwrite');
    if (samples) {
      frames += samples.length;
      await transaction.objectStore('parts').put(samples, [id, parts++]);
    }
    await transaction.objectStore('recordings').put({ id, sampleRate, startedMs: id, frames });
    await transaction.done;
  };
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      if (problem === undefined) await work();
    } catch (error) {
      problem = String(error);
    }
  };
  for (const earlier of await storedRecordings().catch(() => []))
    await guarded(() => deleteRecording(earlier.id));
  let queue = guarded(() => write());
  return {
    id,
    append: (samples) => {
      queue = queue.then(() => guarded(() => write(samples)));
    },
    close: async () => {
      await queue;
      release();
      return problem;
    },
  };
}

/** Recordings in the browser's storage, newest first, without those that another tab is making. */
export async function storedRecordings(): Promise<StoredRecording[]> {
  const { held = [] } = await navigator.locks.query();
  const all = await (await open()).getAll('recordings');
  return all
    .filter(({ id, frames }) => frames > 0 && !held.some(({ name }) => name === lockOf(id)))
    .map(({ frames, ...stored }) => ({ ...stored, durationSec: frames / stored.sampleRate }))
    .sort((a, b) => b.id - a.id);
}

/** The samples of a stored recording. */
export async function restoreRecording(id: number): Promise<Float32Array> {
  const range = IDBKeyRange.bound([id, 0], [id, Infinity]);
  return joinSamples(await (await open()).getAll('parts', range));
}

/** Deletes a stored recording. */
export async function deleteRecording(id: number): Promise<void> {
  const transaction = (await open()).transaction(['recordings', 'parts'], 'readwrite');
  await transaction.objectStore('recordings').delete(id);
  await transaction.objectStore('parts').delete(IDBKeyRange.bound([id, 0], [id, Infinity]));
  await transaction.done;
}
