// Band-limited resampling in two steps. An overlap-save filter changes the rate by a power of two, to at least twice the lower
// rate; then a short interpolation filter is sufficient, because it has to pass only half the band.

import { fft, joinBins, loadFrames, splitComplex, storeFrames } from './fft';

/**
 * Filters four blocks of `n` samples, `step` samples apart, and writes the valid middle of each at the new rate.
 *
 * @param half - n values of 1/2
 * @param response - gain of bins 0 … min(n, m) / 2, divided by n
 * @param m - block length at the new rate
 * @param guard - invalid samples at each end of an output block
 * @param spec - 16 · max(n, m) + 128 bytes
 */
export function filterBlocks(
  x: usize,
  step: i32,
  n: i32,
  plan: usize,
  half: usize,
  response: usize,
  m: i32,
  planOut: usize,
  guard: i32,
  work: usize,
  spec: usize,
  out: usize,
): void {
  loadFrames(x, <usize>step << 2, n, half, work);
  fft(work, n >> 1, plan);
  splitComplex(work, n >> 1, plan, spec);
  const bins = min(n, m) >> 1;
  let p = spec;
  for (let k = 0; k <= bins; k++, p += 32, response += 4) {
    const gain = v128.load32_splat(response);
    v128.store(p, f32x4.mul(v128.load(p), gain));
    v128.store(p, f32x4.mul(v128.load(p, 16), gain), 16);
  }
  if (m > n) memory.fill(p, 0, <usize>(m - n) << 4);
  joinBins(spec, m >> 1, planOut, work);
  fft(work, m >> 1, planOut);
  storeFrames(work, planOut, guard, m - guard, out, <usize>(m - 2 * guard) << 2);
}

/**
 * Interpolates at rational positions: output i is at `numerator` / `denominator` + i · step, where a step consists of
 * `stepWhole` + `stepNumerator` / `denominator` samples.
 *
 * @param x - first sample under the 16 taps of the first output
 * @param table - shape [denominator, 16]
 */
export function interpolateExact(
  x: usize,
  numerator: i32,
  stepWhole: i32,
  stepNumerator: i32,
  denominator: i32,
  table: usize,
  count: i32,
  out: usize,
): void {
  for (let i = 0; i < count; i++) {
    const row = table + (<usize>numerator << 6);
    const a = f32x4.add(
      f32x4.mul(v128.load(x), v128.load(row)),
      f32x4.mul(v128.load(x, 16), v128.load(row, 16)),
    );
    const b = f32x4.add(
      f32x4.mul(v128.load(x, 32), v128.load(row, 32)),
      f32x4.mul(v128.load(x, 48), v128.load(row, 48)),
    );
    store<f32>(out, sum(f32x4.add(a, b)));
    out += 4;
    x += <usize>stepWhole << 2;
    numerator += stepNumerator;
    if (numerator >= denominator) {
      numerator -= denominator;
      x += 4;
    }
  }
}

/**
 * Interpolates at arbitrary positions: output i is at `position` + i · `step`.
 *
 * @param phases - a power of two
 * @param table - shape [phases, 2, 16]: each filter and its difference to the next
 */
export function interpolateBlend(
  x: usize,
  position: f64,
  step: f64,
  phases: i32,
  table: usize,
  count: i32,
  out: usize,
): void {
  // With 32 fractional bits, rounding moves the last output of four blocks by 1e-6 samples.
  let at = <i64>(position * 4294967296.0);
  const advance = <i64>(step * 4294967296.0 + 0.5);
  const scale: f32 = <f32>phases / 4294967296.0;
  const shift = 32 - ctz<u32>(phases);
  const within: u32 = (1 << shift) - 1;
  for (let i = 0; i < count; i++) {
    const whole = <i32>(at >> 32);
    const fraction = <u32>at;
    const index = fraction >> shift;
    const t = f32x4.splat(<f32>(<i32>(fraction & within)) * scale);
    at += advance;
    const row = table + (<usize>index << 7);
    const p = x + (<usize>whole << 2);
    const h0 = f32x4.add(v128.load(row), f32x4.mul(t, v128.load(row, 64)));
    const h1 = f32x4.add(v128.load(row, 16), f32x4.mul(t, v128.load(row, 80)));
    const h2 = f32x4.add(v128.load(row, 32), f32x4.mul(t, v128.load(row, 96)));
    const h3 = f32x4.add(v128.load(row, 48), f32x4.mul(t, v128.load(row, 112)));
    const a = f32x4.add(f32x4.mul(v128.load(p), h0), f32x4.mul(v128.load(p, 16), h1));
    const b = f32x4.add(f32x4.mul(v128.load(p, 32), h2), f32x4.mul(v128.load(p, 48), h3));
    store<f32>(out, sum(f32x4.add(a, b)));
    out += 4;
  }
}

/** Takes every `step`-th sample. */
export function pick(x: usize, step: i32, count: i32, out: usize): void {
  for (let i = 0; i < count; i++, out += 4, x += <usize>step << 2) store<f32>(out, load<f32>(x));
}

@inline
function sum(v: v128): f32 {
  const pair = f32x4.add(v, f32x4.shuffle(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1);
}
