import type { Emotion } from '../corpora';

/** Where a figure was published. */
export interface PublishedSource {
  name: string;
  /** where it can be looked up */
  where: string;
}

/** What others report of the method that this project reproduces: figures to compare with, none of them measured here. */
export interface Published {
  source: PublishedSource;
  /** Table I: clips of each emotion over the four corpora */
  clips?: Readonly<Record<Emotion, number>>;
  /** Table III: F1 of each emotion, 0 to 1 */
  f1: Readonly<Record<Emotion, number>>;
  accuracy: number;
  /** rows behind Table III and Fig. 9 */
  testRows?: number;
  /** Fig. 10: the best epoch's accuracy on what was watched while training, here the test rows themselves */
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

/** The notebook that its authors committed, with the outputs of a run. */
export const committedNotebook: Published = {
  source: { name: 'committed notebook', where: 'github.com/cse-kiet/PCSE24-33, as committed: 3 epochs' },
  f1: { angry: 0.62, disgust: 0.56, fear: 0.49, happy: 0.51, neutral: 0.55, sad: 0.52, surprise: 0.79 },
  accuracy: 0.56,
  bestEpochAccuracy: 0.585,
  epochs: 3,
  secondsPerEpoch: 7100,
};
