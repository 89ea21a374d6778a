import { joinSamples } from '../audio';
import type { WindowPlace } from '../features';
import type { Recording } from './recording';

/** A window with its samples. */
export interface ReadWindow {
  place: WindowPlace;
  /** mono; shape [endFrame − firstFrame] */
  samples: Float32Array;
}

/** Number of windows per batch. */
const batchSize = 64;
/** Maximum number of samples in the windows of a batch, unless it is one window: 64 MB. */
const maxBatchSamples = 2 ** 24;
/** Length of the parts in which a recording is read; at least one window. */
const partSec = 10;

/**
 * Reads a recording once, from start to end, and yields its windows in batches. At most one batch and one part of the recording are in
 * memory.
 *
 * @param places - in order of time, each at most as long as the first
 * @param onPart - called with each part of the recording in order, without overlap or gap
 */
export async function* readWindows(
  { frames, sampleRate, read }: Recording,
  places: readonly WindowPlace[],
  onPart: (samples: Float32Array, firstFrame: number) => void,
): AsyncGenerator<ReadWindow[]> {
  const [{ firstFrame, endFrame }] = places;
  const partFrames = Math.max(endFrame - firstFrame, Math.round(partSec * sampleRate));
  let batch: ReadWindow[] = [];
  let batchSamples = 0;
  // The samples from `keptFrom` on, which later windows need.
  let kept = new Float32Array(0);
  let keptFrom = 0;
  let next = 0;
  for (let at = 0; at < frames; at += partFrames) {
    const end = Math.min(frames, at + partFrames);
    const part = await read(at, end);
    onPart(part, at);
    const samples = kept.length === 0 ? part : joinSamples([kept, part]);
    if (kept.length === 0) keptFrom = at;
    for (; next < places.length && places[next].endFrame <= end; next++) {
      const place = places[next];
      const window = samples.slice(place.firstFrame - keptFrom, place.endFrame - keptFrom);
      if (
        batch.length === batchSize ||
        (batch.length > 0 && batchSamples + window.length > maxBatchSamples)
      ) {
        yield batch;
        [batch, batchSamples] = [[], 0];
      }
      batch.push({ place, samples: window });
      batchSamples += window.length;
    }
    const from = Math.min(end, Math.max(keptFrom, places[next]?.firstFrame ?? end));
    kept = samples.slice(from - keptFrom);
    keptFrom = from;
  }
  if (batch.length > 0) yield batch;
}
