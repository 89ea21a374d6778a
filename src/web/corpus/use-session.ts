import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { encodeWav, type Waveform } from '../../core/audio';
import { messageOf } from '../../core/base';
import { checkTake } from './quality';
import { type Session, type Take, withoutTake, withSkipped, withTake } from './session';
import type { CorpusSetup, Prompt } from './setup';
import { deleteTake, loadCorpus, loadDraft, saveCorpus, saveDraft, saveTake } from './store';

/** A take that could not be stored; it is in memory. */
export interface UnsavedTake {
  take: Take;
  wav: Uint8Array<ArrayBuffer>;
}

/** A corpus that is open, and the functions that change it. Each change is stored at once. */
export interface OpenSession {
  session: Session;
  /** what could not be stored or read */
  problem: string | undefined;
  clearProblem: () => void;
  unsaved: readonly UnsavedTake[];
  /** tries again to store the unsaved takes */
  saveAgain: () => void;
  /** gives up a take that could not be stored */
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

/** Loads a corpus. If the page was closed during a take, the part that was stored becomes an undecided take. */
async function restore(id: string): Promise<Session | undefined> {
  const session = await loadCorpus(id);
  const draft = session && (await loadDraft(id));
  if (!draft) return session;
  const { take, wav } = newTake(draft.prompt, draft, draft.recordedAt);
  const restored = withTake(session, take);
  await saveTake(restored, take, wav);
  return restored;
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
    if (id !== '') {
      restore(id).then(
        (found) => {
          if (!isCurrent) return;
          latest.current = found;
          setSession(found ?? 'missing');
        },
        (error: unknown) => {
          if (isCurrent) setProblem(messageOf(error));
        },
      );
    }
    return () => {
      isCurrent = false;
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
    ({ take, wav }: UnsavedTake): void => {
      const before = latest.current;
      if (!before) return;
      const next = withTake(before, take);
      const isOfPrompt = (other: UnsavedTake): boolean => other.take.prompt.id === take.prompt.id;
      saveTake(next, take, wav).then(
        () => {
          if (latest.current?.id !== before.id) return;
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
    saveAgain: () => {
      setProblem(undefined);
      for (const one of unsaved) store(one);
    },
    discardUnsaved: (promptId) => {
      setUnsaved((all) => all.filter(({ take }) => take.prompt.id !== promptId));
      setProblem(undefined);
    },
    record: (prompt, waveform) => {
      store(newTake(prompt, waveform));
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
      const kept = { ...take, kept: true };
      saveTake(show(withTake(latest.current, kept)), kept).catch(fail);
    },
    skip: (promptId, isSkipped) => {
      if (latest.current) saveCorpus(show(withSkipped(latest.current, promptId, isSkipped))).catch(fail);
    },
    remove: (promptId) => {
      if (!latest.current) return;
      const { id: corpus } = latest.current;
      deleteTake(corpus, promptId).then(() => {
        if (latest.current?.id === corpus) show(withoutTake(latest.current, promptId));
      }, fail);
    },
    changeSetup: (setup) => {
      if (latest.current) saveCorpus(show({ ...latest.current, setup })).catch(fail);
    },
  };
}
