import { type DBSchema, type IDBPDatabase, type IDBPObjectStore, openDB } from 'idb';
import type { Waveform } from '../../core/audio';
import { messageOf, WorkbenchError } from '../../core/base';
import type { Session, Take } from './session';
import type { CorpusSetup, Prompt } from './setup';

/** A stored corpus without its takes. */
interface StoredCorpus {
  id: string;
  setup: CorpusSetup;
  createdAt: string;
  /** time of the last change; UTC, ISO 8601 */
  changedAt: string;
  /** ids of skipped prompts */
  skipped: string[];
}

interface Schema extends DBSchema {
  corpora: { key: string; value: StoredCorpus };
  takes: { key: [corpus: string, prompt: string]; value: Take };
  /** WAV files of the takes */
  audio: { key: [corpus: string, prompt: string]; value: Uint8Array<ArrayBuffer> };
  /** the unfinished take of each corpus */
  drafts: { key: string; value: Draft };
}

/** A take that is being recorded. It is found again if the page is closed before the take is complete. */
export interface Draft extends Waveform {
  prompt: Prompt;
  /** UTC, ISO 8601 */
  recordedAt: string;
}

/** A corpus in a list. */
export interface CorpusEntry {
  id: string;
  name: string;
  changedAt: string;
  takes: number;
  /** size of its recordings, bytes */
  bytes: number;
}

/** The browser could not store or read something. What was stored before is unchanged. */
export class StorageError extends WorkbenchError {
  override name = 'StorageError';
}

let database: Promise<IDBPDatabase<Schema>> | undefined;

function open(): Promise<IDBPDatabase<Schema>> {
  database ??= openDB<Schema>('speech-emotion-workbench-corpora', 1, {
    upgrade: (created) => {
      created.createObjectStore('corpora', { keyPath: 'id' });
      created.createObjectStore('takes');
      created.createObjectStore('audio');
      created.createObjectStore('drafts');
    },
    // The browser closed it, for example because the user deleted the site's data: open it again at the next call.
    terminated: () => {
      database = undefined;
    },
  });
  database.catch(() => {
    database = undefined;
  });
  return database;
}

/** Does something with the database. @throws {@link StorageError} with reason and remedy */
async function use<Result>(
  what: string,
  work: (db: IDBPDatabase<Schema>) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(await open());
  } catch (error) {
    throw error instanceof WorkbenchError ? error : new StorageError(`${what}: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  switch ((error as DOMException).name) {
    case 'QuotaExceededError':
      return 'the browser has no more room for this page. Export a finished corpus, delete it here, or free space on the disk; then try again.';
    case 'InvalidStateError':
    case 'SecurityError':
      return 'the browser does not let this page store anything. Leave the private window, or permit site data in the settings.';
    default:
      return `the browser's storage failed (${messageOf(error)}). Try again, or reload the page.`;
  }
}

/** Waiting time for a corpus that this tab has just closed, ms. */
const closingMs = 1000;

/**
 * Reserves a corpus for this tab: two tabs would overwrite each other's changes. Ends with the page at the latest.
 *
 * @returns a function that releases it
 * @throws {@link StorageError} if another tab has it
 */
export function reserveCorpus(id: string): Promise<() => void> {
  // Pages without locks are not from https:// or this computer, and cannot record either.
  if (!('locks' in navigator)) return Promise.resolve(() => undefined);
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(closingMs);
    const hold = (): Promise<void> =>
      new Promise((release) => {
        resolve(release);
      });
    navigator.locks.request(`corpus ${id}`, { signal }, hold).catch((error: unknown) => {
      reject(
        signal.aborted
          ? new StorageError('This corpus is open in another tab. Close it there first, then try again here.')
          : new StorageError(`The corpus cannot be opened: ${reasonOf(error)}`),
      );
    });
  });
}

const rangeOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id], [id, []]);

/** All corpora on this device, the last changed first. */
export function listCorpora(): Promise<CorpusEntry[]> {
  return use('The corpora cannot be listed', async (db) => {
    const transaction = db.transaction(['corpora', 'takes']);
    const corpora = await transaction.objectStore('corpora').getAll();
    const entries: CorpusEntry[] = [];
    for (const { id, setup, changedAt } of corpora) {
      const takes = await transaction.objectStore('takes').getAll(rangeOf(id));
      const bytes = takes.reduce((sum, take) => sum + take.bytes, 0);
      entries.push({ id, name: setup.name, changedAt, takes: takes.length, bytes });
    }
    return entries.sort((a, b) => (a.changedAt < b.changedAt ? 1 : -1));
  });
}

/** Loads a corpus. @returns undefined if it was deleted, for example in another tab */
export function loadCorpus(id: string): Promise<Session | undefined> {
  return use('The corpus cannot be opened', async (db) => {
    const transaction = db.transaction(['corpora', 'takes']);
    const stored = await transaction.objectStore('corpora').get(id);
    if (!stored) return undefined;
    const takes = await transaction.objectStore('takes').getAll(rangeOf(id));
    const { setup, createdAt, skipped } = stored;
    return {
      id,
      setup,
      createdAt,
      skipped: new Set(skipped),
      takes: new Map(takes.map((take) => [take.prompt.id, take])),
    };
  });
}

/** Creates a corpus without takes. */
export function createCorpus({ id, setup, createdAt, skipped }: Omit<Session, 'takes'>): Promise<void> {
  return use('The corpus cannot be stored', async (db) => {
    const changedAt = new Date().toISOString();
    await db.add('corpora', { id, setup, createdAt, changedAt, skipped: [...skipped] });
  });
}

