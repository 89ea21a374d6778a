import type { FeatureConfig } from './config';

/** A part of a recording; frames of its own rate. */
export interface WindowPlace {
  firstFrame: number;
  /** the first frame behind it */
  endFrame: number;
}

/** What a window must hold at least of a recording that has so much, seconds. No clip of the four corpora leaves less. */
const leastSec = 0.5;

/**
 * Where a recording is listened to.
 *
 * The first window is the one that training saw: from the offset on, `durationSec` or what is left. Where less than half a
 * second would be left, it starts earlier, so that it holds half a second or the whole recording. Further windows follow, each
 * a hop later, as long as they lie in the recording as a whole: what is behind the last, less than a hop, is not listened to,
 * as the end of a long clip is not in training.
 *
 * @param frames - of the recording, at least 1
 * @param hopSec - from one window to the next; Infinity for the first one only
 */
export function planWindows(
  frames: number,
  sampleRate: number,
  { offsetSec, durationSec }: Pick<FeatureConfig, 'offsetSec' | 'durationSec'>,
  hopSec = durationSec / 2,
): WindowPlace[] {
  const length = Math.floor(durationSec * sampleRate);
  const offset = Math.floor(offsetSec * sampleRate);
  const least = Math.min(Math.floor(leastSec * sampleRate), length, frames);
  const first = Math.min(offset, frames - least);
  const hop = Math.max(1, Math.round(hopSec * sampleRate));
  const further = Math.max(0, Math.floor((frames - first - length) / hop));
  return Array.from({ length: 1 + further }, (_, i) => {
    const firstFrame = first + (i === 0 ? 0 : i * hop);
    return { firstFrame, endFrame: Math.min(frames, firstFrame + length) };
  });
}
