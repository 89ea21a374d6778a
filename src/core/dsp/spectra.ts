import { InvalidArgumentError } from '../base';
import { checkPositiveInteger, checkPowerOfTwo, checkSamples } from './checks';
import { realFft } from './fft';
import { frameSignal, type PadMode } from './framing';
import { periodicWindow, type WindowName } from './window';

/** How a signal is cut into frames for the Fourier transform. */
export interface StftOptions {
  /** samples in a frame, a power of two; default 2048 */
  nFft?: number;
  /** samples from one frame to the next; default a quarter of `winLength` */
  hopLength?: number;
  /** samples under the window, at most `nFft`: a shorter window lies in the frame's middle; default `nFft` */
  winLength?: number;
  /** default 'hann', periodic */
  window?: WindowName;
  /** whether frame i's middle (rather than its start) is sample `i · hopLength`; default true */
  center?: boolean;
  /** what a centred frame sees outside the signal; default 'constant' (zeros) */
  padMode?: PadMode;
}

/** The spectra of a signal's frames, to be taken one after the other into the same two buffers. */
export interface Spectra {
  frames: number;
  /** nFft / 2 + 1 */
  bins: number;
  /** the real and imaginary parts of the frame read last, shape [bins] each; overwritten by the next `read` */
  real: Float64Array;
  imag: Float64Array;
  /** computes frame `i` of 0 … frames - 1 */
  read(i: number): void;
}

/**
 * The one way in which this folder goes from samples to spectra; `stft` keeps them, `powerSpectrogram` only their powers.
 *
 * @param samples - shape [samples], at least one; not changed
 * @throws InvalidArgumentError if the signal is empty or not finite, an option breaks its rule, or no frame fits
 */
export function spectraOf(samples: Float32Array, options: StftOptions = {}): Spectra {
  const { nFft = 2048, window = 'hann', center = true, padMode = 'constant' } = options;
  checkSamples(samples);
  checkPowerOfTwo('nFft', nFft);
  const { winLength = nFft } = options;
  const { hopLength = Math.max(1, Math.floor(winLength / 4)) } = options;
  const weights = centredWindow(window, winLength, nFft);
  const { padded, frames } = frameSignal(samples, ['nFft', nFft], hopLength, center, padMode);
  const fft = realFft(nFft);
  const frame = new Float64Array(nFft);
  const bins = nFft / 2 + 1;
  const real = new Float64Array(bins);
  const imag = new Float64Array(bins);
  const read = (i: number): void => {
    const start = i * hopLength;
    for (let n = 0; n < nFft; n++) frame[n] = weights[n] * padded[start + n];
    fft.forward(frame, real, imag);
  };
  return { frames, bins, real, imag, read };
}

/** A window in the middle of a frame of zeros, as librosa's `util.pad_center` puts it; shape [nFft]. */
export function centredWindow(window: WindowName, winLength: number, nFft: number): Float64Array {
  checkPositiveInteger('winLength', winLength);
  if (winLength > nFft) throw new InvalidArgumentError('winLength', `at most nFft (${nFft})`, winLength);
  const weights = new Float64Array(nFft);
  weights.set(periodicWindow(window, winLength), Math.floor((nFft - winLength) / 2));
  return weights;
}
