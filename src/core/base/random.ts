import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { InvalidArgumentError } from './errors';

/** A seeded source of randomness. Pass it in; never draw from `Math.random`. */
export interface Random {
  /** uniform in [low, high), by default [0, 1) */
  uniform(low?: number, high?: number): number;
  /** normal with the given mean and standard deviation, by default standard normal (Box and Muller 1958) */
  normal(mean?: number, standardDeviation?: number): number;
  /** an array of standard normal numbers, much faster than drawing them one by one; shape [count] */
  normals(count: number): Float32Array;
  /** a copy of the samples with independent normal noise added; shape [samples] */
  addNormals(samples: Float32Array, standardDeviation: NoiseDeviation): Float32Array;
  /** an integer from 0 to `count - 1`, unbiased */
  integer(count: number): number;
  /** one of the items */
  pick<T>(items: readonly T[]): T;
  /** a shuffled copy (Fisher and Yates) */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * Creates a seeded random generator (xoroshiro128+ of the pure-rand package).
 *
 * The seed may be text, such as the name of a clip. The numbers of each clip then depend neither on the order of the clips nor on
 * the number of workers.
 *
 * @param seed - an integer, or any text (hashed with FNV-1a to 32 bits)
 * @param addNoise - implementation of `addNormals`: the plain function (default), or a faster one with the same results
 * @throws {@link InvalidArgumentError} if a numeric seed is not an integer
 * @example
 * ```ts
 * const random = createRandom('clip.wav/noise');
 * random.uniform(-1, 1);
 * ```
 */
export function createRandom(seed: number | string, addNoise: AddNormalNoise = addNormalNoise): Random {
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError('seed', 'an integer or text', seed);
  }
  const generator = xoroshiro128plus(hash32(String(seed)));
  // The first number is the same for every seed, and the next ones are similar for similar seeds.
  for (let i = 0; i < 16; i++) generator.next();
  const uniform = (low = 0, high = 1): number => low + (high - low) * uniformFloat64(generator);
  const integer = (count: number): number => {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new InvalidArgumentError('count', 'a positive integer', count);
    }
    return uniformInt(generator, 0, count - 1);
  };
  const addNormals = (samples: Float32Array, standardDeviation: NoiseDeviation): Float32Array => {
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

/** Standard deviation of noise, or a function of the signal's largest sample (-Infinity if the signal is empty). */
export type NoiseDeviation = number | ((largest: number) => number);

/** Adds normal noise to samples, computed from the state of a generator. */
export type AddNormalNoise = (
  samples: Float32Array,
  deviation: NoiseDeviation,
  state: Int32Array,
) => Float32Array;

/** Length of the state: four generators of four words each; the first words of all generators come first. */
export const noiseStateLength = 16;

/**
 * Adds normal noise: the transform of Box and Muller (1958), applied to four parallel generators, xoshiro128** of Blackman and
 * Vigna (2021, doi 10.1145/3460772). The SIMD kernel computes the same numbers up to rounding.
 *
 * The noise of a clip has 55,000 numbers; drawing them one by one would take longer than computing all of its features.
 *
 * @param samples - not changed
 * @param deviation - standard deviation of the noise, or a function of the largest sample
 * @param state - shape [16], not changed; no generator's four words (i, i + 4, i + 8, i + 12) may all be zero
 * @returns a new array, as long as `samples`
 */
export function addNormalNoise(
  samples: Float32Array,
  deviation: NoiseDeviation,
  state: Int32Array,
): Float32Array {
  const scale = typeof deviation === 'number' ? deviation : deviation(largestOf(samples));
  const words = state.slice();
  const noisy = new Float32Array(samples.length);
  const add = (i: number, noise: number): void => {
    if (i < samples.length) noisy[i] = samples[i] + scale * noise;
  };
  for (let i = 0; i < samples.length; i += 8) {
    for (let lane = 0; lane < 4; lane++) {
      // In (0, 1], in single precision as in the kernel, because near 1 rounding affects the logarithm.
      const uniform = Math.max(0.5, Math.fround(next(words, lane) >>> 1)) / 2 ** 31;
      const radius = Math.sqrt(-2 * Math.log(uniform));
      // An angle of up to 45 degrees to an axis; the last two bits select the axis and its direction.
      const word = next(words, lane);
      const angle = ((word / 2 ** 32) * Math.PI) / 2;
      const near = radius * Math.cos(angle) * (word & 2 ? -1 : 1);
      const far = radius * Math.sin(angle);
      add(i + lane, word & 1 ? far : near);
      add(i + lane + 4, word & 1 ? near : far);
    }
  }
  return noisy;
}

function largestOf(samples: Float32Array): number {
  let largest = -Infinity;
  for (const sample of samples) if (sample > largest) largest = sample;
  return largest;
}

/** The next word of one of the four generators. */
function next(words: Int32Array, lane: number): number {
  let [a, b, c, d] = [words[lane], words[lane + 4], words[lane + 8], words[lane + 12]];
  const product = Math.imul(b, 5);
  const result = Math.imul((product << 7) | (product >>> 25), 9);
  const shifted = b << 9;
  c ^= a;
  d ^= b;
  b ^= c;
  a ^= d;
  words[lane] = a;
  words[lane + 4] = b;
  words[lane + 8] = c ^ shifted;
  words[lane + 12] = (d << 11) | (d >>> 21);
  return result;
}
