import { type FeatureSet, flatPaperRow } from '../../core/features';
import { writeStreamAtomic } from '../files';

/**
 * Writes the paper's table: a row for each version of each clip, its values in the order of `flatPaperLayout` under the
 * names 0, 1, 2…, and its emotion. With the paper's configuration there are 2,377 columns.
 *
 * It takes five times the room and a hundred times as long as `exportNpy`; numbers are as exact.
 */
export async function exportCsv(set: FeatureSet, path: string): Promise<void> {
  await writeStreamAtomic(path, csvLines(set));
}

function* csvLines(set: FeatureSet): Generator<string> {
  const [clips, versions, frames, coefficients] = set.shape;
  const values = new Float32Array(frames * coefficients);
  yield `${[...values.keys(), 'emotion'].join()}\n`;
  for (let row = 0; row < clips * versions; row++) {
    flatPaperRow(set, row, values);
    // Nine digits tell any two 32-bit floats apart.
    const numbers = Array.from(values, (value) => Number(value.toPrecision(9)));
    yield `${numbers.join()},${set.clips[Math.floor(row / versions)].emotion}\n`;
  }
}
