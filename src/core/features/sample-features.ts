import type { Matrix } from '../dsp';
import type { FrontEnd } from './front-end';

/** A feature that is computed by a separate function. */
export interface SampleFeature {
  /**
   * Computes the feature of one version of a clip.
   *
   * @param samples - at the configuration's sample rate
   * @returns shape [frames, columns], frames centred on multiples of `hopLength`
   */
  measure: (samples: Float32Array, config: SampleFeatureConfig, frontEnd: FrontEnd) => Matrix;
  /** number of columns; default 1 */
  columns?: number;
  /** options that the values depend on, in addition to sample rate, window and frames; part of the cache key */
  options?: readonly (keyof SampleFeatureConfig)[];
}

/** The options of a feature configuration that these features may use. (`FeatureConfig` itself would be a circular import.) */
export interface SampleFeatureConfig {
  sampleRate: number;
  nFft: number;
  hopLength: number;
  f0Min: number;
  f0Max: number;
}

/** Features computed one at a time, in addition to those that `FrontEnd.measure` computes together. Add new ones here. */
export const sampleFeatures = {
  f0: { measure: pitchContour, options: ['f0Min', 'f0Max'] },
} as const satisfies Record<string, SampleFeature>;

export type SampleFeatureName = keyof typeof sampleFeatures;

export const isSampleFeature = (name: string): name is SampleFeatureName =>
  Object.hasOwn(sampleFeatures, name);

/** Undefined for features of `FrontEnd.measure`. */
export const sampleFeature = (name: string): SampleFeature | undefined =>
  isSampleFeature(name) ? sampleFeatures[name] : undefined;

/** Fundamental frequency in Hz, 0 for unvoiced frames. */
function pitchContour(samples: Float32Array, config: SampleFeatureConfig, frontEnd: FrontEnd): Matrix {
  const { sampleRate, nFft, hopLength, f0Min, f0Max } = config;
  const frames = { frameLength: nFft, hopLength };
  const { f0Hz } = frontEnd.f0Contour(samples, { sampleRate, ...frames, fMin: f0Min, fMax: f0Max });
  return { data: f0Hz.map((hz) => (Number.isNaN(hz) ? 0 : hz)), shape: [f0Hz.length, 1] };
}
