import type { CorpusName, Emotion } from '../base';
import type { ProtocolName } from '../dataset';

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
  where: string;
}

const rerun = {
  who: 'independent rerun of a similar network, 7.3 M parameters',
  where: 'github.com/Eldorado5002/ser, docs/REPORT.md',
};
const ertk = (corpus: CorpusName, who: string, uar: number): PublishedScore => ({
  ...{ protocol: 'speakers', corpus, who, uar },
  where: 'Keesing et al., Interspeech 2021',
});

/** Published scores to compare with: measured with the same kind of split, but not the same split. */
export const publishedScores: readonly PublishedScore[] = [
  ...[paper, committedNotebook].map(({ accuracy, source }): PublishedScore => ({
    protocol: 'paper-rows',
    who: `the ${source.name}`,
    accuracy,
    where: source.where,
  })),
  { ...rerun, protocol: 'paper-rows', accuracy: 0.822 },
  { ...rerun, protocol: 'clips', accuracy: 0.58 },
  ertk('RAVDESS', 'SVM on eGeMAPS, 8 emotions', 0.5),
  ertk('RAVDESS', 'SVM on ComParE, 8 emotions', 0.59),
  ertk('CREMA-D', 'SVM on eGeMAPS', 0.54),
  ertk('CREMA-D', 'SVM on ComParE', 0.61),
  ertk('CREMA-D', 'SVM on wav2vec, pretrained', 0.66),
  {
    ...{ protocol: 'speakers', corpus: 'CREMA-D', accuracy: 0.409 },
    ...{ who: 'human listeners', where: 'Cao et al. 2014, doi 10.1109/TAFFC.2014.2336244' },
  },
  ertk('TESS', 'SVM on eGeMAPS', 0.33),
  ertk('TESS', 'SVM on ComParE', 0.47),
  ertk('SAVEE', 'SVM on eGeMAPS', 0.39),
  ertk('SAVEE', 'SVM on ComParE', 0.47),
  ertk('SAVEE', 'SVM on wav2vec, pretrained', 0.53),
];
