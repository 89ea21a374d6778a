/** Level of the signal over the last moments. */
export interface Level {
  /** root mean square, dBFS */
  rmsDb: number;
  /** largest magnitude of the last two seconds, dBFS */
  peakDb: number;
  /** a sample reached full scale within the last two seconds */
  isClipped: boolean;
}

/** No sound. */
export const silentLevel: Level = { rmsDb: -Infinity, peakDb: -Infinity, isClipped: false };

/** The root mean square decays with this time constant, seconds. */
const smoothingSec = 0.1;
const holdSec = 2;
const fullScale = 0.999;

/**
 * Measures the level of a running signal.
 *
 * @returns a function that takes the next samples and returns the level after them
 */
export function levelMeter(): (samples: Float32Array, sampleRate: number) => Level {
  let power = 0;
  let peaks: { value: number; untilSec: number }[] = [];
  let nowSec = 0;
  return (samples, sampleRate) => {
    let [sum, peak] = [0, 0];
    for (const sample of samples) {
      sum += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    const durationSec = samples.length / sampleRate;
    nowSec += durationSec;
    const keep = Math.exp(-durationSec / smoothingSec);
    power = keep * power + (1 - keep) * (sum / Math.max(1, samples.length));
    // Decreasing values: an older peak counts only while it is larger than all later ones.
    peaks = peaks.filter(({ value, untilSec }) => untilSec > nowSec && value > peak);
    peaks.push({ value: peak, untilSec: nowSec + holdSec });
    const held = peaks[0].value;
    return {
      rmsDb: 10 * Math.log10(power),
      peakDb: 20 * Math.log10(held),
      isClipped: held >= fullScale,
    };
  };
}