/** Changes setup or skipped prompts of a corpus; its takes stay. */
export function changeCorpus(
  id: string,
  change: (before: StoredCorpus) => Partial<Pick<StoredCorpus, 'setup' | 'skipped'>>,
): Promise<void> {
  return use('The corpus cannot be stored', async (db) => {
    const transaction = db.transaction('corpora', 'readwrite');
    await update(transaction.store, id, change);
    await transaction.done;
  });
}

/** Changes a corpus within a transaction. @throws {@link StorageError} if it was deleted */
async function update(
  corpora: IDBPObjectStore<Schema, ('corpora' | 'takes' | 'audio' | 'drafts')[], 'corpora', 'readwrite'>,
  id: string,
  change: (before: StoredCorpus) => Partial<StoredCorpus>,
): Promise<void> {
  const before = await corpora.get(id);
  if (!before) throw new StorageError('The corpus is no longer on this device; it may have been deleted.');
  await corpora.put({ ...before, ...change(before), changedAt: new Date().toISOString() });
}

/**
 * Stores a take with its audio, in one step: if it fails, the earlier take of the prompt is still there. The prompt is then no longer
 * skipped.
 */
export function saveTake(id: string, take: Take, wav: Uint8Array<ArrayBuffer>): Promise<void> {
  return use('The recording cannot be stored', async (db) => {
    const transaction = db.transaction(['corpora', 'takes', 'audio', 'drafts'], 'readwrite', {
      durability: 'strict',
    });
    const key: [string, string] = [id, take.prompt.id];
    await update(transaction.objectStore('corpora'), id, ({ skipped }) => ({
      skipped: skipped.filter((prompt) => prompt !== take.prompt.id),
    }));
    await Promise.all([
      transaction.objectStore('audio').put(wav, key),
      transaction.objectStore('takes').put(take, key),
      transaction.objectStore('drafts').delete(id),
      transaction.done,
    ]);
  });
}

/** Marks a take as kept. @throws {@link StorageError} if the stored take is another one */
export function keepTake(id: string, { prompt, recordedAt }: Take): Promise<void> {
  return use('The recording cannot be kept', async (db) => {
    const transaction = db.transaction(['corpora', 'takes'], 'readwrite', { durability: 'strict' });
    const takes = transaction.objectStore('takes');
    const stored = await takes.get([id, prompt.id]);
    if (stored?.recordedAt !== recordedAt)
      throw new StorageError('It was deleted or replaced meanwhile. Reload the page.');
    await takes.put({ ...stored, kept: true }, [id, prompt.id]);
    await update(transaction.objectStore('corpora'), id, () => ({}));
    await transaction.done;
  });
}

/** Stores the unfinished take of a corpus; the complete take replaces it. */
export function saveDraft(id: string, draft: Draft): Promise<void> {
  return use('The recording cannot be stored', async (db) => {
    await db.put('drafts', draft, id);
  });
}

/** Deletes the unfinished take of a corpus. */
export function deleteDraft(id: string): Promise<void> {
  return use('The recording cannot be deleted', (db) => db.delete('drafts', id));
}

/** The take that was being recorded when the page was closed. */
export function loadDraft(id: string): Promise<Draft | undefined> {
  return use('The corpus cannot be opened', (db) => db.get('drafts', id));
}

/** Deletes a take. */
export function deleteTake(id: string, promptId: string): Promise<void> {
  return use('The recording cannot be deleted', async (db) => {
    const transaction = db.transaction(['takes', 'audio'], 'readwrite');
    await Promise.all([
      transaction.objectStore('takes').delete([id, promptId]),
      transaction.objectStore('audio').delete([id, promptId]),
      transaction.done,
    ]);
  });
}

/** The WAV file of a take. @throws {@link StorageError} if it is missing */
export function readWav(id: string, take: Take): Promise<Uint8Array<ArrayBuffer>> {
  return use('The recording cannot be read', async (db) => {
    const wav = await db.get('audio', [id, take.prompt.id]);
    if (!wav) throw new StorageError('The recording is missing in the browser; record it again.');
    return wav;
  });
}

/** Deletes a corpus with all its takes. */
export function deleteCorpus(id: string): Promise<void> {
  return use('The corpus cannot be deleted', async (db) => {
    const transaction = db.transaction(['corpora', 'takes', 'audio', 'drafts'], 'readwrite');
    await Promise.all([
      transaction.objectStore('corpora').delete(id),
      transaction.objectStore('drafts').delete(id),
      transaction.objectStore('takes').delete(rangeOf(id)),
      transaction.objectStore('audio').delete(rangeOf(id)),
      transaction.done,
    ]);
  });
}

/** Whether the browser keeps what this page stores, and how much room is left. */
export interface StorageState {
  /** the browser promises not to delete it on its own when the disk is full */
  isPersistent: boolean;
  /** bytes that can still be stored; undefined if unknown */
  freeBytes?: number;
}

/** Asks the browser to keep what this page stores; some browsers ask the user. */
export async function requestPersistence(): Promise<StorageState> {
  if (!('storage' in navigator)) return { isPersistent: false };
  const isPersistent = await navigator.storage.persist().catch(() => false);
  const { quota, usage } = await navigator.storage.estimate().catch((): StorageEstimate => ({}));
  const isKnown = quota !== undefined && usage !== undefined;
  return { isPersistent, ...(isKnown && { freeBytes: Math.max(0, quota - usage) }) };
}
