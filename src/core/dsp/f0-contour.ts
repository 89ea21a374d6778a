import { InvalidArgumentError } from '../base';
import { checkPositive, checkPositiveInteger, checkSamples } from './checks';
import { realFft } from './fft';
import { frameSignal, type PadMode } from './framing';
import type { FrameOptions } from './zero-crossing-rate';

export interface F0Options extends FrameOptions {
  /** Hz; default 22050 */
  sampleRate?: number;
  /** lowest fundamental looked for; its period must fit into the frame, better twice; default 65 Hz */
  fMin?: number;
  /** highest fundamental looked for, at most half the sample rate; default 600 Hz */
  fMax?: number;
  /** the first trough below this is the period; where there is none, the deepest point is; positive; default 0.1 */
  troughThreshold?: number;
  /** a frame whose aperiodicity is above this is unvoiced; positive; default 0.3 */
  voicingThreshold?: number;
  /** what a centred frame sees outside the signal; default 'constant' (zeros) */
  padMode?: PadMode;
}

/** One value a frame each, shape [frames]. */
export interface F0Contour {
  /** fundamental frequency, Hz; NaN where the frame is unvoiced */
  f0Hz: Float32Array;
  /** the best guess in every frame, voiced or not, Hz: what `librosa.yin` returns */
  candidateHz: Float32Array;
  /**
   * YIN's normalised difference at that guess: about 0 for a periodic frame, about 1 for noise, and 1 by definition for
   * digital silence. A long period adds up to half its share of the frame.
   */
  aperiodicity: Float32Array;
}

/**
 * The voice's fundamental frequency over time, by YIN: the delay at which a frame differs least from itself.
 *
 * @param samples - shape [samples], at least one; not changed
 * @throws InvalidArgumentError if the signal is empty or not finite, no frame fits, `fMin` is not in (0, fMax), its period is
 *   not below `frameLength - 1` samples, `fMax` is above half the sample rate, or a threshold or length is not positive
 * @see de Cheveigné and Kawahara (2002), doi 10.1121/1.1458024; librosa 0.11 `librosa.yin`
 */
export function f0Contour(samples: Float32Array, options: F0Options = {}): F0Contour {
  checkSamples(samples);
  const checked = checkedF0Options(options);
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

/** @throws InvalidArgumentError as `f0Contour` does for its options, but for those that depend on the signal */
export function checkedF0Options(options: F0Options): Required<F0Options> {
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

/** Shortest and longest period looked for, samples. */
export function periodRange({ sampleRate, fMin, fMax }: Required<F0Options>): [number, number] {
  return [Math.floor(sampleRate / fMax), Math.ceil(sampleRate / fMin)];
}

/** Can frames share the correlations of their hops? */
export function areSegmentsShared(frameLength: number, hopLength: number, longest: number): boolean {
  return frameLength % hopLength === 0 && longest <= hopLength;
}

/** Autocorrelations of frames at delays 0 … longest: a function from a frame's number to one array, written anew by each call. */
type Autocorrelation = (frame: number) => Float64Array;

/**
 * A function from a frame to its cumulative mean normalised difference at delays 0 … longest (one array, written anew by
 * each call). The difference is a sum of energies less twice the autocorrelation; as in librosa, what is delayed past the
 * frame's end is compared with zero.
 */
function createDifferences(signal: Float32Array, frameLength: number, hopLength: number, longest: number) {
  const correlate = areSegmentsShared(frameLength, hopLength, longest) ? bySegments : frameByFrame;
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
      // Librosa 0.11 overwrites this term with 0 at the first delay, before it reads it; all later means hold that difference.
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
 * The same for frames that are made of whole hops, at a third of the work: neighbouring frames share most of their hops, so
 * each hop is correlated once with what follows it, and once with itself alone, for the frame that ends with it.
 */
function bySegments(
  signal: Float32Array,
  frameLength: number,
  hopLength: number,
  longest: number,
): Autocorrelation {
  const correlate = createCorrelation(hopLength, longest);
  const hopsInFrame = frameLength / hopLength;
  const hops = Math.floor(signal.length / hopLength);
  const delays = longest + 1;
  const onward = new Float64Array(hops * delays);
  const alone = new Float64Array(hops * delays);
  for (let hop = 0; hop < hops; hop++) {
    const start = hop * hopLength;
    const place = [hop * delays, (hop + 1) * delays] as const;
    correlate.read(signal.subarray(start, start + hopLength));
    correlate.withOther(signal.subarray(start, start + hopLength + longest), onward.subarray(...place));
    correlate.withItself(alone.subarray(...place));
  }
  const correlation = new Float64Array(delays);
  return (frame) => {
    const last = frame + hopsInFrame - 1;
    correlation.set(alone.subarray(last * delays, (last + 1) * delays));
    for (let hop = frame; hop < last; hop++) {
      for (let delay = 0; delay < delays; delay++) correlation[delay] += onward[hop * delays + delay];
    }
    return correlation;
  };
}

/**
 * Correlations by FFT: `read` takes `length` samples a, the others write Σ a[n] · b[n + delay] for delays 0 … longest, where
 * b is a itself, or up to `longest` samples longer; past b's end are zeros.
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

/** The first trough below the threshold, or else the deepest point. */
function choosePeriod(values: Float64Array, shortest: number, longest: number, threshold: number): number {
  let deepest = shortest;
  for (let delay = shortest; delay <= longest; delay++) {
    const falls = delay === shortest || values[delay] < values[delay - 1];
    // The first point must be below the second; later ones may be level with their next.
    const ends =
      delay === longest ||
      (delay === shortest ? values[delay] < values[delay + 1] : values[delay] <= values[delay + 1]);
    if (falls && ends && values[delay] < threshold) return delay;
    if (values[delay] < values[deepest]) deepest = delay;
  }
  return deepest;
}

/** Where, within a delay either side, a parabola through a point and its neighbours has its lowest point. */
function parabolicShift(values: Float64Array, delay: number, shortest: number, longest: number): number {
  if (delay === shortest || delay === longest) return 0;
  const curvature = values[delay + 1] + values[delay - 1] - 2 * values[delay];
  const slope = (values[delay + 1] - values[delay - 1]) / 2;
  return Math.abs(slope) >= Math.abs(curvature) ? 0 : -slope / curvature;
}
