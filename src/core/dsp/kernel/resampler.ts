import { besselI0, greatestCommonDivisor, sinc } from '../../audio';
import { planOf } from './frames';
import type { KernelExports, KernelMemory } from './wasm';

/** Filter as in `resample` of `core/audio`. */
const cutOff = 0.9569;
/** Interpolation filter after the low-pass filter: error -120 dB for a band of a quarter of the sample rate. */
const taps = 16;
const interpolationBeta = 12.5;
/** Ratios with more phases than `maxPhases` interpolate linearly in a table of `blendPhases` phases. */
const maxPhases = 4096;
const blendPhases = 512;
/** Longest transform, samples. */
const maxBlock = 8192;

/** Resampling between two rates in the kernel. */
export interface ResamplingPlan {
  /** false if the ratio needs a filter that is too long for the kernel's transforms */
  possible: boolean;
  /** number of zeros required before the first sample of the input */
  lead: number;
  /** required size of the input's area for `count` results, from the first of these zeros */
  inputSize(count: number): number;
  /** computes `count` results; `input` is the address of the first of these zeros */
  run(input: number, count: number, out: number): void;
}

/**
 * Plans resampling in two steps, see assembly/resample.ts.
 *
 * @param from - Hz, a positive integer
 * @param to - Hz, a positive integer other than `from`
 */
export function planResampling(
  kernel: KernelExports,
  memory: KernelMemory,
  from: number,
  to: number,
): ResamplingPlan {
  const halving = from === 2 * to;
  const beta = halving ? 13.04 : 13.71;
  const halfLength = halving ? 97.25 : 102;
  const scale = Math.min(1, to / from);
  // The filter's output has the rate from · 2^octave, the lowest one that is at least twice the lower of both rates.
  const octave = from >= 2 * to ? -Math.floor(Math.log2(from / (2 * to))) : 1;
  const factor = 2 ** octave;
  const unit = Math.max(16, 4 / factor);
  const guard = Math.ceil(halfLength / scale / unit) * unit;
  const n = 2 ** Math.ceil(Math.log2(8 * guard));
  const m = n * factor;
  const step = n - 2 * guard;
  const stepOut = step * factor;
  const before = unit * Math.max(1, 1 / factor);
  const beforeOut = before * factor;
  const divisor = greatestCommonDivisor(from * Math.max(1, factor), to * Math.max(1, 1 / factor));
  /** result i is at position i · down / up of the filtered signal */
  const down = (from * Math.max(1, factor)) / divisor;
  const up = (to * Math.max(1, 1 / factor)) / divisor;
  const lead = guard + before;
  const groupsFor = (count: number): number =>
    Math.max(
      1,
      Math.ceil((Math.floor(((count - 1) * down) / up) + taps / 2 + 1 + beforeOut) / (4 * stepOut)),
    );
  const inputSize = (count: number): number => (4 * groupsFor(count) - 1) * step + n;
  return { possible: n <= maxBlock && m <= maxBlock && m >= 64, lead, inputSize, run };

  function run(input: number, count: number, out: number): void {
    const plan = planOf(memory, n);
    const planOut = planOf(memory, m);
    const half = memory.table(`half ${n}`, () => new Float32Array(n).fill(0.5));
    const response = memory.table(`response ${from} ${to}`, () =>
      frequencyResponse({
        n,
        bins: Math.min(n, m) / 2 + 1,
        fine: Math.max(1, factor),
        scale,
        beta,
        halfLength,
      }),
    );
    const phases = up <= maxPhases ? up : blendPhases;
    const table = memory.table(`interpolation ${phases} ${up <= maxPhases}`, () =>
      up <= maxPhases ? phaseTable(phases) : blendTable(phases),
    );
    const longest = Math.max(n, m);
    const work = memory.area(4 * longest);
    const spec = memory.area(4 * longest + 64);
    // The filtered samples of four blocks, preceded by the last samples of the previous four.
    // The interpolation computes up to three further results, less than four samples apart. Zeros, because denormal numbers are slow.
    const filtered = memory.area(taps + 4 * stepOut + 2 * taps);
    memory.floats.fill(0, filtered / 4, filtered / 4 + taps);
    memory.floats.fill(0, filtered / 4 + taps + 4 * stepOut, filtered / 4 + 3 * taps + 4 * stepOut);
    let done = 0;
    for (let group = 0; done < count; group++) {
      kernel.filterBlocks(
        input + 16 * group * step,
        step,
        n,
        plan,
        half,
        response,
        m,
        planOut,
        guard * factor,
        work,
        spec,
        filtered + 4 * taps,
      );
      /** index of the filtered sample at address `filtered` */
      const first = group * 4 * stepOut - beforeOut - taps;
      const end = Math.min(count, Math.ceil(((first + 4 * stepOut + taps - taps / 2) * up) / down));
      if (end > done) interpolate(done, end - done, filtered, first, table, phases, out + 4 * done);
      done = Math.max(done, end);
      const tail = filtered / 4 + 4 * stepOut;
      memory.floats.copyWithin(filtered / 4, tail, tail + taps);
    }
  }

  function interpolate(
    done: number,
    count: number,
    filtered: number,
    first: number,
    table: number,
    phases: number,
    out: number,
  ): void {
    const position = done * down;
    const whole = Math.floor(position / up);
    const at = filtered + 4 * (whole - first);
    const x = at - 4 * (taps / 2 - 1);
    if (up === 1) kernel.pick(at, down, count, out);
    else if (up <= maxPhases) {
      const stepWhole = Math.floor(down / up);
      kernel.interpolateExact(
        x,
        position - whole * up,
        stepWhole,
        down - stepWhole * up,
        up,
        table,
        count,
        out,
      );
    } else {
      const start = Math.floor(((position - whole * up) / up) * 2 ** 32);
      const advance = Math.floor((down / up) * 2 ** 32 + 0.5);
      const stepWhole = Math.floor(advance / 2 ** 32);
      const shift = 32 - Math.log2(phases);
      kernel.interpolateBlend(
        x,
        0,
        start,
        stepWhole,
        advance - stepWhole * 2 ** 32,
        shift,
        2 ** -shift,
        table,
        count,
        out,
      );
    }
  }
}

