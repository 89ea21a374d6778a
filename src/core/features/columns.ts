import type { FeatureConfig, FeatureName } from './config';
import { sampleFeature } from './sample-features';

/** Columns that a feature takes. */
export function featureWidth(
  feature: FeatureName,
  { nMfcc, nMels }: Pick<FeatureConfig, 'nMfcc' | 'nMels'>,
): number {
  if (feature === 'mfcc' || feature === 'deltas') return nMfcc;
  return feature === 'logMel' ? nMels : (sampleFeature(feature)?.columns ?? 1);
}

/** A name a column, in order: `zcr`, `rms`, `mfcc0`, `mfcc1`… */
export function columnNames(config: FeatureConfig): string[] {
  return config.features.flatMap((feature) => {
    const width = featureWidth(feature, config);
    return width === 1 ? [feature] : Array.from({ length: width }, (_, i) => `${feature}${i}`);
  });
}

/** Frames of a full window: 108 in the paper. */
export function frameCount({ sampleRate, durationSec, hopLength }: FeatureConfig): number {
  return 1 + Math.floor(Math.ceil(durationSec * sampleRate) / hopLength);
}
