import { InvalidFileError, quantile } from '../base';

/** A part of a recording without speech, in frames. */
export interface Pause {
  firstFrame: number;
  /** exclusive */
  endFrame: number;
}

/** Measures a recording block by block while it is read from start to end. */
export interface LevelMeter {
  /** measures the next samples */
  add: (samples: Float32Array) => void;
  /** the level of each block in dB of full scale: the deviation from the mean of the block, so that an offset is no sound */
  levels: Float32Array;
  /** frames in a block; the last block may be shorter */
  blockFrames: number;
}

/** Block in which levels are measured: one period of mains hum, or two of the lowest voice. */
const blockSec = 0.02;
/** Level below which a block is silent in every recording: the smallest step of 12 bits. */
const silentDb = -72;
/** A threshold is only estimated if the loudest block is this far above the background; otherwise there is no telling them apart. */
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
 * the way up, at least 4 dB above the background. It is one for the whole recording, so that a quiet speaker after a loud one is not
 * taken for silence. If background and loudest block differ by less than 12 dB, as in steady noise, only blocks below −72 dB of full
 * scale are silent; these are silent in any case.
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
