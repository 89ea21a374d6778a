// Spectra of frames, four at a time, with a work area that fits into the first-level cache.

import { fft, loadFrames, splitComplex, splitPower } from './fft';
import { melDecibels, scatter } from './mel';

/**
 * Complex spectra, one row per frame.
 *
 * @param signal - first frame; readable to the end of the last group of four frames
 * @param hop - samples
 * @param window - `n` values, multiplied by 1/2
 * @param work - 16 · n bytes
 * @param spec - 16 · n + 128 bytes
 * @param stride - bytes between rows, at least 4 · (n / 2 + 4); unused frames of an incomplete last group have rows, too
 */
export function stft(
  signal: usize,
  groups: i32,
  n: i32,
  hop: i32,
  window: usize,
  plan: usize,
  work: usize,
  spec: usize,
  real: usize,
  imag: usize,
  stride: usize,
): void {
  const m = n >> 1;
  for (let group = 0; group < groups; group++) {
    loadFrames(signal, <usize>hop << 2, n, window, work);
    fft(work, m, plan);
    splitComplex(work, m, plan, spec);
    for (let k = 0, p = spec; k <= m; k += 4, p += 128) {
      toRows(
        v128.load(p),
        v128.load(p, 32),
        v128.load(p, 64),
        v128.load(p, 96),
        real + (<usize>k << 2),
        stride,
      );
      toRows(
        v128.load(p, 16),
        v128.load(p, 48),
        v128.load(p, 80),
        v128.load(p, 112),
        imag + (<usize>k << 2),
        stride,
      );
    }
    signal += <usize>hop << 4;
    real += stride << 2;
    imag += stride << 2;
  }
}

/** Power (or magnitude, if `magnitude`) of every bin, one row per frame; parameters as in {@link stft}. */
export function powerRows(
  signal: usize,
  groups: i32,
  n: i32,
  hop: i32,
  window: usize,
  plan: usize,
  work: usize,
  power: usize,
  magnitude: bool,
  out: usize,
  stride: usize,
): void {
  const m = n >> 1;
  for (let group = 0; group < groups; group++) {
    loadFrames(signal, <usize>hop << 2, n, window, work);
    fft(work, m, plan);
    splitPower(work, m, plan, power);
    for (let k = 0, p = power; k <= m; k++, p += 16) {
      const v = v128.load(p);
      scatter(magnitude ? f32x4.sqrt(v) : v, out + (<usize>k << 2), stride);
    }
    signal += <usize>hop << 4;
    out += stride << 2;
  }
}

/**
 * Log-mel bands, four lanes per band, group by group. Other parameters as in {@link stft} and `melDecibels`.
 *
 * @param lastFrames - frames in the last group, 1 to 4; the others are excluded from the maximum
 * @param polar - 0, or output of magnitudes and unit phasors for the vocoder: three areas of `area` bytes, rows of `stride`
 * @returns maximum of all frames, dB
 */
export function logMel(
  signal: usize,
  groups: i32,
  lastFrames: i32,
  n: i32,
  hop: i32,
  window: usize,
  plan: usize,
  work: usize,
  power: usize,
  filters: usize,
  nMels: i32,
  amin: f32,
  bands: usize,
  peaks: usize,
  polar: usize,
  area: usize,
  stride: usize,
): f32 {
  const m = n >> 1;
  const low = f32x4.splat(-Infinity);
  v128.store(peaks, low);
  v128.store(peaks, low, 16);
  for (let group = 0; group < groups; group++) {
    loadFrames(signal, <usize>hop << 2, n, window, work);
    fft(work, m, plan);
    if (polar) {
      const spec = power + (<usize>(m + 4) << 4);
      splitComplex(work, m, plan, spec);
      powerOf(spec, m, power);
      polarRows(spec, m, polar, area, stride);
      polar += stride << 2;
    } else {
      splitPower(work, m, plan, power);
    }
    melDecibels(power, filters, nMels, amin, bands, group == groups - 1 ? peaks + 16 : peaks);
    bands += <usize>nMels << 4;
    signal += <usize>hop << 4;
  }
  let greatest: f32 = -Infinity;
  for (let lane = 0; lane < 4; lane++) greatest = max(greatest, load<f32>(peaks + (<usize>lane << 2)));
  for (let lane = 0; lane < lastFrames; lane++) {
    greatest = max(greatest, load<f32>(peaks + 16 + (<usize>lane << 2)));
  }
  return greatest;
}

