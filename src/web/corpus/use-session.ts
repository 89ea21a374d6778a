import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { encodeWav, type Waveform } from '../../core/audio';
import { messageOf } from '../../core/base';
import { checkTake } from './quality';
import { type Session, type Take, withoutTake, withSkipped, withTake } from './session';
import type { CorpusSetup, Prompt } from './setup';
import {
  changeCorpus,
  deleteDraft,
  deleteTake,
  keepTake,
  loadCorpus,
  loadDraft,
  reserveCorpus,
  saveDraft,
  saveTake,
} from './store';

/** A take that is not stored; it is in memory. */
export interface UnsavedTake {
  take: Take;
  wav: Uint8Array<ArrayBuffer>;
  /** it is the unfinished repetition of a stored take; otherwise it could not be stored */
  isUnfinished?: boolean;
}

/** A corpus that is open, and the functions that change it. Each change is stored at once. */
export interface OpenSession {
  session: Session;
  /** what could not be stored or read */
  problem: string | undefined;
  clearProblem: () => void;
  unsaved: readonly UnsavedTake[];
  /** stores an unsaved take, in place of the earlier take of its prompt */
  saveUnsaved: (promptId: string) => void;
  /** gives up an unsaved take */
  discardUnsaved: (promptId: string) => void;
  record: (prompt: Prompt, waveform: Waveform) => void;
  /** keeps the take so far, in case the page is closed before it is complete */
  recordPart: (prompt: Prompt, part: Waveform) => void;
  keep: (promptId: string) => void;
  skip: (promptId: string, isSkipped: boolean) => void;
  remove: (promptId: string) => void;
  changeSetup: (setup: CorpusSetup) => void;
}

/** An undecided take and its WAV file. */
function newTake(prompt: Prompt, waveform: Waveform, recordedAt = new Date().toISOString()): UnsavedTake {
  const wav = new Uint8Array(encodeWav(waveform));
  const { sampleRate } = waveform;
  const quality = checkTake(waveform);
  return { take: { prompt, sampleRate, bytes: wav.length, quality, recordedAt, kept: false }, wav };
}

/** Loads a corpus, and what was stored of a take if the page was closed before it was complete. */
async function restore(
  id: string,
): Promise<{ session: Session | undefined; unfinished?: UnsavedTake | undefined }> {
  const session = await loadCorpus(id);
  const draft = session && (await loadDraft(id));
  if (!draft) return { session };
  const { take, wav } = newTake(draft.prompt, draft, draft.recordedAt);
  // The person decides whether a part of a take is better than the earlier take.
  if (session.takes.has(take.prompt.id)) return { session, unfinished: { take, wav, isUnfinished: true } };
  await saveTake(id, take, wav);
  return { session: withTake(session, take) };
}

/**
 * Opens a corpus of this device.
 *
 * @param id - empty: none
 * @returns `missing` if there is no such corpus; undefined while it is loading
 */
export function useSession(id: string): OpenSession | 'missing' | { problem: string } | undefined {
  const [session, setSession] = useState<Session | 'missing' | undefined>();
  const [problem, setProblem] = useState<string>();
  const [unsaved, setUnsaved] = useState<readonly UnsavedTake[]>([]);
  // Changes in quick succession must all start from the latest session.
  const latest = useRef<Session | undefined>(undefined);

  useEffect(() => {
    let isCurrent = true;
    latest.current = undefined;
    setSession(undefined);
    setProblem(undefined);
    setUnsaved([]);
    let release: (() => void) | undefined;
    const openCorpus = async (): Promise<void> => {
      try {
        const reserved = await reserveCorpus(id);
        if (!isCurrent) {
          reserved();
          return;
        }
        release = reserved;
        const { session: found, unfinished } = await restore(id);
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it changes while the corpus is read
        if (!isCurrent) return;
        latest.current = found;
        setSession(found ?? 'missing');
        if (!unfinished) return;
        setUnsaved([unfinished]);
        setProblem('The page was closed while a recording was repeated. The earlier recording is unchanged.');
      } catch (error) {
        if (isCurrent) setProblem(messageOf(error));
      }
    };
    if (id !== '') void openCorpus();
    return () => {
      isCurrent = false;
      release?.();
    };
  }, [id]);

  const isUnsaved = unsaved.length > 0;
  useEffect(() => {
    if (!isUnsaved) return undefined;
    const warn = (event: BeforeUnloadEvent): void => {
      event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => {
      removeEventListener('beforeunload', warn);
    };
  }, [isUnsaved]);

  const show = useCallback((next: Session): Session => {
    latest.current = next;
    setSession(next);
    return next;
  }, []);
  const fail = useCallback((error: unknown): void => {
    setProblem(messageOf(error));
  }, []);

  const store = useCallback(
    (corpus: string, { take, wav }: UnsavedTake): void => {
      const isOfPrompt = (other: UnsavedTake): boolean => other.take.prompt.id === take.prompt.id;
      saveTake(corpus, take, wav).then(
        () => {
          if (latest.current?.id !== corpus) return;
          show(withTake(latest.current, take));
          setUnsaved((all) => all.filter((other) => !isOfPrompt(other)));
        },
        (error: unknown) => {
          fail(error);
          setUnsaved((all) => [...all.filter((other) => !isOfPrompt(other)), { take, wav }]);
        },
      );
    },
    [fail, show],
  );

  if (session === undefined) return problem === undefined ? undefined : { problem };
  if (session === 'missing') return 'missing';
  return {
    session,
    problem,
    clearProblem: () => {
      setProblem(undefined);
    },
    unsaved,
    saveUnsaved: (promptId) => {
      setProblem(undefined);
      for (const one of unsaved) if (one.take.prompt.id === promptId) store(session.id, one);
    },
    discardUnsaved: (promptId) => {
      const [discarded] = unsaved.filter(({ take }) => take.prompt.id === promptId);
      if (discarded.isUnfinished) deleteDraft(session.id).catch(fail);
      setUnsaved((all) => all.filter((other) => other !== discarded));
      setProblem(undefined);
    },
    // Of the session on the screen: the recording also ends when the address changes to another corpus.
    record: (prompt, waveform) => {
      store(session.id, newTake(prompt, waveform));
    },
    recordPart: (prompt, { samples, sampleRate }) => {
      // If it fails, storing the complete take fails as well, and is reported.
      saveDraft(session.id, { prompt, samples, sampleRate, recordedAt: new Date().toISOString() }).catch(
        () => undefined,
      );
    },
    keep: (promptId) => {
      const take = latest.current?.takes.get(promptId);
      if (!take || !latest.current) return;
      show(withTake(latest.current, { ...take, kept: true }));
      keepTake(session.id, take).catch(fail);
    },
    skip: (promptId, isSkipped) => {
      if (!latest.current) return;
      show(withSkipped(latest.current, promptId, isSkipped));
      changeCorpus(session.id, ({ skipped }) => ({
        skipped: [...skipped.filter((other) => other !== promptId), ...(isSkipped ? [promptId] : [])],
      })).catch(fail);
    },
    remove: (promptId) => {
      if (!latest.current) return;
      const { id: corpus } = latest.current;
      deleteTake(corpus, promptId).then(() => {
        if (latest.current?.id === corpus) show(withoutTake(latest.current, promptId));
      }, fail);
    },
    changeSetup: (setup) => {
      if (!latest.current) return;
      show({ ...latest.current, setup });
      changeCorpus(session.id, () => ({ setup })).catch(fail);
    },
  };
}
