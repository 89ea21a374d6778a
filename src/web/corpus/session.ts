import { type CorpusSetup, planPrompts, type Prompt } from './setup';
import type { TakeQuality } from './quality';

/** A stored recording of a prompt; its audio is in the store. */
export interface Take {
  /** the prompt, kept with the take, so that nothing is lost if the setup changes */
  prompt: Prompt;
  /** Hz */
  sampleRate: number;
  /** size of the WAV file, bytes */
  bytes: number;
  quality: TakeQuality;
  /** UTC, ISO 8601 */
  recordedAt: string;
  /** kept by the person; otherwise undecided */
  kept: boolean;
}

/** A corpus in the making. Functions return changed copies. */
export interface Session {
  /** identifies the corpus on this device; in `clips.csv`, so that a later export of the same corpus is recognised */
  id: string;
  setup: CorpusSetup;
  /** UTC, ISO 8601 */
  createdAt: string;
  /** by prompt id */
  takes: ReadonlyMap<string, Take>;
  /** ids of prompts to leave out */
  skipped: ReadonlySet<string>;
}

/** What has happened to a prompt; a recorded take waits for the decision to keep or to repeat it. */
export type PromptState = 'to do' | 'recorded' | 'kept' | 'skipped';

/** The state of a prompt. A take counts more than an earlier decision to skip. */
export function promptState({ takes, skipped }: Session, id: string): PromptState {
  const take = takes.get(id);
  if (take) return take.kept ? 'kept' : 'recorded';
  return skipped.has(id) ? 'skipped' : 'to do';
}

/** Adds or replaces the take of a prompt. */
export function withTake(session: Session, take: Take): Session {
  return {
    ...withSkipped(session, take.prompt.id, false),
    takes: new Map(session.takes).set(take.prompt.id, take),
  };
}

/** Removes the take of a prompt: it is to do again. */
export function withoutTake(session: Session, id: string): Session {
  const takes = new Map(session.takes);
  takes.delete(id);
  return { ...session, takes };
}

/** Marks a prompt as skipped, or not. */
export function withSkipped(session: Session, id: string, isSkipped: boolean): Session {
  if (session.skipped.has(id) === isSkipped) return session;
  const skipped = new Set(session.skipped);
  if (isSkipped) skipped.add(id);
  else skipped.delete(id);
  return { ...session, skipped };
}

/** Takes that no prompt of the setup needs any more, for example of a removed sentence. They stay, and are exported. */
export function extraTakes(session: Session): Take[] {
  const planned = new Set(planPrompts(session.setup).map(({ id }) => id));
  return [...session.takes.values()].filter(({ prompt }) => !planned.has(prompt.id));
}

/**
 * The next prompt without a decision: to do, or recorded and neither kept nor repeated.
 *
 * @param prompts - in order
 * @param after - index to start after; the search continues at the beginning
 * @returns its index, or −1 if there is none
 */
export function nextOpen(session: Session, prompts: readonly Prompt[], after = -1): number {
  for (let step = 1; step <= prompts.length; step++) {
    const index = (after + step) % prompts.length;
    const state = promptState(session, prompts[index].id);
    if (state === 'to do' || state === 'recorded') return index;
  }
  return -1;
}

/** Numbers of prompts by state. */
export interface Progress {
  total: number;
  kept: number;
  recorded: number;
  skipped: number;
}

/** Progress over all prompts, and for each speaker and emotion. */
export interface SessionProgress {
  all: Progress;
  /** in the order of the setup */
  speakers: { speaker: string; all: Progress; emotions: { emotion: string; progress: Progress }[] }[];
}

/** Counts what is recorded and what is still to do. */
export function progressOf(session: Session): SessionProgress {
  const empty = (): Progress => ({ total: 0, kept: 0, recorded: 0, skipped: 0 });
  const all = empty();
  const speakers = new Map<string, { all: Progress; emotions: Map<string, Progress> }>();
  for (const { id, speaker, emotion } of planPrompts(session.setup)) {
    const own = speakers.get(speaker) ?? { all: empty(), emotions: new Map<string, Progress>() };
    speakers.set(speaker, own);
    const cell = own.emotions.get(emotion) ?? empty();
    own.emotions.set(emotion, cell);
    const state = promptState(session, id);
    for (const progress of [all, own.all, cell]) {
      progress.total++;
      if (state !== 'to do') progress[state]++;
    }
  }
  const { emotions } = session.setup;
  return {
    all,
    speakers: [...speakers].map(([speaker, own]) => ({
      speaker,
      all: own.all,
      emotions: emotions.map((emotion) => ({ emotion, progress: own.emotions.get(emotion)! })),
    })),
  };
}
