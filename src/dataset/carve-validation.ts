import type { Clip } from '../corpora';
import type { Random } from '../random';
import { divideEvenly } from './divide-evenly';
import { sentenceOf } from './sentence-of';

export interface CarveOptions {
  /** the part of the training clips, from 0 (none) to 0.5 */
  share: number;
  random: Random;
}

export interface Carved {
  train: number[];
  validation: number[];
  /** what the reader of a score has to know of how it was done */
  note?: string;
}

type LabelledClip = Pick<Clip, 'path' | 'corpus' | 'speaker' | 'emotion' | 'sex' | 'sentence'>;

/**
 * Takes whole speakers out of the training clips for validation, from each corpus its share, alike in emotions and sex.
 *
 * Each corpus keeps most of its speakers: one with few (SAVEE: 3 in training) gives none when others give some. If none gives
 * any, one speaker of the corpus that has most is taken; if no corpus has two, sentences are taken instead, and said so.
 *
 * @param train - indices of clips
 */
export function carveSpeakers(
  clips: readonly LabelledClip[],
  train: readonly number[],
  { share, random }: CarveOptions,
): Carved {
  if (share === 0) return { train: [...train], validation: [] };
  if (train.some((i) => clips[i].speaker === undefined)) {
    return carveSentences(clips, train, { share, random }, 'the speakers of the training clips are unknown');
  }
  const speakersOf = new Map<string, Set<string>>();
  for (const i of train) {
    const { corpus, speaker } = clips[i];
    speakersOf.set(corpus, (speakersOf.get(corpus) ?? new Set()).add(speaker!));
  }
  const corpora = [...speakersOf]
    .filter(([, speakers]) => speakers.size > 1)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (corpora.length === 0) {
    const names = [...speakersOf.values()].flatMap((speakers) => [...speakers]).sort();
    return carveSentences(
      clips,
      train,
      { share, random },
      `the training clips of a corpus are of one speaker (${names.join(', ')})`,
    );
  }
  const validation = corpora.flatMap(([corpus]) => {
    const own = train.filter((i) => clips[i].corpus === corpus);
    const [part] = divideEvenly(own, {
      keyOf: (i) => clips[i].speaker!,
      strataOf: (i) => ['all', clips[i].emotion, clips[i].sex ?? 'unknown'],
      shares: [share, 1 - share],
      random,
    });
    return part;
  });
  if (validation.length === 0) {
    const [, most] = corpora.reduce((a, b) => (b[1].size > a[1].size ? b : a));
    const chosen = random.pick([...most].sort());
    validation.push(...train.filter((i) => clips[i].speaker === chosen));
  }
  const given = new Set(validation.map((i) => clips[i].corpus));
  const without = [...speakersOf.keys()].filter((corpus) => !given.has(corpus)).sort();
  const note = `validation has no clips of ${without.join(', ')}: too few speakers there to spare one`;
  return { ...take(train, validation), ...(without.length > 0 && { note }) };
}

/** Takes recordings, stratified by corpus and emotion. */
export function carveClips(
  clips: readonly LabelledClip[],
  train: readonly number[],
  { share, random, groupOf }: CarveOptions & { groupOf: readonly string[] },
): Carved {
  if (share === 0) return { train: [...train], validation: [] };
  const [validation] = divideEvenly(train, {
    keyOf: (i) => groupOf[i],
    strataOf: (i) => ['all', clips[i].corpus, `${clips[i].corpus}/${clips[i].emotion}`],
    shares: [share, 1 - share],
    random,
  });
  return take(train, validation);
}

/** Takes whole sentences, where speakers cannot be told apart or there is only one. */
function carveSentences(
  clips: readonly LabelledClip[],
  train: readonly number[],
  { share, random }: CarveOptions,
  why: string,
): Carved {
  const [validation] = divideEvenly(train, {
    keyOf: (i) => sentenceOf(clips[i]) ?? clips[i].path,
    strataOf: (i) => ['all', `${clips[i].corpus}/${clips[i].emotion}`],
    shares: [share, 1 - share],
    random,
  });
  const what = train.every((i) => sentenceOf(clips[i])) ? 'sentences' : 'recordings';
  const note = `validation is of other ${what}, not of other speakers: ${why}`;
  return { ...take(train, validation), note };
}

function take(train: readonly number[], validation: readonly number[]): Carved {
  const taken = new Set(validation);
  return { train: train.filter((i) => !taken.has(i)), validation: [...validation] };
}
