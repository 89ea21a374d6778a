import { Zip, ZipPassThrough } from 'fflate';
import { formatCount, WorkbenchError } from '../../core/base';
import { writeStreamAtomic } from './write-atomic';

/** Bytes of an array, in pieces that need not fit in memory together. */
type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * The header of an array file of NumPy.
 *
 * @param descr - type of the values: `<f4` for float32, `<U5` for texts of up to five characters
 * @see NEP 1, the npy format 1.0
 */
export function npyHeader(descr: string, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Prefix (10 bytes), header and line feed are padded to a multiple of 64, which aligns the data.
  const header = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11)}\n`;
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([prefix, Buffer.from(header, 'latin1')]);
}

/** An array for {@link writeNpz}. */
export interface NpzArray {
  name: string;
  descr: string;
  shape: readonly number[];
  pieces: Pieces;
}

/** Texts as an array, padded to the length of the longest. */
export function textArray(name: string, texts: readonly string[]): NpzArray {
  const longest = texts.reduce((most, text) => Math.max(most, Array.from(text).length), 1);
  const data = new Uint32Array(texts.length * longest);
  for (const [i, text] of texts.entries())
    Array.from(text, (character, k) => (data[i * longest + k] = character.codePointAt(0)!));
  return { name, descr: `<U${longest}`, shape: [texts.length], pieces: [bytesOf(data)] };
}

/** 32-bit integers as an array. */
export const integerArray = (name: string, values: Int32Array): NpzArray => ({
  name,
  descr: '<i4',
  shape: [values.length],
  pieces: [bytesOf(values)],
});

/** The bytes of a typed array, without copying. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Archives without the Zip64 extension are smaller than 4 GiB. */
const maxBytes = 2 ** 32 - 2 ** 20;

/**
 * Writes named arrays as an uncompressed archive that `numpy.load` reads, completely or not at all.
 *
 * @throws {@link WorkbenchError} if the arrays have more than 4 GB
 */
export async function writeNpz(path: string, arrays: readonly NpzArray[]): Promise<void> {
  const bytes = arrays.reduce((sum, { descr, shape }) => sum + sizeOf(descr, shape), 0);
  if (bytes > maxBytes)
    throw new WorkbenchError(
      `${path}: an npz archive holds up to 4 GB, and the features have ${formatCount(Math.round(bytes / 1e6))} MB; write Parquet, or fewer corpora, versions or features`,
    );
  await writeStreamAtomic(path, npzPieces(arrays));
}

const sizeOf = (descr: string, shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 4) * (descr.startsWith('<U') ? Number(descr.slice(2)) : 1);

async function* npzPieces(arrays: readonly NpzArray[]): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  const take = (): Uint8Array[] => {
    const taken = ready;
    ready = [];
    return taken;
  };
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    ready.push(piece);
  });
  for (const { name, descr, shape, pieces } of arrays) {
    const file = new ZipPassThrough(`${name}.npy`);
    file.mtime = new Date(2000, 0, 1); // the same arrays give the same bytes
    zip.add(file);
    file.push(npyHeader(descr, shape));
    yield* take();
    for await (const piece of pieces) {
      file.push(piece);
      yield* take();
    }
    file.push(new Uint8Array(0), true);
    yield* take();
  }
  zip.end();
  yield* take();
}
