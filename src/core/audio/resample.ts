import { InvalidArgumentError } from '../base';
import { besselI0, greatestCommonDivisor, sinc } from './sinc-filter';

export interface ResampleOptions {
  /** pass-band edge (-6 dB) as a fraction of the lower rate's Nyquist frequency, in (0, 1]; default 0.9569 */
  cutOff?: number;
  /** Kaiser window's beta, at least 0; default 13.71 (about 133 dB of stop-band), 13.04 at 2:1 */
  beta?: number;
  /** half the filter's length in samples of the lower rate, at least 1; default 102, 97.25 at 2:1 */
  halfLength?: number;
}

/** A ratio with more phases than this is read from a table of this many, interpolated (error below -125 dB). */
const maxPhases = 1024;
/** Banks kept; a batch of files has few pairs of rates. */
const maxBanks = 8;
const banks = new Map<string, FilterBank>();

/**
 * Changes the sample rate with a band-limited polyphase filter: a sinc under a Kaiser window. By default it is, away from
 * the signal's first samples, the filter of soxr_hq (librosa's default) to about 1e-5.
 *
 * The signal is taken as zero outside its bounds; gain in the pass-band is 1, there is no delay. The filter bank of a pair of
 * rates is computed once and kept. This is the readable reference for a faster kernel.
 *
 * @param samples - shape [frames]; not changed
 * @param fromRate - rate of `samples`, a positive integer, Hz
 * @param toRate - rate wanted, a positive integer, Hz
 * @returns a new array, shape [ceil(frames · toRate / fromRate)] as in librosa; a copy if the rates are the same
 * @throws InvalidArgumentError if a rate is not a positive integer or an option is out of its range
 * @see librosa 0.11 `librosa.resample(res_type='soxr_hq')`; Smith, Digital Audio Resampling (CCRMA)
 */
export function resample(
  samples: Float32Array,
  fromRate: number,
  toRate: number,
  options: ResampleOptions = {},
): Float32Array {
  checkRate('fromRate', fromRate);
  checkRate('toRate', toRate);
  const halving = fromRate === 2 * toRate;
  const { cutOff = 0.9569, beta = halving ? 13.04 : 13.71, halfLength = halving ? 97.25 : 102 } = options;
  if (!(cutOff > 0 && cutOff <= 1)) throw new InvalidArgumentError('cutOff', 'in (0, 1]', cutOff);
  if (!(beta >= 0 && beta < Infinity)) throw new InvalidArgumentError('beta', 'a number of at least 0', beta);
  if (!(halfLength >= 1 && halfLength < Infinity)) {
    throw new InvalidArgumentError('halfLength', 'a number of at least 1', halfLength);
  }
  if (fromRate === toRate) return samples.slice();

  const { rows, taps, phases, up, down } = bankOf(fromRate, toRate, cutOff, beta, halfLength);
  const padded = new Float32Array(samples.length + 2 * taps);
  padded.set(samples, taps);
  const out = new Float32Array(Math.ceil((samples.length * toRate) / fromRate));
  for (let i = 0; i < out.length; i++) {
    // Output i lies at input position i · down / up: a whole sample and a fraction, exact in integers.
    const position = i * down;
    const whole = Math.floor(position / up);
    const phase = ((position - whole * up) * phases) / up;
    const row = Math.floor(phase);
    const start = whole + 1 - taps / 2 + taps;
    const value = dot(padded, start, rows, row * taps, taps);
    const blend = phase - row;
    out[i] =
      phases === up ? value : value + blend * (dot(padded, start, rows, (row + 1) * taps, taps) - value);
  }
  return out;
}

/** Filters for `phases + 1` fractional positions, the last a whole sample on. */
interface FilterBank {
  /** shape [phases + 1, taps]; tap k weighs the input sample k + 1 - taps / 2 after the whole position */
  rows: Float32Array;
  /** even */
  taps: number;
  phases: number;
  /** the ratio toRate / fromRate in lowest terms is up / down */
  up: number;
  down: number;
}

function bankOf(from: number, to: number, cutOff: number, beta: number, halfLength: number): FilterBank {
  const key = [from, to, cutOff, beta, halfLength].join();
  const kept = banks.get(key);
  if (kept) return kept;
  const divisor = greatestCommonDivisor(from, to);
  const up = to / divisor;
  const phases = Math.min(up, maxPhases);
  /** samples of the lower rate in one input sample */
  const scale = Math.min(1, to / from);
  const taps = 2 * Math.ceil(halfLength / scale);
  const rows = new Float32Array((phases + 1) * taps);
  const windowTop = besselI0(beta);
  for (let phase = 0; phase <= phases; phase++) {
    for (let tap = 0; tap < taps; tap++) {
      const t = (tap + 1 - taps / 2 - phase / phases) * scale;
      const inside = 1 - (t / halfLength) ** 2;
      if (inside < 0) continue;
      const window = besselI0(beta * Math.sqrt(inside)) / windowTop;
      rows[phase * taps + tap] = scale * cutOff * sinc(cutOff * t) * window;
    }
  }
  const bank = { rows, taps, phases, up, down: from / divisor };
  const [oldest] = banks.keys();
  if (banks.size >= maxBanks) banks.delete(oldest);
  banks.set(key, bank);
  return bank;
}

/** Inner product of `count` values of both, in double precision; four sums let the processor overlap them. */
function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, count: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < count; i += 4) {
    s0 += a[aStart + i] * b[bStart + i];
    s1 += a[aStart + i + 1] * b[bStart + i + 1];
    s2 += a[aStart + i + 2] * b[bStart + i + 2];
    s3 += a[aStart + i + 3] * b[bStart + i + 3];
  }
  for (; i < count; i++) s0 += a[aStart + i] * b[bStart + i];
  return s0 + s1 + (s2 + s3);
}

function checkRate(name: string, rate: number): void {
  if (!Number.isSafeInteger(rate) || rate < 1) {
    throw new InvalidArgumentError(name, 'a positive integer (Hz)', rate);
  }
}
