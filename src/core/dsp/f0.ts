import { InvalidArgumentError } from '../base';
import { checkPositive, checkPositiveInteger, checkSamples } from './checks';
import { realFft } from './fft';
import { type FrameOptions, frameSignal, type PadMode } from './frame-measures';

/** Frames, frequency range and thresholds of {@link f0Contour}. */
export interface F0Options extends FrameOptions {
  /** Hz; default 22050 */
  sampleRate?: number;
  /** lowest frequency, Hz; its period must fit into the frame, ideally twice; default 65 */
  fMin?: number;
  /** highest frequency, Hz, at most half the sample rate; default 600 */
  fMax?: number;
  /** the first local minimum below this determines the period, otherwise the global minimum; positive; default 0.1 */
  troughThreshold?: number;
  /** frames with a higher aperiodicity are unvoiced; positive; default 0.3 */
  voicingThreshold?: number;
  /** padding of the signal if `center` is true; default 'constant' (zeros) */
  padMode?: PadMode;
}

/** One value per frame, shape [frames] each. */
export interface F0Contour {
  /** Hz; NaN for unvoiced frames */
  f0Hz: Float32Array;
  /** best estimate for every frame, voiced or not, Hz; the result of `librosa.yin` */
  candidateHz: Float32Array;
  /**
   * YIN's normalised difference at that estimate: about 0 for periodic frames, about 1 for noise, and 1 by definition for
   * digital silence. A period of p samples raises it by up to p / (2 · frameLength).
   */
  aperiodicity: Float32Array;
}

/**
 * Fundamental frequency over time by YIN: the delay at which a frame is most similar to itself.
 *
 * @param samples - shape [samples], at least one
 * @returns frequency, estimate and aperiodicity of each frame
 * @throws InvalidArgumentError if the signal is empty, not finite or shorter than a frame that is not centred, `fMin` is not in
 *   (0, fMax), its period is not below `frameLength - 1` samples, `fMax` is above half the sample rate, or a threshold or
 *   length is not positive
 * @see de Cheveigné and Kawahara (2002), doi 10.1121/1.1458024; librosa 0.11 `librosa.yin`
 * @example
 * ```ts
 * const { f0Hz } = f0Contour(samples, { sampleRate: 16000, fMin: 60, fMax: 400 });
 * ```
 */
export function f0Contour(samples: Float32Array, options: F0Options = {}): F0Contour {
  checkSamples(samples);
  const checked = f0Defaults(options);
  const { sampleRate, frameLength, hopLength, center, padMode, troughThreshold, voicingThreshold } = checked;
  const { padded, frames } = frameSignal(samples, ['frameLength', frameLength], hopLength, center, padMode);
  const [shortest, longest] = periodRange(checked);
  const differences = createDifferences(padded, frameLength, hopLength, longest);
  const f0Hz = new Float32Array(frames);
  const candidateHz = new Float32Array(frames);
  const aperiodicity = new Float32Array(frames);
  for (let i = 0; i < frames; i++) {
    const { values, silent } = differences(i);
    const period = choosePeriod(values, shortest, longest, troughThreshold);
    candidateHz[i] = sampleRate / (period + parabolicShift(values, period, shortest, longest));
    aperiodicity[i] = silent ? 1 : Math.max(0, values[period]);
    f0Hz[i] = aperiodicity[i] <= voicingThreshold ? candidateHz[i] : NaN;
  }
  return { f0Hz, candidateHz, aperiodicity };
}

/** The options with defaults filled in. @throws InvalidArgumentError as {@link f0Contour}, except for rules about the signal */
export function f0Defaults(options: F0Options): Required<F0Options> {
  const { sampleRate = 22050, fMin = 65, fMax = 600, frameLength = 2048, hopLength = 512 } = options;
  const { center = true, padMode = 'constant', troughThreshold = 0.1, voicingThreshold = 0.3 } = options;
  checkPositive('sampleRate', sampleRate);
  checkPositive('fMin', fMin);
  checkPositive('troughThreshold', troughThreshold);
  checkPositive('voicingThreshold', voicingThreshold);
  checkPositiveInteger('frameLength', frameLength);
  if (!(fMax <= sampleRate / 2)) {
    throw new InvalidArgumentError('fMax', `at most half the sample rate (${sampleRate / 2} Hz)`, fMax);
  }
  if (!(fMin < fMax)) throw new InvalidArgumentError('fMin', `below fMax (${fMax} Hz)`, fMin);
  if (sampleRate / fMin >= frameLength - 1) {
    const lowest = (sampleRate / (frameLength - 1)).toFixed(1);
    const rule = `above ${lowest} Hz, so that a period fits into frameLength (${frameLength} samples)`;
    throw new InvalidArgumentError('fMin', rule, fMin);
  }
  return {
    sampleRate,
    fMin,
    fMax,
    frameLength,
    hopLength,
    center,
    padMode,
    troughThreshold,
    voicingThreshold,
  };
}

/** Shortest and longest period in samples. */
export function periodRange({ sampleRate, fMin, fMax }: Required<F0Options>): [number, number] {
  return [Math.floor(sampleRate / fMax), Math.ceil(sampleRate / fMin)];
}

/** Whether frames consist of whole hops, so that their autocorrelations can be summed from those of the hops. */
export function consistsOfHops(frameLength: number, hopLength: number, longest: number): boolean {
  return frameLength % hopLength === 0 && longest <= hopLength;
}

/** Returns the autocorrelation of a frame at delays 0 … longest, in an array that the next call overwrites. */
type Autocorrelation = (frame: number) => Float64Array;

