import type { Prediction } from '../../core/prediction';
import { byClass } from './verdict';

/** A part of a recording with one prediction. The pieces of a recording do not overlap. */
export interface Piece {
  startSec: number;
  endSec: number;
  /** in the order of the classes; undefined in silence */
  probabilities?: readonly number[];
}

/** The segments of a prediction, with probabilities in the order of the classes. */
export function piecesOf({ segments }: Prediction, classes: readonly string[]): Piece[] {
  return segments.map(({ startSec, endSec, label, probabilities }) => ({
    startSec,
    endSec,
    ...(label !== 'silence' && { probabilities: byClass(classes, probabilities) }),
  }));
}
