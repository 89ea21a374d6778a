import { type FeatureSet, flatPaperRow } from '../../core/features';
import { bytesOf, floatText, npyHeader, writeStreamAtomic } from '../files';

/**
 * Writes the paper's feature table as CSV: a row for each version of each clip, with the values of `flatPaperLayout` in columns
 * 0, 1, 2… and the emotion in the last. The paper's configuration gives 2,377 columns.
 *
 * Numbers are exact (float32). The file is five times as large as that of {@link exportNpy} and takes a hundred times as long.
 *
 * @param path - created or replaced atomically, with its folder
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
    const numbers = Array.from(values, floatText);
    yield `${numbers.join()},${set.clips[Math.floor(row / versions)].emotion}\n`;
  }
}

/** Values in a piece of the file: 4 MB. */
const pieceLength = 2 ** 20;

/**
 * Writes an array in NumPy's format: `np.load(path)` returns it as float32.
 *
 * @param array - a feature set, or any of its layouts
 * @example
 * ```ts
 * await exportNpy(await extractFeatures(corpora), 'features.npy');
 * ```
 */
export async function exportNpy(
  array: Pick<FeatureSet, 'data'> & { shape: readonly number[] },
  path: string,
): Promise<void> {
  await writeStreamAtomic(path, npyPieces(array.data, array.shape));
}

function* npyPieces(data: Float32Array, shape: readonly number[]): Generator<Uint8Array> {
  yield npyHeader('<f4', shape);
  for (let i = 0; i < data.length; i += pieceLength) yield bytesOf(data.subarray(i, i + pieceLength));
}
