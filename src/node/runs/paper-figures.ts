import { type Clip, type Emotion, emotions } from '../../core/base';
import type { Audit } from '../../core/dataset';
import { confusionMatrix, type PredictionRow, type Predictions, predictionTable, siblingShare } from '../../core/evaluation';

/** What the paper gives of its run besides scores, and what it does not say: plain data, kept with each run. */
export interface PaperFigures {
  /** Table I */
  clips: Partial<Record<Emotion, number>>;
  classes: readonly Emotion[];
  /** Fig. 9, which Table III follows from; shape [actual, predicted] */
  confusion: number[];
  /** Table II: how many of the first ten shuffled test rows are right, and the rows themselves, which old records lack */
  first: { right: number; of: number; rows?: PredictionRow[] };
  /** share of the test rows that have a sibling in training or validation, 0 to 1 */
  siblingShare: number;
}

/**
 * Takes from a run what the paper gives of its own.
 *
 * @param clips - all that were used, each once
 * @param audits - of the splits that were tested
 */
export function paperFigures(
  predictions: Predictions,
  clips: readonly Pick<Clip, 'emotion'>[],
  audits: readonly Audit[],
): PaperFigures {
  const first = predictionTable(predictions, { count: 10, seed: 42 });
  const counts = emotions.map((emotion): [Emotion, number] => [
    emotion,
    clips.filter((clip) => clip.emotion === emotion).length,
  ]);
  return {
    clips: Object.fromEntries(counts),
    classes: predictions.classes,
    confusion: [...confusionMatrix(predictions).counts],
    first: { right: first.filter(({ right }) => right).length, of: first.length, rows: first },
    siblingShare: siblingShare(audits),
  };
}
