import type { Clip } from '../base';

/** Rows that are resampled together, since they say much the same: all of one speaker. */
export interface Clusters {
  /** cluster of each row; shape [rows] */
  of: Int32Array;
  count: number;
  by: 'speakers' | 'clips';
  /** what to bear in mind */
  note?: string;
}

/** Below so many speakers an interval is too narrow more often than not. */
const fewSpeakers = 10;

/**
 * Groups rows by speaker. Where no clip names its speaker, or all are of one, rows are grouped by clip, and the note says
 * so: the interval then says nothing of other speakers.
 *
 * @param clips - one a row
 */
export function clusterRows(clips: readonly Pick<Clip, 'speaker' | 'path'>[]): Clusters {
  const speakers = new Set(clips.map(({ speaker }) => speaker));
  const someUnknown = speakers.delete(undefined);
  const by = speakers.size === 0 || (speakers.size === 1 && !someUnknown) ? 'clips' : 'speakers';
  const numbers = new Map<string, number>();
  const of = Int32Array.from(clips, ({ speaker, path }) => {
    const key = by === 'clips' || speaker === undefined ? `clip ${path}` : `speaker ${speaker}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
  const note = noteOn(speakers.size, someUnknown);
  return { of, count: numbers.size, by, ...(note !== undefined && { note }) };
}

function noteOn(speakers: number, someUnknown: boolean): string | undefined {
  if (speakers === 0) return 'no clip names its speaker: resampled by clips';
  if (someUnknown) return 'clips that name no speaker count as a speaker each';
  if (speakers === 1) return 'one speaker: resampled by clips, which says nothing of other speakers';
  return speakers < fewSpeakers ? `only ${speakers} speakers: the interval may be too narrow` : undefined;
}
