import { resample } from '../audio';
import { InvalidArgumentError } from '../base';
import { checkPositive, checkPositiveInteger, checkSamples, mostSamples } from './checks';
import { checkMatrix, type ComplexMatrix } from './matrix';
import { istft, stft, type StftOptions } from './spectrogram';

/** Options of {@link timeStretch}. */
export interface TimeStretchOptions extends StftOptions {
  /** speed factor: 2 halves the duration, 0.8 makes it 25 % longer; positive; default 1 */
  rate?: number;
}

/**
 * Changes the duration of a signal without changing its pitch, with a phase vocoder.
 *
 * If a signal starts with digital silence, the phases of its first bins are arbitrary: the result sounds like librosa's but the
 * samples differ.
 *
 * @param samples - shape [samples], at least one
 * @returns shape [round(samples / rate)]
 * @throws InvalidArgumentError if `rate` is not positive or leaves no sample, and as {@link stft}
 * @see librosa 0.11 `librosa.effects.time_stretch`
 * @example
 * ```ts
 * const slower = timeStretch(samples, { rate: 0.8 });
 * ```
 */
export function timeStretch(samples: Float32Array, options: TimeStretchOptions = {}): Float32Array {
  const { rate = 1, ...stftOptions } = options;
  checkPositive('rate', rate);
  checkSamples(samples);
  const length = stretchedLength(samples.length, rate);
  const stretched = phaseVocoder(stft(samples, stftOptions), { rate });
  return istft(stretched, { ...stftOptions, length });
}

/**
 * Length of a stretched signal: `length / rate`, rounded half to even as in Python.
 *
 * @throws InvalidArgumentError if it is 0
 */
export function stretchedLength(length: number, rate: number): number {
  const value = length / rate;
  const rounded = Math.round(value);
  const samples = value % 1 === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
  if (samples < 1) {
    throw new InvalidArgumentError('rate', `low enough to leave one of ${length} samples`, rate);
  }
  if (samples > mostSamples)
    throw new InvalidArgumentError('rate', `high enough for at most ${mostSamples} samples`, rate);
  return samples;
}

/** Options of {@link pitchShift}. */
export interface PitchShiftOptions extends StftOptions {
  /** steps up (negative: down), may be fractional; default 0 */
  nSteps?: number;
  /** steps per octave, a positive integer; default 12 (semitones) */
  binsPerOctave?: number;
  /** Hz; accepted as in librosa, the result does not depend on it; default 22050 */
  sampleRate?: number;
}

/**
 * Changes the pitch of a signal without changing its duration: time stretching, then resampling to the original length. The
 * formants move with the pitch, so beyond a few semitones the voice sounds like another speaker.
 *
 * @param samples - shape [samples], at least one
 * @returns shape [samples], truncated or padded with zeros where rounding changed the length
 * @throws InvalidArgumentError if `nSteps` is not finite or above 10 octaves, `binsPerOctave` is not a positive integer or
 *   `sampleRate` is not positive, and as {@link timeStretch}
 * @see librosa 0.11 `librosa.effects.pitch_shift(res_type='soxr_hq')`
 * @example
 * ```ts
 * const higher = pitchShift(samples, { nSteps: 0.7 });
 * ```
 */
export function pitchShift(samples: Float32Array, options: PitchShiftOptions = {}): Float32Array {
  const { nSteps = 0, binsPerOctave = 12, sampleRate = 22050, ...stftOptions } = options;
  checkPositiveInteger('binsPerOctave', binsPerOctave);
  checkPositive('sampleRate', sampleRate);
  if (!(Math.abs(nSteps) <= 10 * binsPerOctave)) {
    throw new InvalidArgumentError('nSteps', `within ten octaves (±${10 * binsPerOctave} steps)`, nSteps);
  }
  const rate = 2 ** (-nSteps / binsPerOctave);
  const stretched = timeStretch(samples, { ...stftOptions, rate });
  const { from, to } = pitchShiftRates(rate);
  const shifted = resample(stretched, from, to);
  const out = new Float32Array(samples.length);
  out.set(shifted.subarray(0, samples.length));
  return out;
}

/** Integer sample rates with the ratio `rate` to within 5e-10. */
export function pitchShiftRates(rate: number): { from: number; to: number } {
  return { from: Math.round(2 ** 30 / rate), to: 2 ** 30 };
}