/** Magnitudes and unit phasors for the vocoder; parameters as in {@link logMel}. */
export function polarStft(
  signal: usize,
  groups: i32,
  n: i32,
  hop: i32,
  window: usize,
  plan: usize,
  work: usize,
  spec: usize,
  polar: usize,
  area: usize,
  stride: usize,
): void {
  const m = n >> 1;
  for (let group = 0; group < groups; group++) {
    loadFrames(signal, <usize>hop << 2, n, window, work);
    fft(work, m, plan);
    splitComplex(work, m, plan, spec);
    polarRows(spec, m, polar, area, stride);
    polar += stride << 2;
    signal += <usize>hop << 4;
  }
}

function powerOf(spec: usize, m: i32, power: usize): void {
  for (let k = 0; k <= m; k++, spec += 32, power += 16) {
    const re = v128.load(spec);
    const im = v128.load(spec, 16);
    v128.store(power, f32x4.add(f32x4.mul(re, re), f32x4.mul(im, im)));
  }
}

/** |X| and the real and imaginary parts of X / |X| (1 where X is 0) in three areas, one row per frame. */
function polarRows(spec: usize, m: i32, polar: usize, area: usize, stride: usize): void {
  const end = polar + (<usize>m << 2);
  for (let p = spec; polar <= end; p += 128, polar += 16) {
    const a = v128.load(p);
    const b = v128.load(p, 32);
    const c = v128.load(p, 64);
    const d = v128.load(p, 96);
    const ab = f32x4.shuffle(a, b, 0, 4, 1, 5);
    const cd = f32x4.shuffle(c, d, 0, 4, 1, 5);
    const AB = f32x4.shuffle(a, b, 2, 6, 3, 7);
    const CD = f32x4.shuffle(c, d, 2, 6, 3, 7);
    const e = v128.load(p, 16);
    const f = v128.load(p, 48);
    const g = v128.load(p, 80);
    const h = v128.load(p, 112);
    const ef = f32x4.shuffle(e, f, 0, 4, 1, 5);
    const gh = f32x4.shuffle(g, h, 0, 4, 1, 5);
    const EF = f32x4.shuffle(e, f, 2, 6, 3, 7);
    const GH = f32x4.shuffle(g, h, 2, 6, 3, 7);
    let q = polar;
    toPolar(i64x2.shuffle(ab, cd, 0, 2), i64x2.shuffle(ef, gh, 0, 2), q, area);
    q += stride;
    toPolar(i64x2.shuffle(ab, cd, 1, 3), i64x2.shuffle(ef, gh, 1, 3), q, area);
    q += stride;
    toPolar(i64x2.shuffle(AB, CD, 0, 2), i64x2.shuffle(EF, GH, 0, 2), q, area);
    q += stride;
    toPolar(i64x2.shuffle(AB, CD, 1, 3), i64x2.shuffle(EF, GH, 1, 3), q, area);
  }
}

@inline
function toPolar(re: v128, im: v128, p: usize, area: usize): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const size = f32x4.sqrt(f32x4.add(f32x4.mul(re, re), f32x4.mul(im, im)));
  const inverse = f32x4.div(one, size);
  const some = f32x4.gt(size, zero);
  v128.store(p, size);
  v128.store(p + area, v128.bitselect(f32x4.mul(re, inverse), one, some));
  v128.store(p + area + area, v128.and(f32x4.mul(im, inverse), some));
}

/** Writes four interleaved values of four frames as four rows. */
@inline
export function toRows(a: v128, b: v128, c: v128, d: v128, p: usize, stride: usize): void {
  const ab = f32x4.shuffle(a, b, 0, 4, 1, 5);
  const cd = f32x4.shuffle(c, d, 0, 4, 1, 5);
  const AB = f32x4.shuffle(a, b, 2, 6, 3, 7);
  const CD = f32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(p, i64x2.shuffle(ab, cd, 0, 2));
  v128.store(p + stride, i64x2.shuffle(ab, cd, 1, 3));
  v128.store(p + (stride << 1), i64x2.shuffle(AB, CD, 0, 2));
  v128.store(p + 3 * stride, i64x2.shuffle(AB, CD, 1, 3));
}
