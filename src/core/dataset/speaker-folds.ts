import { type Clip, type CorpusName, corpusNames, createRandom, type Random } from '../base';

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
  for (const corpus of new Set(clips.map((clip) => clip.corpus))) {
    const own = [...clips.keys()].filter((i) => clips[i].corpus === corpus);
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
    best.items.push(...unit.items);
    for (const [stratum, count] of unit.counts)
      best.counts.set(stratum, (best.counts.get(stratum) ?? 0) + count);
  }
  return parts.map((part) => part.items);
}

/** `count` equal shares. */
export const equalShares = (count: number): number[] => Array.from({ length: count }, () => 1 / count);
