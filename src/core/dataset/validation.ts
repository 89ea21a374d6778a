import type { Clip, Random } from '../base';
import { sentenceOf } from './labels';
import { divideEvenly } from './speaker-folds';

/** How much of the training set is held out for validation. */
export interface HoldOutOptions {
  /** target share of the training clips (of each corpus, where whole speakers are moved), 0 (none) to 0.5 */
  share: number;
  random: Random;
}

/** Training clips divided into training and validation, as indices. */
export interface ValidationSplit {
  train: number[];
  validation: number[];
  /** how the validation set was chosen, if not by the usual rule */
  note?: string;
}

type LabelledClip = Pick<Clip, 'path' | 'corpus' | 'speaker' | 'emotion' | 'sex' | 'sentence'>;

/**
 * Moves whole speakers of each corpus from training to validation, balancing emotions and sex.
 *
 * Each corpus keeps most of its speakers: one with few speakers contributes none if others do (with a share of 0.1 those with up to
 * about five: TESS, SAVEE), so that the share of all clips is often smaller than the target. If no corpus contributes, one speaker of
 * the corpus with the most speakers is used. If no corpus has two speakers, whole sentences
 * are used instead, which the note states.
 *
 * @param train - indices of clips
 */
export function holdOutSpeakers(
  clips: readonly LabelledClip[],
  train: readonly number[],
  { share, random }: HoldOutOptions,
): ValidationSplit {
  if (share === 0) return { train: [...train], validation: [] };
  if (train.some((i) => clips[i].speaker === undefined)) {
    return holdOutSentences(
      clips,
      train,
      { share, random },
      'the speakers of the training clips are unknown',
    );
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
    return holdOutSentences(
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

/** Moves recordings from training to validation, stratified by corpus and emotion. */
export function holdOutClips(
  clips: readonly LabelledClip[],
  train: readonly number[],
  { share, random, groupOf }: HoldOutOptions & { groupOf: readonly string[] },
): ValidationSplit {
  if (share === 0) return { train: [...train], validation: [] };
  const [validation] = divideEvenly(train, {
    keyOf: (i) => groupOf[i],
    strataOf: (i) => ['all', clips[i].corpus, `${clips[i].corpus}/${clips[i].emotion}`],
    shares: [share, 1 - share],
    random,
  });
  return take(train, validation);
}

/**
 * Moves whole sentences from training to validation, for data with unknown speakers or a single speaker. Uses the smallest
 * sentence if every sentence is larger than the share, and none if there are fewer than two sentences.
 */
function holdOutSentences(
  clips: readonly LabelledClip[],
  train: readonly number[],
  { share, random }: HoldOutOptions,
  why: string,
): ValidationSplit {
  const keyOf = (i: number): string => sentenceOf(clips[i]) ?? clips[i].path;
  const sizes = new Map<string, number>();
  for (const i of train) sizes.set(keyOf(i), (sizes.get(keyOf(i)) ?? 0) + 1);
  const what = train.every((i) => sentenceOf(clips[i])) ? 'sentence' : 'recording';
  if (sizes.size < 2) {
    const note = `there is no validation: training is of one ${what}, and ${why}`;
    return { ...take(train, []), note };
  }
  const [validation] = divideEvenly(train, {
    keyOf,
    strataOf: (i) => ['all', `${clips[i].corpus}/${clips[i].emotion}`],
    shares: [share, 1 - share],
    random,
  });
  if (validation.length === 0) {
    const [smallest] = [...sizes].sort(([a, m], [b, n]) => m - n || (a < b ? -1 : 1))[0];
    validation.push(...train.filter((i) => keyOf(i) === smallest));
  }
  const note = `validation is of other ${what}s, not of other speakers: ${why}`;
  return { ...take(train, validation), note };
}

function take(train: readonly number[], validation: readonly number[]): ValidationSplit {
  const taken = new Set(validation);
  return { train: train.filter((i) => !taken.has(i)), validation: [...validation] };
}
