import type { Emotion } from '../base';
import type { WindowPlace } from '../features';
import type { Pause } from './pauses';

/** An emotion with its probability, 0 to 1. */
export interface EmotionProbability {
  emotion: Emotion;
  probability: number;
}

/**
 * A part of a recording with one emotion, or without one. The segments of a recording follow each other without gap or overlap, from
 * 0 to its end.
 */
export interface Segment {
  startSec: number;
  /** equal to `startSec` of the next segment; of the last, to the length of the recording */
  endSec: number;
  /** the most probable emotion; `unsure` if its probability is below the threshold; `silence` in a pause */
  label: Emotion | 'unsure' | 'silence';
  /** of every class, highest first; the mean over the segment. Empty in silence */
  probabilities: EmotionProbability[];
}

/** The predictions from which segments are made, in frames of the recording. */
export interface SegmentInput {
  classes: readonly Emotion[];
  /** windows with their class probabilities, in order of time; at least one */
  windows: readonly { place: WindowPlace; probabilities: ArrayLike<number> }[];
  /** in order, without overlap */
  pauses: readonly Pause[];
  /** length of the recording */
  frames: number;
  sampleRate: number;
  /** start of the first window */
  firstFrame: number;
  /** frames between windows; `Infinity` if there is only one */
  hopFrames: number;
  /** minimum probability of an emotion, 0 to 1 */
  threshold: number;
}

/** A part of the recording with the sum of its probabilities over frames; undefined in silence. */
interface Piece {
  first: number;
  end: number;
  sums?: Float64Array;
}

/**
 * Divides a recording into segments.
 *
 * Pauses are silence. What lies between them is divided into steps of one hop, each with the mean of the windows that cover it, weighted
 * by how much of the step they cover; a step that no window covers takes the probabilities of the nearest one. Steps shorter than half a
 * hop, next to a pause or at the end, belong to their neighbour. Neighbours with the same emotion are merged, and their probabilities are
 * averaged over time. Segments below the threshold are `unsure`, and neighbours that are unsure are merged as well.
 */
export function segmentsOf(input: SegmentInput): Segment[] {
  const { classes, frames, sampleRate, pauses, threshold } = input;
  const pieces: Piece[] = [];
  let at = 0;
  const probabilitiesOf = createMean(input);
  const addSound = (first: number, end: number): void => {
    for (const [stepFirst, stepEnd] of stepsBetween(first, end, input))
      pieces.push({ first: stepFirst, end: stepEnd, sums: probabilitiesOf(stepFirst, stepEnd) });
  };
  for (const { firstFrame, endFrame } of pauses) {
    addSound(at, firstFrame);
    pieces.push({ first: firstFrame, end: endFrame });
    at = endFrame;
  }
  addSound(at, frames);

  const labelOf = (piece: Piece): Segment['label'] => {
    if (!piece.sums) return 'silence';
    const best = largestOf(piece.sums);
    return piece.sums[best] / (piece.end - piece.first) < threshold ? 'unsure' : classes[best];
  };
  const emotionOf = ({ sums }: Piece): string => (sums ? classes[largestOf(sums)] : 'silence');
  return mergeBy(labelOf, mergeBy(emotionOf, pieces)).map((piece) => ({
    startSec: piece.first / sampleRate,
    endSec: piece.end / sampleRate,
    label: labelOf(piece),
    probabilities: piece.sums
      ? ranked(
          classes,
          piece.sums.map((sum) => sum / (piece.end - piece.first)),
        )
      : [],
  }));
}

/** Probabilities with their emotions, highest first. */
export function ranked(classes: readonly Emotion[], values: ArrayLike<number>): EmotionProbability[] {
  return classes
    .map((emotion, k) => ({ emotion, probability: values[k] }))
    .sort((a, b) => b.probability - a.probability);
}

/** Cuts a part of the recording at each hop, but not within half a hop of its ends. */
function* stepsBetween(
  first: number,
  end: number,
  { firstFrame, hopFrames }: Pick<SegmentInput, 'firstFrame' | 'hopFrames'>,
): Generator<[first: number, end: number]> {
  if (end <= first) return;
  let at = first;
  if (hopFrames < Infinity) {
    const earliest = Math.max(1, Math.ceil((first + hopFrames / 2 - firstFrame) / hopFrames));
    for (let step = earliest; ; step++) {
      const cut = firstFrame + step * hopFrames;
      if (cut > end - hopFrames / 2) break;
      yield [at, cut];
      at = cut;
    }
  }
  yield [at, end];
}

/** Returns a function that adds up the probabilities over a part of the recording; its calls must be in order of time. */
function createMean({ windows, classes }: Pick<SegmentInput, 'windows' | 'classes'>) {
  let earliest = 0;
  return (first: number, end: number): Float64Array => {
    while (earliest + 1 < windows.length && windows[earliest].place.endFrame <= first) earliest++;
    const sums = new Float64Array(classes.length);
    let covered = 0;
    for (let w = earliest; w < windows.length && windows[w].place.firstFrame < end; w++) {
      const { place, probabilities } = windows[w];
      const weight = Math.min(end, place.endFrame) - Math.max(first, place.firstFrame);
      if (weight <= 0) continue;
      covered += weight;
      for (let k = 0; k < sums.length; k++) sums[k] += weight * probabilities[k];
    }
    if (covered === 0) {
      const candidates = windows.slice(Math.max(0, earliest - 1), earliest + 2);
      const distance = ({ place }: (typeof windows)[number]): number =>
        Math.max(place.firstFrame - end, first - place.endFrame);
      const nearest = candidates.reduce((best, one) => (distance(one) < distance(best) ? one : best));
      return Float64Array.from(nearest.probabilities, (probability) => probability * (end - first));
    }
    return sums.map((sum) => (sum / covered) * (end - first));
  };
}

/** Merges neighbours with the same key. */
function mergeBy(keyOf: (piece: Piece) => string, pieces: readonly Piece[]): Piece[] {
  const merged: (Piece & { key: string })[] = [];
  for (const piece of pieces) {
    const key = keyOf(piece);
    const last = merged.at(-1);
    if (last?.key !== key) merged.push({ ...piece, key });
    else {
      last.end = piece.end;
      last.sums = last.sums?.map((sum, k) => sum + piece.sums![k]);
    }
  }
  return merged;
}

function largestOf(values: Float64Array): number {
  let best = 0;
  for (let k = 1; k < values.length; k++) if (values[k] > values[best]) best = k;
  return best;
}
