import { type Emotion, InvalidFileError, quantile } from '../base';
import type { WindowPlace } from '../features';

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

/** A part of a recording without speech, in frames. */
interface Pause {
  firstFrame: number;
  /** exclusive */
  endFrame: number;
}

/** Measures a recording block by block while it is read from start to end. */
export interface LevelMeter {
  /** measures the next samples */
  add: (samples: Float32Array) => void;
  /** the level of each block in dB of full scale, after subtracting its mean: a constant offset does not count as sound */
  levels: Float32Array;
  /** frames in a block; the last block may be shorter */
  blockFrames: number;
}

/** Block in which levels are measured: one period of mains hum, or two of the lowest voice. */
const blockSec = 0.02;
/** Level below which a block is silent in every recording: the smallest step of 12 bits. */
const silentDb = -72;
/** A threshold is only estimated if the loudest block is this far above the background; otherwise speech cannot be told from noise. */
const minRangeDb = 12;
/** The threshold lies a quarter of the range above the background, but at least this far. */
const minAboveDb = 4;
/** Shorter pauses belong to speech: closures of consonants, breaths and short breaks between words. */
const minPauseSec = 0.4;
/** Shorter sounds between quiet blocks belong to the pause: clicks, and the smacking of lips. As in Praat. */
const minSoundSec = 0.1;
/** Maximum magnitude of a sample; the features of larger ones (from a damaged file, or in another unit) overflow. */
const maxSample = 1e9;

/**
 * Creates a level meter.
 *
 * @param frames - length of the recording
 * @param name - of the recording, for messages
 * @returns its `add` throws {@link InvalidFileError} if a sample is not finite or far too large
 */
export function createLevelMeter(frames: number, sampleRate: number, name: string): LevelMeter {
  const blockFrames = Math.max(1, Math.round(blockSec * sampleRate));
  const levels = new Float32Array(Math.ceil(frames / blockFrames));
  let [block, count, sum, squares] = [0, 0, 0, 0];
  const endBlock = (): void => {
    if (!Number.isFinite(sum)) throw new InvalidFileError(name, 'it has samples that are not finite numbers');
    const variance = squares / count - (sum / count) ** 2;
    levels[block++] = 10 * Math.log10(Math.max(variance, 1e-12));
    [count, sum, squares] = [0, 0, 0];
  };
  const add = (samples: Float32Array): void => {
    for (let at = 0; at < samples.length;) {
      const end = Math.min(samples.length, at + blockFrames - count);
      count += end - at;
      // Local variables: in the closure, each new value would be allocated.
      let [low, high, partSum, partSquares] = [0, 0, 0, 0];
      for (; at < end; at++) {
        const sample = samples[at];
        partSum += sample;
        partSquares += sample * sample;
        if (sample < low) low = sample;
        if (sample > high) high = sample;
      }
      sum += partSum;
      squares += partSquares;
      const largest = Math.max(high, -low);
      if (largest > maxSample && largest < Infinity)
        throw new InvalidFileError(
          name,
          `its samples must lie between -1 and 1 (at most ${maxSample}), got ${largest.toPrecision(3)}`,
        );
      if (count === blockFrames || (block === levels.length - 1 && block * blockFrames + count === frames))
        endBlock();
    }
  };
  return { add, levels, blockFrames };
}

/**
 * Finds pauses: at least 0.4 s in which no sound of 0.1 s or more is louder than a threshold.
 *
 * The threshold lies between the background (the level that a tenth of the blocks do not exceed) and the loudest block: a quarter of
 * the way up, at least 4 dB above the background. One threshold is used for the whole recording, so that a quiet speaker after a loud
 * one is not taken for silence. If background and loudest block differ by less than 12 dB, as in steady noise, only blocks below −72 dB
 * of full scale are silent; these are silent in any case.
 *
 * @param frames - length of the recording
 * @see Praat's *Sound: To TextGrid (silences)*, which uses a fixed distance from the loudest block
 */
export function findPauses(
  { levels, blockFrames }: Pick<LevelMeter, 'levels' | 'blockFrames'>,
  frames: number,
  sampleRate: number,
): Pause[] {
  const threshold = thresholdOf(levels);
  const runs: { isQuiet: boolean; first: number; end: number }[] = [];
  const extend = (isQuiet: boolean, first: number, end: number): void => {
    const last = runs.at(-1);
    if (last?.isQuiet === isQuiet) last.end = end;
    else runs.push({ isQuiet, first, end });
  };
  for (let block = 0; block < levels.length; block++)
    extend(levels[block] <= threshold, block * blockFrames, Math.min(frames, (block + 1) * blockFrames));

  const withClicks = runs.splice(0);
  for (const [i, { isQuiet, first, end }] of withClicks.entries()) {
    const isClick = !isQuiet && end - first < minSoundSec * sampleRate && withClicks.length > 1;
    // A sound at the edge of the recording may be the rest of a longer one.
    extend(isQuiet || (isClick && i > 0 && i + 1 < withClicks.length), first, end);
  }
  return runs
    .filter(({ isQuiet, first, end }) => isQuiet && end - first >= minPauseSec * sampleRate)
    .map(({ first, end }) => ({ firstFrame: first, endFrame: end }));
}

function thresholdOf(levels: Float32Array): number {
  const sorted = levels.toSorted();
  const background = Math.max(silentDb, quantile(sorted, 0.1));
  const range = sorted[sorted.length - 1] - background;
  return range < minRangeDb ? silentDb : background + Math.max(minAboveDb, range / 4);
}

/** A window is silent if no sample is further than this from the mean: −72 dB of full scale. */
export const silenceLevel = 2 ** -12;

/** Whether no sample is further from the mean than {@link silenceLevel}. */
export function isSilent(samples: Float32Array): boolean {
  let [sum, low, high] = [0, Infinity, -Infinity];
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i];
    sum += sample;
    if (sample < low) low = sample;
    if (sample > high) high = sample;
    if (high - low > 2 * silenceLevel) return false;
  }
  const mean = sum / samples.length;
  return high - mean <= silenceLevel && mean - low <= silenceLevel;
}