/**
 * Returns a function that computes the cumulative mean normalised difference of a frame at delays 0 … longest, in an array that
 * the next call overwrites. The difference is a sum of energies minus twice the autocorrelation; as in librosa, samples delayed
 * past the end of the frame are compared with zero.
 */
function createDifferences(signal: Float32Array, frameLength: number, hopLength: number, longest: number) {
  const correlate = consistsOfHops(frameLength, hopLength, longest) ? hopByHop : frameByFrame;
  const autocorrelation = correlate(signal, frameLength, hopLength, longest);
  const values = new Float64Array(longest + 1);

  return (frame: number): { values: Float64Array; silent: boolean } => {
    const start = frame * hopLength;
    const correlation = autocorrelation(frame);
    const energy = correlation[0];
    let energyBefore = 0;
    let sum = 0;
    for (let delay = 1; delay <= longest; delay++) {
      energyBefore += signal[start + delay - 1] ** 2;
      // librosa 0.11 sets this term to 0 at the first delay, which affects all later means.
      const difference = 2 * (energy - correlation[delay]) - (delay > 1 ? energyBefore : 0);
      sum += difference;
      values[delay] = (difference * delay) / (sum + Number.MIN_VALUE);
    }
    return { values, silent: !(energy > 0) };
  };
}

function frameByFrame(
  signal: Float32Array,
  frameLength: number,
  hopLength: number,
  longest: number,
): Autocorrelation {
  const correlate = createCorrelation(frameLength, longest);
  const correlation = new Float64Array(longest + 1);
  return (frame) => {
    correlate.read(signal.subarray(frame * hopLength, frame * hopLength + frameLength));
    correlate.withItself(correlation);
    return correlation;
  };
}

/**
 * As {@link frameByFrame} for frames of whole hops, with a third of the computation. Neighbouring frames share most of their
 * hops, so each hop is correlated once with the samples that follow it and once with itself alone (for the frame that ends there).
 */
function hopByHop(
  signal: Float32Array,
  frameLength: number,
  hopLength: number,
  longest: number,
): Autocorrelation {
  const correlate = createCorrelation(hopLength, longest);
  const hopsInFrame = frameLength / hopLength;
  const hops = Math.floor(signal.length / hopLength);
  const delays = longest + 1;
  const withNext = new Float64Array(hops * delays);
  const alone = new Float64Array(hops * delays);
  for (let hop = 0; hop < hops; hop++) {
    const start = hop * hopLength;
    const place = [hop * delays, (hop + 1) * delays] as const;
    correlate.read(signal.subarray(start, start + hopLength));
    correlate.withOther(signal.subarray(start, start + hopLength + longest), withNext.subarray(...place));
    correlate.withItself(alone.subarray(...place));
  }
  const correlation = new Float64Array(delays);
  return (frame) => {
    const last = frame + hopsInFrame - 1;
    correlation.set(alone.subarray(last * delays, (last + 1) * delays));
    for (let hop = frame; hop < last; hop++) {
      for (let delay = 0; delay < delays; delay++) correlation[delay] += withNext[hop * delays + delay];
    }
    return correlation;
  };
}

/**
 * Correlation by FFT. `read` sets a signal a of `length` samples; the other methods compute Σ a[n] · b[n + delay] for delays
 * 0 … longest, where b is a itself or a signal up to `longest` samples longer, padded with zeros.
 */
function createCorrelation(length: number, longest: number) {
  const fft = realFft(2 ** Math.ceil(Math.log2(length + longest + 1)));
  const bins = fft.size / 2 + 1;
  const padded = new Float64Array(fft.size);
  const [realA, imagA, real, imag] = Array.from({ length: 4 }, () => new Float64Array(bins));
  const all = new Float64Array(fft.size);
  const toDelays = (out: Float64Array): void => {
    fft.inverse(real, imag, all);
    out.set(all.subarray(0, longest + 1));
  };
  return {
    read(a: Float32Array): void {
      padded.fill(0).set(a);
      fft.forward(padded, realA, imagA);
    },
    withItself(out: Float64Array): void {
      for (let k = 0; k < bins; k++) real[k] = realA[k] * realA[k] + imagA[k] * imagA[k];
      imag.fill(0);
      toDelays(out);
    },
    withOther(b: Float32Array, out: Float64Array): void {
      padded.fill(0).set(b);
      fft.forward(padded, real, imag);
      for (let k = 0; k < bins; k++) {
        const product = realA[k] * real[k] + imagA[k] * imag[k];
        imag[k] = realA[k] * imag[k] - imagA[k] * real[k];
        real[k] = product;
      }
      toDelays(out);
    },
  };
}

/** The first local minimum below the threshold, otherwise the global minimum. */
function choosePeriod(values: Float64Array, shortest: number, longest: number, threshold: number): number {
  let lowest = shortest;
  for (let delay = shortest; delay <= longest; delay++) {
    const falls = delay === shortest || values[delay] < values[delay - 1];
    // The first value must be below the second; later values may equal the next one.
    const ends =
      delay === longest ||
      (delay === shortest ? values[delay] < values[delay + 1] : values[delay] <= values[delay + 1]);
    if (falls && ends && values[delay] < threshold) return delay;
    if (values[delay] < values[lowest]) lowest = delay;
  }
  return lowest;
}

/** Offset of the minimum of a parabola through a value and its neighbours, within ±1. */
function parabolicShift(values: Float64Array, delay: number, shortest: number, longest: number): number {
  if (delay === shortest || delay === longest) return 0;
  const curvature = values[delay + 1] + values[delay - 1] - 2 * values[delay];
  const slope = (values[delay + 1] - values[delay - 1]) / 2;
  return Math.abs(slope) >= Math.abs(curvature) ? 0 : -slope / curvature;
}