/** Gain of the windowed sinc at the first `bins` bins of a transform of `n` values, divided by n; it has `fine` taps per sample. */
function frequencyResponse(options: {
  n: number;
  bins: number;
  fine: number;
  scale: number;
  beta: number;
  halfLength: number;
}): Float32Array {
  const { n, bins, fine, scale, beta, halfLength } = options;
  const period = n * fine;
  const cosines = Float64Array.from({ length: period }, (_, i) => Math.cos((2 * Math.PI * i) / period));
  const filter = Float64Array.from({ length: Math.ceil((halfLength * fine) / scale) }, (_, i) => {
    const t = (i * scale) / fine;
    return ((scale * cutOff) / fine) * sinc(cutOff * t) * kaiser(t / halfLength, beta);
  });
  return Float32Array.from({ length: bins }, (_, k) => {
    let sum = filter[0];
    for (let i = 1; i < filter.length; i++) sum += 2 * filter[i] * cosines[(k * i) % period];
    return sum / n;
  });
}

/** Interpolation filters for fractional positions 0, 1 / phases, …; shape [phases, taps]. */
function phaseTable(phases: number): Float32Array {
  return Float32Array.from({ length: phases * taps }, (_, i) =>
    interpolationFilter((i % taps) - (taps / 2 - 1) - Math.floor(i / taps) / phases),
  );
}

/** Each filter and its difference to the next; shape [phases, 2, taps]. */
function blendTable(phases: number): Float32Array {
  return Float32Array.from({ length: phases * 2 * taps }, (_, i) => {
    const phase = Math.floor(i / (2 * taps));
    const tap = (i % taps) - (taps / 2 - 1);
    const value = interpolationFilter(tap - phase / phases);
    return i % (2 * taps) < taps ? value : interpolationFilter(tap - (phase + 1) / phases) - value;
  });
}

function interpolationFilter(t: number): number {
  return sinc(t) * kaiser((2 * t) / taps, interpolationBeta);
}

/** Kaiser window at x in [-1, 1]; zero outside. */
function kaiser(x: number, beta: number): number {
  const inside = 1 - x * x;
  return inside < 0 ? 0 : besselI0(beta * Math.sqrt(inside)) / besselI0(beta);
}
