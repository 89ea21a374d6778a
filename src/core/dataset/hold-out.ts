import { type Clip, type CorpusName, corpusNames, createRandom, groupBy, type Random } from '../base';
import { sentenceOf } from './labels';

/** Options of {@link speakerFolds}. */
export interface SpeakerFoldsOptions {
  folds: number;
  seed: number;
  /** published fold of each speaker of a corpus; default none: all folds are drawn at random */
  committedFolds?: CommittedFolds;
}

/** Options of the folds in `data/folds/`, and the defaults of `makeSplits`. */
export const committedFoldOptions = { folds: 5, seed: 42 } as const;

/** Reads the published fold of each speaker of a corpus, starting at 1. */
export type CommittedFolds = (corpus: CorpusName) => ReadonlyMap<string, number>;

/**
 * Assigns speakers to folds, within each corpus, balancing number of clips, emotions and (where known) sex. The folds of a corpus
 * do not depend on the other corpora.
 *
 * A corpus with fewer speakers than folds appears in some folds only. With the options of the committed folds (5, seed 42), clips
 * of the four corpora get the folds of `data/folds/`, also if only some speakers are present, so that scores on a sample are
 * comparable with scores on all data. New folds are drawn only if this would put all clips into one fold.
 *
 * @param clips - each with a speaker
 * @returns the fold of each clip, starting at 1
 * @throws InvalidFileError if a committed file is needed and damaged
 */
export function speakerFolds(
  clips: readonly Pick<Clip, 'path' | 'corpus' | 'speaker' | 'emotion' | 'sex'>[],
  { folds, seed, committedFolds }: SpeakerFoldsOptions,
): Int32Array {
  const foldOf = new Int32Array(clips.length);
  const isCommitted =
    committedFolds && folds === committedFoldOptions.folds && seed === committedFoldOptions.seed;
  for (const [corpus, own] of groupBy(clips.keys(), (i) => clips[i].corpus)) {
    const original = corpusNames.find((name) => name === corpus);
    const known = isCommitted && original ? committedFolds(original) : undefined;
    if (known && own.every((i) => known.has(clips[i].speaker!))) {
      for (const i of own) foldOf[i] = known.get(clips[i].speaker!)!;
      continue;
    }
    const parts = divideEvenly(own, {
      keyOf: (i) => clips[i].speaker!,
      strataOf: (i) => ['all', clips[i].emotion, clips[i].sex ?? 'unknown'],
      shares: equalShares(folds),
      random: createRandom(`speaker folds/${seed}/${corpus}`),
    });
    for (const [part, items] of parts.entries()) for (const i of items) foldOf[i] = part + 1;
  }
  const isSingleFold = clips.length > 0 && foldOf.every((fold) => fold === foldOf[0]);
  const speakers = new Set(clips.map(({ speaker }) => speaker)).size;
  return isSingleFold && isCommitted && speakers > 1 ? speakerFolds(clips, { folds, seed }) : foldOf;
}

/** Options of {@link divideEvenly}. */
export interface DivideOptions {
  /** items with the same key stay together */
  keyOf: (item: number) => string;
  /** names of the strata that an item belongs to; each stratum is spread evenly */
  strataOf: (item: number) => readonly string[];
  /** share of the items that each part should get; they sum to 1 */
  shares: readonly number[];
  random: Random;
}

interface Unit {
  items: number[];
  counts: Map<string, number>;
}

/**
 * Divides items into parts of given shares, keeping groups together and spreading every stratum over the parts as evenly as
 * possible.
 *
 * Greedy: the largest group first (groups of equal size in a seeded order), each to the part where it adds least to the sum over
 * strata of (count − target)² / target. The order of the items does not matter.
 *
 * @returns the items of each part; a part is empty if there are fewer groups than parts
 * @see scikit-learn's StratifiedGroupKFold uses the same idea
 */
export function divideEvenly(
  items: readonly number[],
  { keyOf, strataOf, shares, random }: DivideOptions,
): number[][] {
  const totals = new Map<string, number>();
  const units = new Map<string, Unit>();
  for (const item of items) {
    const key = keyOf(item);
    const unit = units.get(key) ?? { items: [], counts: new Map<string, number>() };
    units.set(key, unit);
    unit.items.push(item);
    for (const stratum of strataOf(item)) {
      unit.counts.set(stratum, (unit.counts.get(stratum) ?? 0) + 1);
      totals.set(stratum, (totals.get(stratum) ?? 0) + 1);
    }
  }
  const byKey = [...units].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, unit]) => unit);
  const queue = random.shuffle(byKey).sort((a, b) => b.items.length - a.items.length);

  const parts = shares.map((share) => ({ share, items: [] as number[], counts: new Map<string, number>() }));
  const candidates = random.shuffle(parts); // ties must not always go to the first part
  for (const unit of queue) {
    let best = candidates[0];
    let least = Infinity;
    for (const part of candidates) {
      let cost = 0;
      for (const [stratum, count] of unit.counts) {
        const target = part.share * totals.get(stratum)!;
        cost += (count * (count + 2 * ((part.counts.get(stratum) ?? 0) - target))) / target;
      }
      // Costs that differ only in rounding are equal.
      if (cost < least - 1e-9) [best, least] = [part, cost];
    }
    for (const item of unit.items) best.items.push(item);
    for (const [stratum, count] of unit.counts)
      best.counts.set(stratum, (best.counts.get(stratum) ?? 0) + count);
  }
  return parts.map((part) => part.items);
}

/** `count` equal shares. */
export const equalShares = (count: number): number[] => Array.from({ length: count }, () => 1 / count);

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
  let validation = corpora.flatMap(([corpus]) => {
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
    validation = train.filter((i) => clips[i].speaker === chosen);
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
  let [validation] = divideEvenly(train, {
    keyOf,
    strataOf: (i) => ['all', `${clips[i].corpus}/${clips[i].emotion}`],
    shares: [share, 1 - share],
    random,
  });
  if (validation.length === 0) {
    const [smallest] = [...sizes].sort(([a, m], [b, n]) => m - n || (a < b ? -1 : 1))[0];
    validation = train.filter((i) => keyOf(i) === smallest);
  }
  const note = `validation is of other ${what}s, not of other speakers: ${why}`;
  return { ...take(train, validation), note };
}

function take(train: readonly number[], validation: readonly number[]): ValidationSplit {
  const taken = new Set(validation);
  return { train: train.filter((i) => !taken.has(i)), validation: [...validation] };
}
