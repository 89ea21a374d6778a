import * as z from 'zod/mini';
import { InvalidArgumentError, printable, shorten } from '../base';
import * as option from './options';
import { type Equal, type OptionTypes, UnknownNameError } from './options';
import { type Amount, type Augmentation, augmentationKinds, paperVersions } from '../dsp';

/** Features of a frame. Those of `sampleFeatures` are computed one at a time, each by its own function. */
const featureNames = ['zcr', 'rms', 'mfcc', 'deltas', 'logMel', 'f0'] as const;
export type FeatureName = (typeof featureNames)[number];

/** How a recording becomes a row of numbers. The defaults are the paper's values. */
export interface FeatureConfig {
  /** sample rate that recordings are resampled to, Hz; 1000 to 192000, default 22050 */
  sampleRate: number;
  /** start of the window in the recording, seconds; 0 to 3600, default 0.6 */
  offsetSec: number;
  /** length of the window, seconds; the row of a shorter recording is padded with zeros; 0.01 to 600, default 2.5 */
  durationSec: number;
  /** samples per frame, a power of two from 2 to 65536; default 2048 */
  nFft: number;
  /** samples between frames; 16 to 65536, default 512 */
  hopLength: number;
  /**
   * features of each frame, in the order of the columns; default zcr, rms, mfcc. `deltas` are the first derivatives of the MFCC;
   * `f0` is in Hz and 0 in unvoiced frames
   */
  features: FeatureName[];
  /** number of MFCC, at most `nMels`; default 20 */
  nMfcc: number;
  /** cepstral liftering, as in librosa; 0 to 1000, default 0: none */
  lifter: number;
  /** mel bands of `logMel` and of the MFCC; 1 to 1024, default 128 */
  nMels: number;
  /** lowest frequency of the mel bands, Hz; default 0 */
  fMin: number;
  /** highest frequency of the mel bands, Hz; default null: half the sample rate */
  fMax: number | null;
  /** lowest fundamental frequency of `f0`, Hz; its period must fit into a frame; default 65 */
  f0Min: number;
  /** highest fundamental frequency of `f0`, Hz; default 600 */
  f0Max: number;
  /**
   * level of the speech that each window is scaled to before its features are computed, dB relative to full scale (see
   * `dsp.speechLevel`), so that features do not depend on the distance from the microphone; -120 to 20, default null: as recorded
   */
  levelDb: number | null;
  /**
   * frames before and after the speech, more than this below its level (see `dsp.speechLevel`), are left out, dB; 5 to 120, default
   * null: all frames of the window
   */
  trimDb: number | null;
  /** augmented versions of each clip by name, each a list of augmentations; default the paper's four */
  versions: Record<string, readonly Augmentation[]>;
  /** seed of random augmentations; default 42 */
  seed: number;
}

/** The declared feature options, in the order in which a config is printed and hashed. */
export const featureOptions = {
  sampleRate: option.integer(1000, 192_000, {
    default: 22_050,
    unit: 'Hz',
    description: 'sample rate that recordings are resampled to',
    sweep: [16_000, 22_050],
  }),
  offsetSec: option.number(0, 3600, {
    default: 0.6,
    unit: 'seconds',
    description: 'start of the window in the recording',
    sweep: { uniform: [0, 1] },
  }),
  durationSec: option.number(0.01, 600, {
    default: 2.5,
    unit: 'seconds',
    description: 'length of the window; shorter recordings are padded with zeros',
    sweep: { uniform: [1.5, 4] },
  }),
  nFft: option.powerOfTwo(2, 65_536, {
    default: 2048,
    unit: 'samples',
    description: 'frame length',
    sweep: [512, 1024, 2048],
  }),
  hopLength: option.integer(16, 65_536, {
    default: 512,
    unit: 'samples',
    description: 'step from one frame to the next',
    sweep: [256, 512],
  }),
  features: option.choices(featureNames, {
    default: ['zcr', 'rms', 'mfcc'],
    description: 'features of each frame, in the order of the columns',
    sweep: [['mfcc'], ['zcr', 'rms', 'mfcc'], ['zcr', 'rms', 'mfcc', 'deltas']],
  }),
  nMfcc: option.integer(1, 1024, {
    default: 20,
    description: 'number of MFCC, at most nMels',
    sweep: [13, 20, 40],
  }),
  lifter: option.number(0, 1000, {
    default: 0,
    description: 'cepstral liftering of the MFCC; 0 for none',
    sweep: [0, 22],
  }),
  nMels: option.integer(1, 1024, { default: 128, description: 'number of mel bands', sweep: [40, 64, 128] }),
  fMin: option.number(0, 96_000, {
    default: 0,
    unit: 'Hz',
    description: 'lowest frequency of the mel bands',
    sweep: [0, 50, 100],
  }),
  fMax: option.number(0, 96_000, {
    default: null,
    or: null,
    unit: 'Hz',
    description: 'highest frequency of the mel bands; null for half the sample rate',
    sweep: [null, 8000],
  }),
  f0Min: option.number(1, 20_000, {
    default: 65,
    unit: 'Hz',
    description: 'lowest fundamental frequency of f0',
    sweep: [50, 65, 80],
  }),
  f0Max: option.number(1, 20_000, {
    default: 600,
    unit: 'Hz',
    description: 'highest fundamental frequency of f0',
    sweep: [400, 500, 600],
  }),
  levelDb: option.number(-120, 20, {
    default: null,
    or: null,
    unit: 'dB',
    description: 'level of the speech that windows are scaled to; null leaves them as recorded',
    sweep: [null, -26],
  }),
  trimDb: option.number(5, 120, {
    default: null,
    or: null,
    unit: 'dB',
    description: 'frames around the speech, this far below its level, are left out; null for none',
    sweep: [null, 30],
  }),
  versions: option.structure(
    'an object of 1 to 32 lists of augmentations by name (1 to 64 characters each)',
    versionsSchema(),
    {
      default: paperVersions,
      description: 'augmented versions of each clip, as lists of augmentations by name',
    },
  ),
  seed: option.integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, {
    default: 42,
    description: 'seed of random augmentations',
  }),
};
true satisfies Equal<OptionTypes<typeof featureOptions>, FeatureConfig>;

