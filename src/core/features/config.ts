import { InvalidArgumentError, nearestName } from '../base';
import { type Augmentation, paperVersions } from '../dsp';
import { checkVersions } from './check-versions';
import { type SampleFeatureName, sampleFeatures } from './sample-features';

/** What can be measured of each frame. */
export const featureNames = [
  'zcr',
  'rms',
  'mfcc',
  'deltas',
  'logMel',
  ...(Object.keys(sampleFeatures) as SampleFeatureName[]),
] as const;
export type FeatureName = (typeof featureNames)[number];

/** How a recording becomes a row of numbers. Every option has the paper's value by default. */
export interface FeatureConfig {
  /** recordings are resampled to this, Hz; default 22050 */
  sampleRate: number;
  /** the window's start in the recording; default 0.6 s */
  offsetSec: number;
  /** the window's length, the same for all; a shorter recording's row ends in zeros; default 2.5 s */
  durationSec: number;
  /** samples in a frame, a power of two, at least 2; default 2048 */
  nFft: number;
  /** samples from one frame to the next; default 512 */
  hopLength: number;
  /**
   * which measures, in the order of the columns; default zcr, rms, mfcc. `deltas` are the MFCC's first derivatives; `f0` is in
   * Hz and 0 where there is no voice.
   */
  features: FeatureName[];
  /** default 20 */
  nMfcc: number;
  /** weight of the higher coefficients, as librosa's; default 0: none */
  lifter: number;
  /** mel bands of `logMel` and under the MFCC; default 128 */
  nMels: number;
  /** lowest and highest frequency of the mel bands, Hz; `fMax` null is half the sample rate, the default */
  fMin: number;
  fMax: number | null;
  /** range in which `f0` is looked for, Hz; default 65 to 600 */
  f0Min: number;
  f0Max: number;
  /** each clip's versions by name, each a list of augmentations; default the paper's four */
  versions: Record<string, readonly Augmentation[]>;
  /** of whatever is random in the versions; default 42 */
  seed: number;
}

/** The paper's configuration. */
export const paperFeatures: Readonly<FeatureConfig> = {
  sampleRate: 22_050,
  offsetSec: 0.6,
  durationSec: 2.5,
  nFft: 2048,
  hopLength: 512,
  features: ['zcr', 'rms', 'mfcc'],
  nMfcc: 20,
  lifter: 0,
  nMels: 128,
  fMin: 0,
  fMax: null,
  f0Min: 65,
  f0Max: 600,
  versions: paperVersions,
  seed: 42,
};

/**
 * The paper's configuration with some of it changed, and checked.
 *
 * @throws {@link InvalidArgumentError} that names the option, its rule and what was received; of an unknown option, the
 *   nearest known one
 */
export function featureConfig(changes: Partial<FeatureConfig> = {}): FeatureConfig {
  for (const key of Object.keys(changes)) {
    if (Object.hasOwn(paperFeatures, key)) continue;
    const near = nearestName(key, Object.keys(paperFeatures));
    const rule = near
      ? `named otherwise: did you mean ${near}?`
      : `one of ${Object.keys(paperFeatures).join(', ')}`;
    throw new InvalidArgumentError('a feature option', rule, key);
  }
  const given = Object.fromEntries(
    (Object.entries(changes) as [string, unknown][]).filter(([, value]) => value !== undefined),
  );
  const config: FeatureConfig = structuredClone({ ...paperFeatures, ...given });
  checkFeatures(config.features);
  checkNumbers(config);
  checkVersions(config.versions);
  return config;
}

function checkNumbers(config: FeatureConfig): void {
  const { sampleRate, offsetSec, durationSec, nFft, hopLength, nMfcc, lifter, nMels, fMin, fMax, seed } =
    config;
  const require = (holds: boolean, name: keyof FeatureConfig, rule: string): void => {
    if (!holds) throw new InvalidArgumentError(name, rule, config[name]);
  };
  const positive = (value: number) => Number.isSafeInteger(value) && value > 0;
  require(positive(sampleRate), 'sampleRate', 'a positive integer (Hz)');
  require(offsetSec >= 0 && offsetSec < Infinity, 'offsetSec', 'a number of at least 0 (seconds)');
  require(durationSec > 0 && durationSec < Infinity, 'durationSec', 'a positive number (seconds)');
  require(nFft >= 2 && Number.isInteger(Math.log2(nFft)), 'nFft', 'a power of two, at least 2');
  require(positive(hopLength), 'hopLength', 'a positive integer (samples)');
  require(positive(nMels), 'nMels', 'a positive integer');
  const isMeasured = config.features.includes('mfcc') || config.features.includes('deltas');
  const most = isMeasured ? nMels : Infinity;
  require(positive(nMfcc) && nMfcc <= most, 'nMfcc', `an integer from 1 to nMels (${nMels})`);
  require(lifter >= 0 && lifter < Infinity, 'lifter', 'a number of at least 0');
  const top = fMax ?? sampleRate / 2;
  require(top > 0 &&
    top <= sampleRate / 2, 'fMax', `null, or at most half of sampleRate (${sampleRate / 2} Hz)`);
  require(fMin >= 0 && fMin < top, 'fMin', `at least 0 and below fMax (${top} Hz)`);
  require(Number.isSafeInteger(seed), 'seed', 'an integer');
  if (!config.features.includes('f0')) return;
  const { f0Min, f0Max } = config;
  require(f0Max > 0 &&
    f0Max <= sampleRate / 2, 'f0Max', `positive, at most half of sampleRate (${sampleRate / 2} Hz)`);
  const lowest = sampleRate / (nFft - 1);
  require(f0Min > lowest &&
    f0Min < f0Max, 'f0Min', `above ${lowest.toFixed(1)} Hz (a period in nFft) and below f0Max (${f0Max} Hz)`);
}

function checkFeatures(features: unknown): void {
  const known: readonly unknown[] = featureNames;
  if (!Array.isArray(features) || features.length === 0 || new Set(features).size < features.length) {
    throw new InvalidArgumentError(
      'features',
      `a list of some of ${featureNames.join(', ')}, each once`,
      features,
    );
  }
  for (const name of features as unknown[]) {
    if (!known.includes(name))
      throw new InvalidArgumentError('features', `some of ${featureNames.join(', ')}`, name);
  }
}
