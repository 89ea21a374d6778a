/** Collects the samples of takes from a microphone that is always on. */
export interface TakeBuffer {
  /** adds the microphone's next samples */
  push: (samples: Float32Array) => void;
  /** starts a take, with the sound of the last moment before */
  begin: () => void;
  /** a copy of the samples of the current take so far; undefined if there is none */
  soFar: () => Float32Array<ArrayBuffer> | undefined;
  /** ends the take. @returns its samples; undefined if there is none */
  end: () => Float32Array<ArrayBuffer> | undefined;
  /** duration of the current take, seconds */
  durationSec: () => number;
}

/**
 * Creates a {@link TakeBuffer}. Between takes, only the last moment is kept.
 *
 * @param sampleRate - Hz
 * @param options.preRollSec - sound before the start that belongs to a take, because people begin to speak while they press
 * @param options.maxSec - longer takes are cut
 */
export function createTakeBuffer(
  sampleRate: number,
  { preRollSec = 0.25, maxSec = 60 }: { preRollSec?: number; maxSec?: number } = {},
): TakeBuffer {
  const preRoll = Math.round(preRollSec * sampleRate);
  const longest = Math.round(maxSec * sampleRate);
  let chunks: Float32Array[] = [];
  let frames = 0;
  let isTaking = false;
  const trim = (): void => {
    while (chunks.length > 0 && frames - chunks[0].length >= preRoll) frames -= chunks.shift()!.length;
    if (frames <= preRoll) return;
    chunks[0] = chunks[0].subarray(frames - preRoll);
    frames = preRoll;
  };
  const joined = (): Float32Array<ArrayBuffer> => {
    const take = new Float32Array(frames);
    let at = 0;
    for (const chunk of chunks) {
      take.set(chunk, at);
      at += chunk.length;
    }
    return take;
  };
  return {
    push: (samples) => {
      chunks.push(isTaking ? samples.subarray(0, longest - frames) : samples);
      frames += chunks.at(-1)!.length;
      if (!isTaking) trim();
    },
    begin: () => {
      isTaking = true;
    },
    soFar: () => (isTaking ? joined() : undefined),
    end: () => {
      if (!isTaking) return undefined;
      isTaking = false;
      const take = joined();
      chunks = [];
      frames = 0;
      return take;
    },
    durationSec: () => (isTaking ? frames / sampleRate : 0),
  };
}