/** The paper's configuration. */
export const paperFeatures: Readonly<FeatureConfig> = option.defaultsOf(featureOptions);

/**
 * The paper's feature configuration with changes, checked.
 *
 * @returns a new object with every option
 * @throws {@link InvalidArgumentError} that names the option, its rule and the value; an unknown option with the nearest name
 * @example
 * ```ts
 * const config = featureConfig({ nMfcc: 13, features: ['mfcc', 'deltas'] });
 * ```
 */
export function featureConfig(changes: Partial<FeatureConfig> = {}): FeatureConfig {
  const config: FeatureConfig = { ...paperFeatures };
  for (const [name, value] of Object.entries(changes) as [keyof FeatureConfig, unknown][]) {
    if (!Object.hasOwn(featureOptions, name)) {
      throw new UnknownNameError('feature option', name, Object.keys(featureOptions));
    }
    if (value === undefined) continue;
    option.checkOption(name, featureOptions[name], value);
    config[name] = value as never;
  }
  checkTogether(config);
  return structuredClone(config);
}

/** Maximum number of values in a spectrogram of a window, and in its row: 400 and 40 MB. */
const maxBins = 1e8;
const maxColumns = 1e7;
/** Maximum number of values of a clip, over all its versions: 200 MB. */
const maxValues = 5e7;
/** Maximum number of samples between the augmentations of a version: 400 MB. */
const maxSamples = 1e8;

/** Rules between options. */
function checkTogether(config: FeatureConfig): void {
  const { sampleRate, durationSec, nFft, hopLength, features, nMfcc, nMels, fMin, fMax, f0Min, f0Max } =
    config;
  const check = (holds: boolean, name: keyof FeatureConfig, rule: string): void => {
    if (!holds) throw new InvalidArgumentError(name, rule, config[name]);
  };
  const samples = durationSec * sampleRate;
  const values = Object.keys(config.versions).length * (nMels + 2 * nMfcc);
  const maxFrames = Math.min(maxBins / (nFft / 2 + 1), maxColumns / (nMels + 2 * nMfcc), maxValues / values);
  check(
    samples / hopLength <= maxFrames,
    'hopLength',
    `at least ${Math.ceil(samples / maxFrames)} (a window of ${durationSec} s at ${sampleRate} Hz must fit into memory)`,
  );
  for (const [name, augmentations] of Object.entries(config.versions)) {
    const factor = largestFactor(augmentations);
    check(
      factor <= 1 || samples * factor <= maxSamples,
      'versions',
      `augmentations that make a window of ${samples} samples at most ${Math.floor(maxSamples / samples)} times as long (${shorten(printable(name), 20)}: ${Math.round(factor)} times)`,
    );
    const lowHz = Math.max(...augmentations.map((one) => (one.kind === 'band' ? largestOf(one.lowHz) : 0)));
    check(
      lowHz < sampleRate / 2,
      'versions',
      `augmentations with a lowHz below half of sampleRate (${sampleRate / 2} Hz; ${shorten(printable(name), 20)}: ${lowHz} Hz)`,
    );
  }
  const usesMfcc = features.includes('mfcc') || features.includes('deltas');
  check(!usesMfcc || nMfcc <= nMels, 'nMfcc', `an integer from 1 to nMels (${nMels})`);
  const nyquist = sampleRate / 2;
  const highest = fMax ?? nyquist;
  check(
    highest > 0 && highest <= nyquist,
    'fMax',
    `null, or above 0 and at most half of sampleRate (${nyquist} Hz)`,
  );
  check(fMin < highest, 'fMin', `at least 0 and below fMax (${highest} Hz)`);
  if (!features.includes('f0')) return;
  check(f0Max <= nyquist, 'f0Max', `above 0 and at most half of sampleRate (${nyquist} Hz)`);
  const lowest = sampleRate / (nFft - 1);
  check(
    f0Min > lowest && f0Min < f0Max,
    'f0Min',
    `above ${lowest.toFixed(1)} Hz (one period per frame) and below f0Max (${f0Max} Hz)`,
  );
}

