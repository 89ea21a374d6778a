import type { Matrix } from '../dsp';
import type { FeatureConfig } from './config';
import type { FrontEnd } from './front-end';

/** A feature with a function of its own. */
export interface SampleFeature {
  /**
   * @param samples - of one version of a clip, at the configuration's rate
   * @returns shape [frames, columns], frames centred on multiples of `hopLength`
   */
  measure: (samples: Float32Array, config: FeatureConfig, frontEnd: FrontEnd) => Matrix;
  /** columns; default 1 */
  columns?: number;
  /** options beside rate, window and frames that its numbers depend on: it is stored under their values */
  options?: readonly (keyof FeatureConfig)[];
}

/** Features that are measured one by one, beside those that the front end measures together. A new one goes here. */
export const sampleFeatures = {
  f0: { measure: pitchContour, options: ['f0Min', 'f0Max'] },
} as const satisfies Record<string, SampleFeature>;

export type SampleFeatureName = keyof typeof sampleFeatures;

export const isSampleFeature = (name: string): name is SampleFeatureName =>
  Object.hasOwn(sampleFeatures, name);

/** @returns undefined for a feature of the front end */
export const sampleFeature = (name: string): SampleFeature | undefined =>
  isSampleFeature(name) ? sampleFeatures[name] : undefined;

function pitchContour(samples: Float32Array, config: FeatureConfig, frontEnd: FrontEnd): Matrix {
  const { sampleRate, nFft, hopLength, f0Min, f0Max } = config;
  const frames = { frameLength: nFft, hopLength };
  const { f0Hz } = frontEnd.f0Contour(samples, { sampleRate, ...frames, fMin: f0Min, fMax: f0Max });
  return { data: f0Hz.map((hz) => (Number.isNaN(hz) ? 0 : hz)), shape: [f0Hz.length, 1] };
}
