import { formatPercent } from '../../core/base';
import type { Prediction } from '../../core/prediction';

/** The most probable class of a prediction, and whether it counts as unsure. */
export interface Verdict {
  best: string;
  confidence: number;
  isUnsure: boolean;
  /** `angry`, or `unsure` */
  label: string;
  /** for example `angry, 81.2 %`, or `unsure: angry is most probable with 41.0 %` */
  text: string;
}

/**
 * @param probabilities - in the order of the classes
 * @param threshold - minimum probability, 0 to 1
 */
export function verdictOf(
  classes: readonly string[],
  probabilities: readonly number[],
  threshold: number,
): Verdict {
  let top = 0;
  for (let k = 1; k < probabilities.length; k++) if (probabilities[k] > probabilities[top]) top = k;
  const [best, confidence] = [classes[top], probabilities[top]];
  const isUnsure = confidence < threshold;
  const percent = formatPercent(confidence);
  return {
    best,
    confidence,
    isUnsure,
    label: isUnsure ? 'unsure' : best,
    text: isUnsure ? `unsure: ${best} is most probable with ${percent}` : `${best}, ${percent}`,
  };
}

/** Probabilities in the order of the classes, from a list that is sorted by probability. */
export function byClass(
  classes: readonly string[],
  ranked: readonly { emotion: string; probability: number }[],
): number[] {
  const found = new Map(ranked.map(({ emotion, probability }) => [emotion, probability]));
  return classes.map((name) => found.get(name) ?? 0);
}

/** A time as `m:ss.s`. */
export function formatTime(seconds: number, digits = 1): string {
  const factor = 10 ** digits;
  const rounded = Math.round(seconds * factor) / factor;
  const minutes = Math.floor(rounded / 60);
  const rest = (rounded - 60 * minutes).toFixed(digits);
  return `${minutes}:${rest.padStart(digits > 0 ? digits + 3 : 2, '0')}`;
}

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
