import type { FeatureSet } from '../../core/features';
import { writeStreamAtomic } from '../files';

/** Values in a piece of the file: 4 MB. */
const pieceLength = 2 ** 20;

/**
 * Writes an array as NumPy does: `np.load(path)` gives it back as float32.
 *
 * @param array - a feature set, or any of its layouts
 * @see NEP 1, the npy format 1.0
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
  // Prefix (10 bytes), header and line feed fill a multiple of 64, so that the data is aligned.
  const header = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11)}\n`;
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  yield Buffer.concat([prefix, Buffer.from(header, 'latin1')]);
  for (let i = 0; i < data.length; i += pieceLength) {
    const piece = data.subarray(i, i + pieceLength);
    yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  }
}
