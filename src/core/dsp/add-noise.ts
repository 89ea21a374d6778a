import { InvalidArgumentError, type Random } from '../base';

/**
 * Adds white noise at a signal-to-noise ratio: the ratio of the clip's mean power to the noise's expected power.
 *
 * @param samples - shape [samples]; not changed. Digital silence has no level to relate noise to and is returned as it is.
 * @param options - `snrDb`, dB: 20 is clearly audible, 0 as loud as the voice; `random`, where chance comes from
 * @throws {@link InvalidArgumentError} if `snrDb` is not finite
 */
export function addNoise(
  samples: Float32Array,
  { snrDb, random }: { snrDb: number; random: Random },
): Float32Array {
  if (!Number.isFinite(snrDb)) throw new InvalidArgumentError('snrDb', 'a finite number of decibels', snrDb);
  let power = 0;
  for (let i = 0; i < samples.length; i++) power += samples[i] * samples[i];
  const deviation = Math.sqrt(power / Math.max(1, samples.length) / 10 ** (snrDb / 10));
  return random.addNormals(samples, deviation);
}
