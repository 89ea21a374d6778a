import { timeStretch } from './time-stretch';

/**
 * Speaks faster or slower at the same pitch, by a phase vocoder.
 *
 * @param samples - shape [samples]; not changed
 * @param options.rate - above 1 faster; the paper shows 0.8
 * @returns shape [round(samples / rate)]
 * @throws {@link InvalidArgumentError} if `rate` is not positive
 * @see librosa 0.11 `librosa.effects.time_stretch`
 */
export function stretch(samples: Float32Array, { rate }: { rate: number }): Float32Array {
  return timeStretch(samples, { rate });
}
