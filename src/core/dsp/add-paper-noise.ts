import type { Random } from '../base';

/**
 * The paper's noise: white noise whose amplitude is up to 3.5 % of the clip's largest sample,
 * `samples + 0.035 · U(0, 1) · max(samples) · N(0, 1)`. The maximum is signed, as `np.amax` is: a clip with no positive
 * sample gets the noise upside down, which sounds the same.
 *
 * @param samples - shape [samples]; not changed
 * @param random - one uniform number, then one normal number a sample are drawn
 * @see the paper's notebook, function `noise`
 */
export function addPaperNoise(samples: Float32Array, random: Random): Float32Array {
  let largest = -Infinity;
  for (let i = 0; i < samples.length; i++) if (samples[i] > largest) largest = samples[i];
  const amplitude = 0.035 * random.uniform() * largest;
  return random.addNormals(samples, amplitude);
}
