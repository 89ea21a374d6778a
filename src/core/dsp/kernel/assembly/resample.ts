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
 * @param out - written up to the next multiple of four; the samples for these outputs must be readable
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
  // To the next sample but one step further, unless the numerator becomes negative.
  const step = <usize>(stepWhole + 1) << 2;
  const change = stepNumerator - denominator;
  for (let i = 0, isSame = 0; i < count; i += 4, out += 16) {
    const a = exact(x, table + (<usize>numerator << 6));
    numerator += change;
    isSame = numerator >> 31;
    numerator += denominator & isSame;
    x += step + (<usize>isSame << 2);
    const b = exact(x, table + (<usize>numerator << 6));
    numerator += change;
    isSame = numerator >> 31;
    numerator += denominator & isSame;
    x += step + (<usize>isSame << 2);
    const c = exact(x, table + (<usize>numerator << 6));
    numerator += change;
    isSame = numerator >> 31;
    numerator += denominator & isSame;
    x += step + (<usize>isSame << 2);
    const d = exact(x, table + (<usize>numerator << 6));
    numerator += change;
    isSame = numerator >> 31;
    numerator += denominator & isSame;
    x += step + (<usize>isSame << 2);
    v128.store(out, sums(a, b, c, d));
  }
}

/** Products of the 16 samples with a filter, added to four. */
@inline
function exact(x: usize, row: usize): v128 {
  const a = f32x4.add(
    f32x4.mul(v128.load(x), v128.load(row)),
    f32x4.mul(v128.load(x, 16), v128.load(row, 16)),
  );
  const b = f32x4.add(
    f32x4.mul(v128.load(x, 32), v128.load(row, 32)),
    f32x4.mul(v128.load(x, 48), v128.load(row, 48)),
  );
  return f32x4.add(a, b);
}

/**
 * Interpolates at arbitrary positions: output i is at `whole` + `fraction` / 2³² + i · (`stepWhole` + `stepFraction` / 2³²). With 32
 * fractional bits, rounding moves the last output of four blocks by 1e-6 samples.
 *
 * @param shift - 32 - log2 of the number of phases
 * @param scale - number of phases / 2³²
 * @param table - shape [phases, 2, 16]: each filter and its difference to the next
 * @param out - written up to the next multiple of four; the samples for these outputs must be readable
 */
export function interpolateBlend(
  x: usize,
  whole: i32,
  fraction: u32,
  stepWhole: i32,
  stepFraction: u32,
  shift: i32,
  scale: f32,
  table: usize,
  count: i32,
  out: usize,
): void {
  x += <usize>whole << 2;
  const step = <usize>stepWhole << 2;
  for (let i = 0; i < count; i += 4, out += 16) {
    const a = blended(x, fraction, shift, scale, table);
    fraction += stepFraction;
    x += step + (<usize>(fraction < stepFraction) << 2);
    const b = blended(x, fraction, shift, scale, table);
    fraction += stepFraction;
    x += step + (<usize>(fraction < stepFraction) << 2);
    const c = blended(x, fraction, shift, scale, table);
    fraction += stepFraction;
    x += step + (<usize>(fraction < stepFraction) << 2);
    const d = blended(x, fraction, shift, scale, table);
    fraction += stepFraction;
    x += step + (<usize>(fraction < stepFraction) << 2);
    v128.store(out, sums(a, b, c, d));
  }
}

/** Products of the 16 samples with the filter at `fraction`, added to four. */
@inline
function blended(p: usize, fraction: u32, shift: i32, scale: f32, table: usize): v128 {
  const row = table + (<usize>(fraction >> shift) << 7);
  const t = f32x4.splat(<f32>(<i32>(fraction & ((1 << shift) - 1))) * scale);
  const h0 = f32x4.add(v128.load(row), f32x4.mul(t, v128.load(row, 64)));
  const h1 = f32x4.add(v128.load(row, 16), f32x4.mul(t, v128.load(row, 80)));
  const h2 = f32x4.add(v128.load(row, 32), f32x4.mul(t, v128.load(row, 96)));
  const h3 = f32x4.add(v128.load(row, 48), f32x4.mul(t, v128.load(row, 112)));
  const a = f32x4.add(f32x4.mul(v128.load(p), h0), f32x4.mul(v128.load(p, 16), h1));
  const b = f32x4.add(f32x4.mul(v128.load(p, 32), h2), f32x4.mul(v128.load(p, 48), h3));
  return f32x4.add(a, b);
}

/** Takes every `step`-th sample. */
export function pick(x: usize, step: i32, count: i32, out: usize): void {
  for (let i = 0; i < count; i++, out += 4, x += <usize>step << 2) store<f32>(out, load<f32>(x));
}

/** The sums of four vectors: (v₀ + v₂) + (v₁ + v₃) of each. */
@inline
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(f32x4.shuffle(a, b, 0, 4, 1, 5), f32x4.shuffle(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(f32x4.shuffle(c, d, 0, 4, 1, 5), f32x4.shuffle(c, d, 2, 6, 3, 7));
  return f32x4.add(i64x2.shuffle(ab, cd, 0, 2), i64x2.shuffle(ab, cd, 1, 3));
}
