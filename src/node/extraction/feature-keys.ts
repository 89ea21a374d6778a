import { canonicalHash } from '../../core/base';
import { type FeatureConfig, type FeatureName, frameCount, sampleFeature } from '../../core/features';

/** To be raised when the same options come to give other numbers. */
const numbersVersion = 3;

/**
 * What each feature of each version is stored under: a hash of the options that its numbers depend on, and of no others, so
 * that a changed option remakes only what it changes. A version counts by what is done, not by its name.
 *
 * @param frontEnd - the name of the code that computes: kernel and plain code differ in the last digits
 * @returns shape [version][feature], in the order of the configuration
 */
export function featureKeys(config: FeatureConfig, frontEnd: string): string[][] {
  const { sampleRate, offsetSec, durationSec, nFft, hopLength, seed } = config;
  return Object.values(config.versions).map((augmentations) => {
    const isRandom = augmentations.some(({ kind }) => kind !== 'pitch' && kind !== 'stretch');
    const row = {
      numbersVersion,
      frontEnd,
      sampleRate,
      offsetSec,
      durationSec,
      nFft,
      hopLength,
      augmentations,
    };
    const common = { ...row, frames: frameCount(config), seed: isRandom ? seed : undefined };
    return config.features.map((feature) =>
      canonicalHash({ ...common, feature, ...ownOptions(feature, config) }),
    );
  });
}

function ownOptions(feature: FeatureName, config: FeatureConfig): Partial<FeatureConfig> {
  const { nMfcc, lifter, nMels, fMin, fMax } = config;
  if (feature === 'mfcc' || feature === 'deltas') return { nMfcc, lifter, nMels, fMin, fMax };
  if (feature === 'logMel') return { nMels, fMin, fMax };
  const options = sampleFeature(feature)?.options ?? [];
  return Object.fromEntries(options.map((option) => [option, config[option]]));
}
