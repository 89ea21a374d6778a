import { type Clip, type Emotion, emotions, InvalidArgumentError, type VoiceVotes } from '../base';

/** How well listeners recognise the emotion that was acted, by ear alone. */
export interface HumanLine {
  /**
   * what is counted: each listener's vote, or, where only the winners are known, each clip's winner (several winners share
   * the clip). Winners are right more often than single listeners: the two must not be compared.
   */
  unit: 'votes' | 'clips';
  /** clips with votes */
  clips: number;
  /** votes, or clips if only their winners are known */
  total: number;
  /** share of `total` that named the acted emotion */
  accuracy: number;
  /** mean of the recalls of the emotions that have votes */
  meanRecall: number;
  /** the acted emotions, and what listeners could name */
  classes: Emotion[];
  /** by acted emotion, in the order of `classes` */
  perEmotion: HumanRecall[];
  /** how often each acted emotion was heard as which; shape [acted, heard] */
  counts: Float64Array;
}

/** How well one acted emotion is recognised. */
export interface HumanRecall {
  emotion: Emotion;
  clips: number;
  /** votes, or clips */
  total: number;
  /** share that named it */
  recall: number;
  /** mean over its clips of the share of the votes that the winner has: 1 if listeners always agree; only with votes */
  agreement?: number;
}

/**
 * The human line: CREMA-D's listeners on the voices alone. Every vote is counted where `tabulatedVotes.csv` lies beside the
 * corpus; with `summaryTable.csv` only, the winner of each clip.
 *
 * All 7,442 clips with all 68,568 votes: 40.0 % right, mean recall 40.7 %.
 *
 * @param clips - those without votes are left out
 * @throws {@link InvalidArgumentError} if no clip has votes, or only some have counts
 * @see Cao et al. (2014), CREMA-D, doi 10.1109/TAFFC.2014.2336244
 */
export function humanLine(clips: readonly Pick<Clip, 'emotion' | 'votes'>[]): HumanLine {
  const heard = clips.flatMap(({ emotion, votes }) => (votes ? [{ emotion, ...ballotOf(votes) }] : []));
  if (heard.length === 0) {
    throw new InvalidArgumentError('clips', "clips with listeners' votes (CREMA-D's tables beside it)", []);
  }
  const unit = heard[0].unit;
  if (heard.some((one) => one.unit !== unit)) {
    throw new InvalidArgumentError('clips', 'clips that all have counts of votes, or none', 'some');
  }
  const classes = emotions.filter((emotion) =>
    heard.some((one) => one.emotion === emotion || (one.votes[emotion] ?? 0) > 0),
  );
  const size = classes.length;
  const counts = new Float64Array(size * size);
  const perEmotion = classes.map((emotion, acted): HumanRecall => {
    const own = heard.filter((one) => one.emotion === emotion);
    classes.forEach((other, k) => (counts[acted * size + k] = sumOf(own, ({ votes }) => votes[other] ?? 0)));
    const total = sumOf(own, (one) => one.total);
    const agreement = sumOf(own, (one) => Math.max(...Object.values(one.votes)) / one.total) / own.length;
    return {
      emotion,
      clips: own.length,
      total,
      recall: counts[acted * (size + 1)] / total,
      ...(unit === 'votes' && { agreement }),
    };
  });
  const acted = perEmotion.filter((one) => one.clips > 0);
  const total = sumOf(heard, (one) => one.total);
  return {
    unit,
    clips: heard.length,
    total,
    accuracy: sumOf(classes, (_, k) => counts[k * (size + 1)]) / total,
    meanRecall: sumOf(acted, ({ recall }) => recall) / acted.length,
    classes,
    perEmotion,
    counts,
  };
}

/** The votes on a clip, or one vote shared by the winners. */
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
