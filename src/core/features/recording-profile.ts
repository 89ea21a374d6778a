import { quantile } from '../base';
import { levelOfFrames, type Matrix, melFrequencies } from '../dsp';
import type { FrontEnd } from './front-end';

/** Properties of a recording that do not depend on what is said or how. */
export interface RecordingProfile {
  /** level of the speech: the 95th percentile of the RMS of frames, dB relative to full scale */
  levelDb: number;
  /** dB between loud and quiet frames, averaged over mel bands: small in noise and in rooms with much reverberation */
  rangeDb: number;
  /** highest frequency of the speech, Hz: below 4,000 on the telephone */
  bandwidthHz: number;
  /** of the whole recording, seconds */
  durationSec: number;
}

/** The measures of a profile, in the order in which they are stored. */
export const profileMeasures = [
  'levelDb',
  'rangeDb',
  'bandwidthHz',
  'durationSec',
] as const satisfies readonly (keyof RecordingProfile)[];

/** An object with a value for each measure. */
export const byMeasure = <Value>(
  valueOf: (measure: keyof RecordingProfile, position: number) => Value,
): Record<keyof RecordingProfile, Value> =>
  Object.fromEntries(
    profileMeasures.map((measure, position) => [measure, valueOf(measure, position)]),
  ) as Record<keyof RecordingProfile, Value>;

/** The window that a profile is measured on; independent of the windows of the model. */
export const profileWindow = { offsetSec: 0, durationSec: 3.5, sampleRate: 22_050 } as const;

const { sampleRate } = profileWindow;
const frames = { nFft: 2048, hopLength: 512 };
const bands = { nMels: 32, fMin: 0, fMax: sampleRate / 2 };
/** Relative to the strongest band, so that the range does not depend on the level. */
const decibels = { amin: 1e-30, topDb: 80 };
/** Upper edge of each band, Hz. */
const upperEdges = melFrequencies(bands.nMels + 2, bands).subarray(2);
/** A band contains speech if it is at most this much weaker than the strongest one, dB. */
const bandRangeDb = 60;
/** Quietest level, dB: that of digital silence. */
const floorDb = -100;

/**
 * Measures a window of a recording.
 *
 * @param samples - a window of up to 3.5 s at 22,050 Hz, shape [samples]
 * @param durationSec - of the whole recording
 */
export function recordingProfile(
  samples: Float32Array,
  durationSec: number,
  frontEnd: Pick<FrontEnd, 'rms' | 'logMel'>,
): RecordingProfile {
  const level = levelOfFrames(
    frontEnd.rms(samples, { frameLength: frames.nFft, hopLength: frames.hopLength }),
  );
  const levels = bandLevels(frontEnd.logMel(samples, { ...frames, ...bands, sampleRate, ...decibels }));
  const strongest = Math.max(...levels.map(({ loud }) => loud));
  const highest = levels.findLastIndex(({ loud }) => loud >= strongest - bandRangeDb);
  // In single precision, as they are stored.
  return {
    levelDb: Math.fround(Math.max(floorDb, level)),
    rangeDb: Math.fround(levels.reduce((sum, { loud, quiet }) => sum + loud - quiet, 0) / levels.length),
    bandwidthHz: Math.fround(upperEdges[highest]),
    durationSec,
  };
}

/** The 95th and 10th percentile of each band over the frames, dB. */
function bandLevels({ data, shape: [count, columns] }: Matrix): { loud: number; quiet: number }[] {
  return Array.from({ length: columns }, (_, band) => {
    const levels = Float32Array.from({ length: count }, (_, i) => data[i * columns + band]).sort();
    return { loud: quantile(levels, 0.95), quiet: quantile(levels, 0.1) };
  });
}

/** Ranges of the training recordings by measure: the 0.5th and 99.5th percentile. */
export type RecordingRanges = Record<keyof RecordingProfile, { low: number; high: number }>;

const tail = 0.005;

/** Ranges of several profiles. */
export function recordingRanges(profiles: readonly RecordingProfile[]): RecordingRanges {
  return byMeasure((measure) => {
    const values = Float64Array.from(profiles, (profile) => profile[measure]).sort();
    return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
  });
}

/** A measure of a recording outside the range of the training recordings. */
export interface UnusualMeasure {
  measure: keyof RecordingProfile;
  value: number;
  /** range of the training recordings */
  low: number;
  high: number;
}

/** Differences from the range that are too small to matter. */
const margins: RecordingProfile = { levelDb: 3, rangeDb: 2, bandwidthHz: 0, durationSec: 0.05 };

/** The sides on which a measure outside the range makes predictions less reliable: a long recording is cut into windows. */
const sides: Record<keyof RecordingProfile, readonly ('low' | 'high')[]> = {
  levelDb: ['low', 'high'],
  rangeDb: ['low'],
  bandwidthHz: ['low'],
  durationSec: ['low'],
};

/** The measures that lie outside the ranges of the training recordings. */
export function unusualMeasures(profile: RecordingProfile, ranges: RecordingRanges): UnusualMeasure[] {
  return profileMeasures.flatMap((measure) => {
    const value = profile[measure];
    const { low, high } = ranges[measure];
    const margin = margins[measure];
    const isUnusual =
      (value < low - margin && sides[measure].includes('low')) ||
      (value > high + margin && sides[measure].includes('high'));
    return isUnusual ? [{ measure, value, low, high }] : [];
  });
}

/** Describes an unusual measure, and what to do: `the recording is quieter than the training recordings: …; record closer to …`. */
export function describeUnusual({ measure, value, low, high }: UnusualMeasure): string {
  const isLow = value < low;
  const number = (x: number, digits: number): string => x.toFixed(digits);
  switch (measure) {
    case 'levelDb':
      return (
        `the recording is ${isLow ? 'quieter' : 'louder'} than the training recordings: the level of the speech is ` +
        `${number(value, 0)} dB instead of ${number(low, 0)} to ${number(high, 0)} dB; ` +
        (isLow
          ? 'speak closer to the microphone, or raise its level'
          : 'move away from the microphone, or lower its level')
      );
    case 'rangeDb':
      return (
        `the recording has more noise or reverberation than the training recordings: ${number(value, 0)} dB between loud and ` +
        `quiet moments instead of at least ${number(low, 0)} dB; record in a quieter room, closer to the microphone`
      );
    case 'bandwidthHz':
      return (
        `the recording lacks high frequencies, like a telephone call: nothing above ${number(value / 1000, 1)} kHz, while ` +
        `the training recordings reach at least ${number(low / 1000, 1)} kHz; record without a telephone or Bluetooth headset`
      );
    case 'durationSec':
      return (
        `the recording is shorter than the training recordings: ${number(value, 1)} s instead of at least ${number(low, 1)} s; ` +
        'longer recordings are predicted more reliably'
      );
  }
}