/** Options of {@link phaseVocoder}. */
export interface PhaseVocoderOptions {
  /** speed factor: 2 halves the number of frames; positive; default 1 */
  rate?: number;
}

/**
 * Changes the speed of a short-time Fourier transform without changing its pitch. Magnitudes are interpolated between two
 * frames, and the phase of each bin advances by the phase difference between them.
 *
 * The phase advance is a product of unit phasors, `c1 · conj(c0) / |c1 · c0|`, so no angle has to be computed or unwrapped, and
 * librosa's `hop_length` (an expected advance that it subtracts and adds again) is not needed. Phases accumulate in double
 * precision, in librosa in the precision of the input.
 *
 * @param matrix - spectra, shape [frames, bins]
 * @returns shape [ceil(frames / rate), bins]
 * @throws InvalidArgumentError if the matrix does not match its shape or `rate` is not positive
 * @see librosa 0.11 `librosa.phase_vocoder`; Flanagan and Golden (1966); Ellis (2002), A phase vocoder in Matlab
 * @example
 * ```ts
 * const faster = istft(phaseVocoder(stft(samples), { rate: 1.25 }));
 * ```
 */
export function phaseVocoder(matrix: ComplexMatrix, options: PhaseVocoderOptions = {}): ComplexMatrix {
  const { rate = 1 } = options;
  checkMatrix('matrix.real', matrix.real, matrix.shape);
  checkMatrix('matrix.imag', matrix.imag, matrix.shape);
  checkPositive('rate', rate);
  const [frames, bins] = matrix.shape;
  const stretched = Math.ceil(frames / rate);
  const real = new Float32Array(stretched * bins);
  const imag = new Float32Array(stretched * bins);
  const before = createPhasors(bins);
  const after = createPhasors(bins);
  readPhasors(matrix, 0, before);
  /** accumulated phase of each bin, as a unit phasor */
  const phaseReal = before.real.slice();
  const phaseImag = before.imag.slice();

  for (let i = 0; i < stretched; i++) {
    const position = i * rate;
    const frame = Math.floor(position);
    const alpha = position - frame;
    readPhasors(matrix, frame, before);
    readPhasors(matrix, frame + 1, after);
    for (let k = 0; k < bins; k++) {
      const magnitude = (1 - alpha) * before.magnitude[k] + alpha * after.magnitude[k];
      real[i * bins + k] = magnitude * phaseReal[k];
      imag[i * bins + k] = magnitude * phaseImag[k];
      const turnReal = after.real[k] * before.real[k] + after.imag[k] * before.imag[k];
      const turnImag = after.imag[k] * before.real[k] - after.real[k] * before.imag[k];
      const turnedReal = phaseReal[k] * turnReal - phaseImag[k] * turnImag;
      const turnedImag = phaseReal[k] * turnImag + phaseImag[k] * turnReal;
      // First-order correction to length 1, because rounding errors would accumulate.
      const correction = 1.5 - 0.5 * (turnedReal * turnedReal + turnedImag * turnedImag);
      phaseReal[k] = turnedReal * correction;
      phaseImag[k] = turnedImag * correction;
    }
  }
  return { real, imag, shape: [stretched, bins] };
}

/** One frame as magnitudes and unit phasors, shape [bins] each. */
interface Phasors {
  frame: number;
  magnitude: Float64Array;
  real: Float64Array;
  imag: Float64Array;
}

function createPhasors(bins: number): Phasors {
  return {
    frame: -1,
    magnitude: new Float64Array(bins),
    real: new Float64Array(bins),
    imag: new Float64Array(bins),
  };
}

/** Reads a frame unless `out` already holds it. Frames after the last are zero; the phasor of zero is 1 (angle 0, as in numpy). */
function readPhasors(
  { real, imag, shape: [frames, bins] }: ComplexMatrix,
  frame: number,
  out: Phasors,
): void {
  if (out.frame === frame) return;
  out.frame = frame;
  for (let k = 0; k < bins; k++) {
    const re = frame < frames ? real[frame * bins + k] : 0;
    const im = frame < frames ? imag[frame * bins + k] : 0;
    const magnitude = Math.sqrt(re * re + im * im);
    out.magnitude[k] = magnitude;
    out.real[k] = magnitude > 0 ? re / magnitude : 1;
    out.imag[k] = magnitude > 0 ? im / magnitude : 0;
  }
}