const smallestOf = (amount: Amount): number => (typeof amount === 'number' ? amount : amount[0]);
const largestOf = (amount: Amount): number => (typeof amount === 'number' ? amount : amount[1]);

/** Length of the longest intermediate signal of a version, relative to the recording. */
function largestFactor(augmentations: readonly Augmentation[]): number {
  let length = 1;
  let longest = 1;
  for (const one of augmentations) {
    if (one.kind === 'stretch') length /= one.rate;
    if (one.kind === 'speed') length /= smallestOf(one.rate);
    // To raise the pitch, the signal is stretched and then resampled to its original length.
    longest = Math.max(longest, one.kind === 'pitch' ? length * 2 ** (one.nSteps / 12) : length);
  }
  return longest;
}

/** Up to 32 named versions, each a list of up to 16 augmentations. */
function versionsSchema() {
  const parameter = (min: number, max: number, unit = '') => {
    const rule = `a number from ${min} to ${max}${unit}`;
    return z.number(rule).check(z.gte(min, rule), z.lte(max, rule));
  };
  const kind = <K extends Augmentation['kind'], P extends z.core.$ZodLooseShape>(name: K, parameters: P) =>
    z.strictObject(
      { kind: z.literal(name), ...parameters },
      `an object with ${['kind', ...Object.keys(parameters)].join(' and ')} only`,
    );
  const amount = (min: number, max: number, unit = '') => {
    const rule = `a number from ${min} to ${max}${unit}, or a range [low, high] of such numbers`;
    const one = z.number(rule).check(z.gte(min, rule), z.lte(max, rule));
    const range = z.tuple([one, one], rule).check(z.refine(([low, high]) => low <= high, rule));
    return z.union([one, z.readonly(range)], rule);
  };
  const decibels = amount(-120, 120, ' (dB)');
  const kinds = [
    kind('paperNoise', {}),
    kind('noise', { snrDb: decibels }),
    kind('stretch', { rate: parameter(0.1, 10) }),
    kind('pitch', { nSteps: parameter(-48, 48, ' (semitones)') }),
    kind('shift', { maxSec: parameter(0, 600, ' (seconds)') }),
    kind('gain', { gainDb: amount(-60, 60, ' (dB)') }),
    kind('telephone', {}),
    kind('room', { rt60Sec: amount(0.01, 10, ' (seconds)'), directDb: amount(-60, 60, ' (dB)') }),
    kind('band', { lowHz: amount(0, 96_000, ' (Hz)'), highHz: amount(0, 96_000, ' (Hz)') }).check(
      z.refine(({ lowHz, highHz }) => largestOf(lowHz) < smallestOf(highHz), {
        error: 'a band with every lowHz below every highHz',
        abort: true,
      }),
    ),
    kind('clip', { peakShare: amount(0.001, 1) }),
    kind('crop', { durationSec: amount(0.05, 600, ' (seconds)') }),
    kind('speed', { rate: amount(0.1, 10) }),
    kind('vocalTract', { factor: amount(0.5, 2) }),
  ] as const;
  const augmentation = z.discriminatedUnion('kind', kinds, {
    error: ({ code }: { code?: string }) =>
      code === 'invalid_union'
        ? `one of ${augmentationKinds.join(', ')}`
        : 'an augmentation such as {"kind":"noise","snrDb":20}',
  });
  const list = 'a list of at most 16 augmentations';
  const version = z.readonly(z.array(augmentation, list).check(z.maxLength(16, list)));
  // Before z.record, which ignores the name __proto__.
  const named = z.custom<Record<string, unknown>>((value) => {
    const names = Object.keys(Object(value) as object);
    const areNames = names.every((name) => name !== '' && name.length <= 64 && name !== '__proto__');
    return areNames && names.length >= 1 && names.length <= 32;
  });
  return z.pipe(named, z.record(z.string(), version));
}
