import type { Waveform } from '../audio';
import { InvalidArgumentError } from '../base';

/** A waveform reduced to few points. */
export interface Envelope {
  /** seconds; shape [points] */
  timeSec: Float32Array;
  /** full scale = 1; shape [points] */
  amplitude: Float32Array;
}

/**
 * Reduces a waveform for drawing: each section is replaced by its minimum and maximum in their order, so that no peak is lost. Short
 * waveforms are returned unchanged.
 *
 * @param waveform - at least one sample
 * @param maxPoints - maximum number of points, at least 2
 * @throws {@link InvalidArgumentError} if the waveform is empty, its rate is not positive or `maxPoints` is below 2
 */
export function waveformEnvelope({ samples, sampleRate }: Waveform, maxPoints = 2000): Envelope {
  if (samples.length === 0) throw new InvalidArgumentError('samples', 'at least one sample', samples.length);
  const envelope = createEnvelope(samples.length, sampleRate, maxPoints);
  envelope.add(samples);
  return envelope.result();
}

/**
 * Reduces a waveform like {@link waveformEnvelope}, part by part, so that it need not be in memory.
 *
 * @param frames - length of the waveform, at least 1
 * @param maxPoints - maximum number of points, at least 2
 * @returns `add` takes the next samples; `result` is complete after `frames` samples
 * @throws {@link InvalidArgumentError} if `frames` or the rate is not positive or `maxPoints` is below 2
 */
export function createEnvelope(
  frames: number,
  sampleRate: number,
  maxPoints = 2000,
): { add: (samples: Float32Array) => void; result: () => Envelope } {
  if (!(frames >= 1)) throw new InvalidArgumentError('frames', 'at least 1', frames);
  if (!(sampleRate > 0)) throw new InvalidArgumentError('sampleRate', 'a positive number (Hz)', sampleRate);
  if (!(maxPoints >= 2)) throw new InvalidArgumentError('maxPoints', 'at least 2', maxPoints);
  const isShort = frames <= maxPoints;
  const sections = isShort ? frames : Math.floor(maxPoints / 2);
  const perSection = isShort ? 1 : 2;
  const timeSec = new Float32Array(perSection * sections);
  const amplitude = new Float32Array(perSection * sections);
  const endOf = (section: number): number => Math.floor(((section + 1) * frames) / sections);
  let [at, section, end] = [0, 0, endOf(0)];
  let lowest = { at: 0, value: Infinity };
  let highest = { at: 0, value: -Infinity };
  const add = (samples: Float32Array): void => {
    for (let i = 0; i < samples.length && section < sections; i++) {
      const value = samples[i];
      if (value < lowest.value) lowest = { at, value };
      if (value > highest.value) highest = { at, value };
      if (++at < end) continue;
      const [first, second] = lowest.at < highest.at ? [lowest, highest] : [highest, lowest];
      timeSec[perSection * section] = first.at / sampleRate;
      amplitude[perSection * section] = first.value;
      if (!isShort) {
        timeSec[2 * section + 1] = second.at / sampleRate;
        amplitude[2 * section + 1] = second.value;
      }
      end = endOf(++section);
      lowest = { at, value: Infinity };
      highest = { at, value: -Infinity };
    }
  };
  return { add, result: () => ({ timeSec, amplitude }) };
}
