import { InvalidArgumentError } from '../base';
import type { FeatureRows } from './feature-set';

/**
 * The log-mel bands alone: a picture a row.
 *
 * @returns dB, shape [rows, frames, nMels]; 0 where a clip is too short for a frame
 * @throws {@link InvalidArgumentError} if the set was made without `logMel`
 */
export function logMelLayout({ data, shape, config, columns }: FeatureRows): {
  data: Float32Array;
  shape: [rows: number, frames: number, bands: number];
} {
  if (!config.features.includes('logMel')) {
    throw new InvalidArgumentError('features', 'with logMel among them (for this layout)', config.features);
  }
  const [clips, versions, frames, coefficients] = shape;
  const first = columns.findIndex((name) => name.startsWith('logMel'));
  const { nMels } = config;
  const picture = new Float32Array(clips * versions * frames * nMels);
  for (let i = 0; i < clips * versions * frames; i++) {
    const start = i * coefficients + first;
    picture.set(data.subarray(start, start + nMels), i * nMels);
  }
  return { data: picture, shape: [clips * versions, frames, nMels] };
}
