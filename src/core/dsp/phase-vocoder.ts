import { checkMatrix, checkPositive } from './checks';
import type { ComplexMatrix } from './matrix';

export interface PhaseVocoderOptions {
  /** how much faster: 2 halves the number of frames; positive; default 1 */
  rate?: number;
}

/**
 * Speeds up or slows down a short-time Fourier transform without a change of pitch: magnitudes are read between two
 * frames, and each bin's phase goes on by what it advances from the one to the other.
 *
 * The advance is a product of unit phasors, `c1 · conj(c0) / |c1 · c0|`, so no angle is ever taken or wrapped. The hop length
 * and librosa's `hop_length`, the expected advance that it subtracts before wrapping and adds after, then cancel. Phases
 * are summed in double precision, where librosa's follow its input's.
 *
 * @param matrix - spectra, shape [frames, bins]; not changed
 * @returns shape [ceil(frames / rate), bins]
 * @throws InvalidArgumentError if the matrix does not fit its shape or `rate` is not positive
 * @see librosa 0.11 `librosa.phase_vocoder`; Flanagan and Golden (1966); Ellis (2002), A phase vocoder in Matlab
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
  /** the phase of each bin so far, as a unit phasor */
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
      // A first-order step back to length 1; rounding alone would let it drift.
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

/** Reads a frame, unless it is the one already there. Frames after the last are zero; zero has the phasor 1, as angle 0 in numpy. */
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
