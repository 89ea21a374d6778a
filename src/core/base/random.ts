import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { InvalidArgumentError } from './errors';
import { type AddNormalNoise, addNormalNoise, noiseStateLength } from './normal-noise';

/** A seeded source of randomness. Pass it in; never draw from `Math.random`. */
export interface Random {
  /** uniform in [low, high), by default [0, 1) */
  uniform(low?: number, high?: number): number;
  /** normal with the given mean and standard deviation, by default standard normal (Box and Muller 1958) */
  normal(mean?: number, standardDeviation?: number): number;
  /** so many standard normal numbers at once, much faster than one by one; shape [count] */
  normals(count: number): Float32Array;
  /** samples with independent normal noise of this standard deviation, a new array; shape [samples] */
  addNormals(samples: Float32Array, standardDeviation: number): Float32Array;
  /** an integer from 0 to `count - 1`, unbiased */
  integer(count: number): number;
  /** one of the items */
  pick<T>(items: readonly T[]): T;
  /** a shuffled copy (Fisher and Yates) */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * Makes a random source (xoroshiro128+ of the pure-rand package).
 *
 * The seed may be text, so that a clip's own name can seed its own stream: the numbers a clip gets then do not
 * depend on the order of the clips or on the number of workers.
 *
 * @param seed - an integer, or any text (hashed with FNV-1a to 32 bits)
 * @param addNoise - what draws many normal numbers: the plain function, or a faster one of the same numbers
 * @throws {@link InvalidArgumentError} if a numeric seed is not an integer
 */
export function createRandom(seed: number | string, addNoise: AddNormalNoise = addNormalNoise): Random {
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError('seed', 'an integer or a text', seed);
  }
  const generator = xoroshiro128plus(hash32(String(seed)));
  // Its first number is the same for every seed, and the next ones are alike for seeds that are.
  for (let i = 0; i < 16; i++) generator.next();
  const uniform = (low = 0, high = 1): number => low + (high - low) * uniformFloat64(generator);
  const integer = (count: number): number => {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new InvalidArgumentError('count', 'a positive integer', count);
    }
    return uniformInt(generator, 0, count - 1);
  };
  const addNormals = (samples: Float32Array, standardDeviation: number): Float32Array => {
    const state = Int32Array.from({ length: noiseStateLength }, () => generator.next());
    for (let lane = 0; lane < 4; lane++) state[lane] |= 1; // never all zero
    return addNoise(samples, standardDeviation, state);
  };
  return {
    uniform,
    integer,
    normal: (mean = 0, standardDeviation = 1) =>
      mean + standardDeviation * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    normals: (count) => addNormals(new Float32Array(count), 1),
    addNormals,
    pick: (items) => items[integer(items.length)],
    shuffle: (items) => {
      const shuffled = [...items];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
      }
      return shuffled;
    },
  };
}

/** FNV-1a over the text's UTF-16 code units, 32 bits. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
