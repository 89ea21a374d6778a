import { type Clip, type CorpusName, corpusNames, createRandom } from '../base';
import { divideEvenly, equalShares } from './divide-evenly';

export interface SpeakerFoldsOptions {
  folds: number;
  seed: number;
  /** the published fold of each speaker of a corpus; default none: all folds are drawn */
  committedFolds?: CommittedFolds;
}

/** Options of the folds in `data/folds/`; also the defaults of `makeSplits`. */
export const committedFoldOptions = { folds: 5, seed: 42 } as const;

/** Reads the published fold of each speaker of a corpus, from 1. */
export type CommittedFolds = (corpus: CorpusName) => ReadonlyMap<string, number>;

/**
 * Puts speakers into folds: in each corpus by itself, so that a corpus has the same folds alone and among others, alike in
 * number of clips, emotions and, where it is known, sex.
 *
 * A corpus with fewer speakers than folds is in some folds only. With the options of the committed folds (5, seed 42),
 * clips of the four corpora are in the folds of `data/folds/`, also when only some of them are there: scores on a
 * sample are then comparable with scores on all. Only if that would put all clips into one fold are they divided anew.
 *
 * @param clips - each with a speaker
 * @returns the fold of each clip, from 1
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
  const isLumped = clips.length > 0 && foldOf.every((fold) => fold === foldOf[0]);
  const speakers = new Set(clips.map(({ speaker }) => speaker)).size;
  return isLumped && isCommitted && speakers > 1 ? speakerFolds(clips, { folds, seed }) : foldOf;
}
