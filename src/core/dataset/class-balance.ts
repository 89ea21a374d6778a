import { type Clip, type Emotion, emotions, InvalidArgumentError } from '../base';

/** How a corpus spreads over the emotions, and what a classifier scores that has learnt nothing. */
export interface ClassBalance {
  corpus: string;
  clips: number;
  /** emotions that occur */
  classes: number;
  /** the largest class */
  largest: Emotion;
  /** accuracy of always answering the largest class */
  majorityAccuracy: number;
  /** unweighted average recall (UAR) of the same, and of guessing evenly: one over the classes */
  majorityUar: number;
  /** share of the smallest class, 0 to 1 */
  smallestShare: number;
}

/**
 * The class balance of each corpus and of all pooled: the lines that a score has to be read against.
 *
 * @returns one record a corpus, then `pooled`
 * @throws {@link InvalidArgumentError} if there are no clips
 */
export function classBalance(clips: readonly Pick<Clip, 'corpus' | 'emotion'>[]): ClassBalance[] {
  if (clips.length === 0) throw new InvalidArgumentError('clips', 'a list with at least one clip', []);
  const corpora = [...new Set(clips.map(({ corpus }) => corpus))];
  const of = (corpus: string, own: readonly Pick<Clip, 'emotion'>[]): ClassBalance => {
    const counts = emotions
      .map((emotion) => ({ emotion, count: own.filter((clip) => clip.emotion === emotion).length }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count);
    const share = (count: number): number => count / own.length;
    return {
      corpus,
      clips: own.length,
      classes: counts.length,
      largest: counts[0].emotion,
      majorityAccuracy: share(counts[0].count),
      majorityUar: 1 / counts.length,
      smallestShare: share(counts[counts.length - 1].count),
    };
  };
  const each = corpora.map((corpus) =>
    of(
      corpus,
      clips.filter((clip) => clip.corpus === corpus),
    ),
  );
  return [...each, of('pooled', clips)];
}
