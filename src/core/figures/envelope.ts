import type { Waveform } from '../audio';
import { InvalidArgumentError } from '../base';

/** A waveform drawn with few points. */
export interface Envelope {
  /** seconds; shape [points] */
  timeSec: Float32Array;
  /** full scale = 1; shape [points] */
  amplitude: Float32Array;
}

/**
 * Thins a waveform for drawing: of each stretch the lowest and the highest sample, in the order they occur, so that no
 * peak is lost. A waveform that is short enough is kept sample for sample.
 *
 * @param waveform - at least one sample
 * @param maxPoints - most points to return, at least 2
 * @throws {@link InvalidArgumentError} if the waveform is empty, its rate is not positive or `maxPoints` is below 2
 */
export function waveformEnvelope({ samples, sampleRate }: Waveform, maxPoints = 2000): Envelope {
  if (samples.length === 0) throw new InvalidArgumentError('samples', 'at least one sample', samples.length);
  if (!(sampleRate > 0)) throw new InvalidArgumentError('sampleRate', 'a positive number (Hz)', sampleRate);
  if (!(maxPoints >= 2)) throw new InvalidArgumentError('maxPoints', 'at least 2', maxPoints);
  if (samples.length <= maxPoints) {
    return { timeSec: Float32Array.from(samples, (_, i) => i / sampleRate), amplitude: samples.slice() };
  }
  const stretches = Math.floor(maxPoints / 2);
  const timeSec = new Float32Array(2 * stretches);
  const amplitude = new Float32Array(2 * stretches);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = Math.floor((stretch * samples.length) / stretches);
    const end = Math.floor(((stretch + 1) * samples.length) / stretches);
    let lowest = start;
    let highest = start;
    for (let i = start + 1; i < end; i++) {
      if (samples[i] < samples[lowest]) lowest = i;
      if (samples[i] > samples[highest]) highest = i;
    }
    [Math.min(lowest, highest), Math.max(lowest, highest)].forEach((at, k) => {
      timeSec[2 * stretch + k] = at / sampleRate;
      amplitude[2 * stretch + k] = samples[at]!;
    });
  }
  return { timeSec, amplitude };
}
