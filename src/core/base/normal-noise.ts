/** Adds normal noise to samples, from a generator's state. */
export type AddNormalNoise = (samples: Float32Array, deviation: number, state: Int32Array) => Float32Array;

/** Words of state: four generators of four words, first the four first ones. */
export const noiseStateLength = 16;

/**
 * Adds normal numbers, many at a time: the transform of Box and Muller (1958) on four generators side by side, xoshiro128**
 * of Blackman and Vigna (2021, doi 10.1145/3460772). The SIMD kernel has the same to within rounding.
 *
 * A clip's noise is 55,000 numbers: drawn one by one they cost more than all of its features.
 *
 * @param samples - not changed
 * @param deviation - standard deviation of what is added
 * @param state - shape [16], not changed; no generator's four words (i, i + 4, i + 8, i + 12) may all be zero
 * @returns a new array, as long as `samples`
 */
export function addNormalNoise(samples: Float32Array, deviation: number, state: Int32Array): Float32Array {
  const words = state.slice();
  const noisy = new Float32Array(samples.length);
  const add = (i: number, noise: number): void => {
    if (i < samples.length) noisy[i] = samples[i] + deviation * noise;
  };
  for (let i = 0; i < samples.length; i += 8) {
    for (let lane = 0; lane < 4; lane++) {
      // In (0, 1], in single precision as in the kernel: near 1 its rounding is seen in the logarithm.
      const uniform = Math.max(0.5, Math.fround(next(words, lane) >>> 1)) / 2 ** 31;
      const radius = Math.sqrt(-2 * Math.log(uniform));
      // An angle within an eighth of a turn of an axis; the last bits say which axis, and which side of it.
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
