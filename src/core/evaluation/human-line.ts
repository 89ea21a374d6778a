import { type Clip, type Emotion, emotions, InvalidArgumentError, type VoiceVotes } from '../base';

/** How well human listeners recognise the acted emotion from the voice alone. */
export interface HumanLine {
  /**
   * `votes`: every vote of every listener; `clips`: the emotion with the most votes of each clip (shared equally if tied), where
   * only that is known. The majority is correct more often than single listeners, so the two must not be compared.
   */
  unit: 'votes' | 'clips';
  /** number of clips with votes */
  clips: number;
  /** number of votes, or of clips if only the majority is known */
  total: number;
  /** share of `total` that matches the acted emotion */
  accuracy: number;
  /** mean recall of the emotions with votes */
  meanRecall: number;
  /** acted emotions and possible answers */
  classes: Emotion[];
  /** by acted emotion, in the order of `classes` */
  perEmotion: HumanRecall[];
  /** number of answers by acted and recognised emotion; shape [acted, recognised] */
  counts: Float64Array;
}

/** Recognition of one acted emotion. */
export interface HumanRecall {
  emotion: Emotion;
  clips: number;
  /** number of votes or clips */
  total: number;
  /** share of `total` that matches the acted emotion; NaN for an emotion that was voted for but never acted */
  recall: number;
  /** mean share of a clip's votes for its majority, 1 if listeners always agree; only with votes for an acted emotion */
  agreement?: number;
}

/**
 * Human baseline: CREMA-D's listeners, voice only. Uses every vote if `tabulatedVotes.csv` is available, or the majority of each
 * clip with only `summaryTable.csv`.
 *
 * On all 7,442 clips with 68,568 votes: accuracy 40.0 %, mean recall 40.7 %.
 *
 * @param clips - clips without votes are ignored
 * @throws {@link InvalidArgumentError} if no clip has votes, or only some have counts
 * @see Cao et al. (2014), CREMA-D, doi 10.1109/TAFFC.2014.2336244
 * @example
 * ```ts
 * humanLine(corpora.clips).accuracy; // share of votes for the acted emotion
 * ```
 */
export function humanLine(clips: readonly Pick<Clip, 'emotion' | 'votes'>[]): HumanLine {
  const rated = clips
    .flatMap(({ emotion, votes }) => (votes ? [{ emotion, ...ballotOf(votes) }] : []))
    .filter(({ total }) => total > 0);
  if (rated.length === 0) {
    throw new InvalidArgumentError('clips', "clips with listeners' votes (CREMA-D with its vote tables)", []);
  }
  const unit = rated[0].unit;
  if (rated.some((one) => one.unit !== unit)) {
    throw new InvalidArgumentError('clips', 'clips that either all or none have counts of votes', 'some');
  }
  const classes = emotions.filter((emotion) =>
    rated.some((one) => one.emotion === emotion || (one.votes[emotion] ?? 0) > 0),
  );
  const size = classes.length;
  const counts = new Float64Array(size * size);
  const perEmotion = classes.map((emotion, acted): HumanRecall => {
    const own = rated.filter((one) => one.emotion === emotion);
    classes.forEach((other, k) => (counts[acted * size + k] = sumOf(own, ({ votes }) => votes[other] ?? 0)));
    const total = sumOf(own, (one) => one.total);
    const agreement = sumOf(own, (one) => Math.max(...Object.values(one.votes)) / one.total) / own.length;
    return {
      emotion,
      clips: own.length,
      total,
      recall: counts[acted * (size + 1)] / total,
      ...(unit === 'votes' && own.length > 0 && { agreement }),
    };
  });
  const acted = perEmotion.filter((one) => one.clips > 0);
  const total = sumOf(rated, (one) => one.total);
  return {
    unit,
    clips: rated.length,
    total,
    accuracy: sumOf(classes, (_, k) => counts[k * (size + 1)]) / total,
    meanRecall: sumOf(acted, ({ recall }) => recall) / acted.length,
    classes,
    perEmotion,
    counts,
  };
}

/** The votes on a clip, or one vote shared by the emotions with the majority. */
function ballotOf({ emotions: winners, counts }: VoiceVotes): {
  unit: HumanLine['unit'];
  votes: Partial<Record<Emotion, number>>;
  total: number;
} {
  if (counts) return { unit: 'votes', votes: counts, total: sumOf(Object.values(counts), (count) => count) };
  const votes = Object.fromEntries(winners.map((winner) => [winner, 1 / winners.length]));
  return { unit: 'clips', votes, total: 1 };
}

function sumOf<T>(items: readonly T[], of: (item: T, index: number) => number): number {
  return items.reduce((total, item, i) => total + of(item, i), 0);
}
