import { pitchShift } from './pitch-shift';

/**
 * Speaks higher or lower at the same pace. The formants move along, as on a record played at another speed and then
 * stretched back: beyond a few semitones it is no longer the same voice.
 *
 * @param samples - shape [samples]; not changed
 * @param options.sampleRate - Hz
 * @param options.nSteps - semitones; the paper takes 0.7
 * @returns shape [samples]
 * @throws {@link InvalidArgumentError} if `nSteps` is not finite
 * @see librosa 0.11 `librosa.effects.pitch_shift`
 */
export function pitch(
  samples: Float32Array,
  { sampleRate, nSteps }: { sampleRate: number; nSteps: number },
): Float32Array {
  return pitchShift(samples, { sampleRate, nSteps });
}
