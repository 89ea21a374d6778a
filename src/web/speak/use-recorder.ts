import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { joinSamples, type Waveform } from '../../core/audio';
import { messageOf } from '../../core/base';
import type { LiveEvents } from '../worker/client';
import { useWorkbench } from '../page/workbench';
import { type Capture, type Processing, startCapture, within } from './microphone';

/** Recordings end at this length; their samples are in memory (11 MB a minute at 48 kHz). */
export const maxRecordingSec = 15 * 60;
/** Samples are written to the browser's storage this often, seconds. */
const storeEverySec = 1;
/** Waiting time for the storage when a recording ends, ms. */
const lastWriteMs = 5000;

/** State of the recorder. */
export type RecorderState =
  | { phase: 'idle'; problem?: string }
  | { phase: 'starting' }
  | { phase: 'recording'; capture: Capture }
  | { phase: 'stopping' };

/** A finished recording. */
export interface FinishedRecording extends Waveform {
  startedMs: number;
  /** why it ended, if the user did not stop it, and what could not be stored */
  note?: string;
}

/**
 * Records from a microphone with live predictions.
 *
 * @param onFinished - called with each recording, also if the microphone was unplugged
 * @param live - receives live predictions and the samples as they arrive
 */
export function useRecorder(
  onFinished: (recording: FinishedRecording) => void,
  live: LiveEvents & { onSamples: (samples: Float32Array, sampleRate: number) => void },
) {
  const { client, model } = useWorkbench();
  const [state, setState] = useState<RecorderState>({ phase: 'idle' });
  const stopRef = useRef<(note?: string) => void>(() => undefined);
  const latest = useRef({ onFinished, live });
  latest.current = { onFinished, live };

  const start = useCallback(
    async (deviceId: string | undefined, processing: Processing): Promise<void> => {
      if (!model) return;
      setState({ phase: 'starting' });
      const chunks: Float32Array[] = [];
      let frames = 0;
      let unstored: Float32Array[] = [];
      let unstoredFrames = 0;
      let capture: Capture | undefined;
      let writer: RecordingWriter | undefined;
      let stopListening = (): void => undefined;
      let isStopping = false as boolean; // changed by events
      const notes: string[] = [];
      const { port1, port2 } = new MessageChannel();
      const startedMs = Date.now();
      let sampleRate = 48_000;
      const store = (): void => {
        if (unstoredFrames > 0) writer?.append(joinSamples(unstored));
        [unstored, unstoredFrames] = [[], 0];
      };
      const finish = async (): Promise<void> => {
        setState({ phase: 'stopping' });
        try {
          await capture?.stop();
          stopListening();
          store();
          const problem = await within(lastWriteMs, writer?.close() ?? Promise.resolve(''));
          if (problem !== '') notes.push(notStored(problem ?? 'its storage did not answer'));
        } catch (error) {
          notes.push(`The recording may be incomplete: ${messageOf(error)}.`);
        } finally {
          port1.close();
          const note = notes.length > 0 ? { note: notes.join(' ') } : {};
          setState({ phase: 'idle', ...(frames === 0 && notes.length > 0 && { problem: note.note }) });
          if (frames > 0)
            latest.current.onFinished({ samples: joinSamples(chunks), sampleRate, startedMs, ...note });
        }
      };
      stopRef.current = (why) => {
        if (isStopping) return;
        isStopping = true;
        if (why !== undefined) notes.push(why);
        // While the browser asks for permission, there is nothing to end yet.
        if (capture) void finish();
      };
      try {
        capture = await startCapture({
          deviceId,
          processing,
          listener: port2,
          onSamples: (samples) => {
            chunks.push(samples);
            unstored.push(samples);
            frames += samples.length;
            unstoredFrames += samples.length;
            latest.current.live.onSamples(samples, sampleRate);
            if (writer && unstoredFrames >= storeEverySec * sampleRate) store();
            if (frames >= maxRecordingSec * sampleRate)
              stopRef.current(`Recordings end after ${maxRecordingSec / 60} minutes.`);
          },
          onEnded: () => {
            stopRef.current(
              `The microphone was disconnected, or its permission was withdrawn. ${frames > 0 ? 'The recording so far is complete.' : 'Nothing was recorded: start again.'}`,
            );
          },
        });
        ({ sampleRate } = capture);
        if (isStopping) {
          await finish();
          return;
        }
        stopListening = client.listen(
          model.name,
          { port: port1, sampleRate },
          {
            onWindow: (window) => {
              latest.current.live.onWindow(window);
            },
            onSpectrogram: (columns) => {
              latest.current.live.onSpectrogram(columns);
            },
          },
        );
        writer = storeRecording(sampleRate);
        setState({ phase: 'recording', capture });
      } catch (error) {
        port1.close();
        await capture?.stop();
        setState({ phase: 'idle', problem: messageOf(error) });
      }
    },
    [client, model],
  );
  const stop = useCallback((): void => {
    stopRef.current();
  }, []);
  useEffect(() => stop, [stop]);
  return { state, start, stop };
}

const notStored = (problem: string): string =>
  `The browser did not store this recording: ${problem}. Save it as a file before you close the page.`;

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
interface RecordingWriter {
  /** appends samples; writes are in order, one after the other */
  append: (samples: Float32Array) => void;
  /** @returns after everything has been written: the problem of the storage, or an empty string */
  close: () => Promise<string>;
}

/** Starts to store a recording. Deletes earlier ones, except those that another tab is making. Recording goes on if this fails. */
function storeRecording(sampleRate: number): RecordingWriter {
  const id = Date.now();
  let problem = '';
  let release: () => void = () => undefined;
  const isOpen = new Promise<void>((resolve) => {
    release = resolve;
  });
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
  const begin = async (): Promise<void> => {
    // A lock tells other tabs that the recording is not finished. It ends with the page.
    void navigator.locks.request(lockOf(id), () => isOpen);
    for (const earlier of await storedRecordings()) await deleteRecording(earlier.id);
    await write();
  };
  let queue = Promise.resolve();
  const enqueue = (work: () => Promise<void>): void => {
    queue = queue.then(async () => {
      try {
        if (problem === '') await work();
      } catch (error) {
        problem = messageOf(error) || 'its storage failed';
      }
    });
  };
  enqueue(begin);
  return {
    append: (samples) => {
      enqueue(() => write(samples));
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
