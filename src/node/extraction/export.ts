import { type FeatureSet, flatPaperRow } from '../../core/features';
import { writeStreamAtomic } from '../files';

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
    // Nine significant digits identify every float32.
    const numbers = Array.from(values, (value) => Number(value.toPrecision(9)));
    yield `${numbers.join()},${set.clips[Math.floor(row / versions)].emotion}\n`;
  }
}

/** Values in a piece of the file: 4 MB. */
const pieceLength = 2 ** 20;

/**
 * Writes an array in NumPy's format: `np.load(path)` returns it as float32.
 *
 * @param array - a feature set, or any of its layouts
 * @see NEP 1, the npy format 1.0
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
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Prefix (10 bytes), header and line feed are padded to a multiple of 64, which aligns the data.
  const header = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11)}\n`;
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  yield Buffer.concat([prefix, Buffer.from(header, 'latin1')]);
  for (let i = 0; i < data.length; i += pieceLength) {
    const piece = data.subarray(i, i + pieceLength);
    yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  }
}
