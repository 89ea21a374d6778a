import type { Waveform } from '../../core/audio';

/** What may be wrong with a take. */
export type TakeProblem = 'silent' | 'clipped' | 'too quiet' | 'too short' | 'too long' | 'mostly silence';

/** Measurements of a take, and the rules that it breaks. */
export interface TakeQuality {
  durationSec: number;
  /** highest absolute sample, dBFS; −Infinity for digital silence */
  peakDb: number;
  /** level of the frames with sound, dBFS (RMS; a full-scale sine has −3); −Infinity for digital silence */
  levelDb: number;
  /** duration of the frames with sound, seconds */
  soundSec: number;
  problems: TakeProblem[];
}

/** The rules of {@link checkTake}. */
export const takeRules = {
  /** a sample of this size or more is at the limit of the converter */
  clipLevel: 0.999,
  /** this many such samples in a row are clipping; single ones occur in undistorted recordings */
  clipRun: 3,
  /** level of the frames with sound, dBFS */
  minLevelDb: -50,
  minSec: 0.5,
  maxSec: 15,
  /** seconds with sound */
  minSoundSec: 0.25,
  /** share of the duration with sound */
  minSoundShare: 0.2,
  /** frames that are this much below the loudest frame are silence, dB */
  soundRangeDb: 35,
  /** frames below this level are silence, dBFS */
  soundFloorDb: -65,
  frameSec: 0.02,
  /** digital silence: no sample is further than this from the mean, as in prediction */
  silence: 2 ** -12,
} as const;

/** What to do about each problem, for the person who records. */
export const takeAdvice: Readonly<Record<TakeProblem, string>> = {
  silent: 'Nothing was recorded. Is the microphone muted, or is another one selected?',
  clipped: 'It is distorted: the microphone was overloaded. Move away from it, or lower its level.',
  'too quiet': 'It is very quiet. Move closer to the microphone, or raise its level.',
  'too short': `It is shorter than ${takeRules.minSec} s. Start before you speak, and stop afterwards.`,
  'too long': `It is longer than ${takeRules.maxSec} s. Stop when the sentence is finished.`,
  'mostly silence': 'Most of it is silence. Was the whole sentence recorded?',
};

/**
 * Measures a take and checks it against {@link takeRules}. A take with problems can be kept: the person decides.
 *
 * @param waveform - samples −1 to 1
 * @example
 * ```ts
 * checkTake({ samples: new Float32Array(8000), sampleRate: 16000 }).problems; // ['silent']
 * ```
 */
export function checkTake({ samples, sampleRate }: Waveform): TakeQuality {
  const rules = takeRules;
  const durationSec = samples.length / sampleRate;
  const { mean, peak, deviation, isClipped } = extremes(samples);
  const sound = soundFrames(samples, sampleRate, mean);
  const problems: TakeProblem[] = [];
  const isSilent = deviation <= rules.silence;
  if (isSilent) problems.push('silent');
  if (isClipped) problems.push('clipped');
  if (durationSec < rules.minSec) problems.push('too short');
  if (durationSec > rules.maxSec) problems.push('too long');
  if (!isSilent && sound.levelDb < rules.minLevelDb) problems.push('too quiet');
  if (
    !isSilent &&
    durationSec >= rules.minSec &&
    (sound.sec < rules.minSoundSec || sound.sec < rules.minSoundShare * durationSec)
  )
    problems.push('mostly silence');
  return { durationSec, peakDb: decibels(peak), levelDb: sound.levelDb, soundSec: sound.sec, problems };
}

function extremes(samples: Float32Array): {
  mean: number;
  peak: number;
  deviation: number;
  isClipped: boolean;
} {
  let [sum, low, high, run, longestRun] = [0, Infinity, -Infinity, 0, 0];
  for (const value of samples) {
    sum += value;
    low = Math.min(low, value);
    high = Math.max(high, value);
    run = Math.abs(value) >= takeRules.clipLevel ? run + 1 : 0;
    longestRun = Math.max(longestRun, run);
  }
  if (samples.length === 0) return { mean: 0, peak: 0, deviation: 0, isClipped: false };
  const mean = sum / samples.length;
  return {
    mean,
    peak: Math.max(Math.abs(low), Math.abs(high)),
    deviation: Math.max(high - mean, mean - low),
    isClipped: longestRun >= takeRules.clipRun,
  };
}

/** Level and total duration of the frames with sound. The mean is removed: some microphones add a constant. */
function soundFrames(
  samples: Float32Array,
  sampleRate: number,
  mean: number,
): { levelDb: number; sec: number } {
  const length = Math.max(1, Math.round(takeRules.frameSec * sampleRate));
  const powers: number[] = [];
  for (let start = 0; start + length <= samples.length; start += length) {
    let power = 0;
    for (let i = start; i < start + length; i++) power += (samples[i] - mean) ** 2;
    powers.push(power / length);
  }
  const loudest = powers.reduce((most, power) => Math.max(most, power), 0);
  const least = Math.max(loudest * 10 ** (-takeRules.soundRangeDb / 10), 10 ** (takeRules.soundFloorDb / 10));
  const active = powers.filter((power) => power >= least);
  if (active.length === 0) return { levelDb: decibels(Math.sqrt(loudest)), sec: 0 };
  const power = active.reduce((total, value) => total + value, 0) / active.length;
  return { levelDb: decibels(Math.sqrt(power)), sec: (active.length * length) / sampleRate };
}

const decibels = (amplitude: number): number => 20 * Math.log10(amplitude);
