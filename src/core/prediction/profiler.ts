import { median } from '../base';
import {
  byMeasure,
  type FrontEnd,
  type RecordingProfile,
  recordingProfile,
  type RecordingRanges,
  resampleTo,
  profileWindow,
  type UnusualMeasure,
  unusualMeasures,
} from '../features';

/** Compares a recording with the training recordings, window by window. */
export interface Profiler {
  /** @param windows - the next audible windows; shape [samples] each */
  add: (windows: readonly Float32Array[]) => void;
  /** The measures outside the ranges; each measure is the median over the windows. */
  unusual: (durationSec: number) => UnusualMeasure[];
}

/** Maximum number of windows of a long recording that are measured. */
const maxWindows = 32;

/**
 * @param count - expected number of windows
 * @param sampleRate - of the windows, Hz
 */
export function createProfiler(
  ranges: RecordingRanges,
  count: number,
  sampleRate: number,
  frontEnd: FrontEnd,
): Profiler {
  const step = Math.ceil(count / maxWindows);
  const profiles: RecordingProfile[] = [];
  let seen = 0;
  return {
    add: (windows) => {
      for (const samples of windows) {
        if (seen++ % step !== 0) continue;
        const part = samples.subarray(0, Math.floor(profileWindow.durationSec * sampleRate));
        const resampled = resampleTo(part, sampleRate, profileWindow.sampleRate, frontEnd);
        profiles.push(recordingProfile(resampled, 0, frontEnd));
      }
    },
    unusual: (durationSec) => {
      const middle = byMeasure((measure) => median(profiles.map((profile) => profile[measure])));
      return unusualMeasures({ ...middle, durationSec }, ranges);
    },
  };
}
