import type { Prediction } from '../../core/prediction';
import { byClass } from './verdict';

/** A part of a recording with one prediction. The pieces of a recording do not overlap. */
export interface Piece {
  startSec: number;
  endSec: number;
  /** in the order of the classes; undefined in silence */
  probabilities?: readonly number[];
}

/** The course of a prediction in pieces: from the middle between two windows to the next one. */
export function piecesOf({ timeline, durationSec }: Prediction, classes: readonly string[]): Piece[] {
  const middles = timeline.map(({ startSec, endSec }) => (startSec + endSec) / 2);
  return timeline.map(({ probabilities }, i) => ({
    startSec: i === 0 ? 0 : (middles[i - 1] + middles[i]) / 2,
    endSec: i === timeline.length - 1 ? durationSec : (middles[i] + middles[i + 1]) / 2,
    probabilities: byClass(classes, probabilities),
  }));
}
