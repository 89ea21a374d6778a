import { formatPercent } from '../../core/base';
import { emotionColors } from '../../core/figures';
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

/** Colours of other classes (P. Tol, "muted" and "light"). Classes always carry their name as well. */
const otherColors = [
  '#44AA99',
  '#DDCC77',
  '#882255',
  '#88CCEE',
  '#CC6677',
  '#117733',
  '#999933',
  '#332288',
  '#EE8866',
  '#77AADD',
  '#BBCC33',
  '#AAAA00',
  '#FFAABB',
];

/**
 * The colour of a class, the same in the whole page and in the figures of the workbench. Up to 20 classes have different colours: when
 * the other colours are used up, classes get those of the emotions that the model does not have.
 */
export function colorOf(name: string, classes: readonly string[]): string {
  if (Object.hasOwn(emotionColors, name)) return emotionColors[name as keyof typeof emotionColors];
  const others = classes.filter((other) => !Object.hasOwn(emotionColors, other));
  const free = Object.entries(emotionColors).filter(([emotion]) => !classes.includes(emotion));
  const colors = [...otherColors, ...free.map(([, color]) => color)];
  return colors[Math.max(0, others.indexOf(name)) % colors.length];
}
