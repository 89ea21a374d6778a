import { featureWidth } from './columns';
import type { FeatureRows } from './feature-set';

/**
 * Rows as the paper's notebook lays them out: the first feature of all frames, then the second, then the third (frame by
 * frame): [108 ZCR | 108 RMS | 108 × 20 MFCC], 2,376 values.
 *
 * As there, a clip that is too short for all frames has its zeros at the end of the whole row: its second and third feature
 * begin earlier than those of other clips. {@link frameLayout} has no such shift.
 *
 * @returns shape [rows, frames · coefficients]; a copy, as large as the set
 */
export function flatPaperLayout(set: FeatureRows): {
  data: Float32Array;
  shape: [rows: number, values: number];
} {
  const [clips, versions, frames, coefficients] = set.shape;
  const rows = clips * versions;
  const values = frames * coefficients;
  const data = new Float32Array(rows * values);
  for (let row = 0; row < rows; row++)
    flatPaperRow(set, row, data.subarray(row * values, (row + 1) * values));
  return { data, shape: [rows, values] };
}

/**
 * One row of {@link flatPaperLayout}.
 *
 * @param out - overwritten; shape [frames · coefficients]
 * @returns `out`
 */
export function flatPaperRow(
  { data, shape: [, , frames, coefficients], frames: counts, config }: FeatureRows,
  row: number,
  out = new Float32Array(frames * coefficients),
): Float32Array {
  const start = row * frames * coefficients;
  let at = 0;
  let first = 0;
  for (const feature of config.features) {
    const width = featureWidth(feature, config);
    for (let i = 0; i < counts[row]; i++) {
      for (let k = 0; k < width; k++) out[at++] = data[start + i * coefficients + first + k];
    }
    first += width;
  }
  return out.fill(0, at);
}
