// Phase vocoder and inverse transform. librosa accumulates the phase as an angle, this code as a unit phasor (a complex number of
// magnitude 1): its advance between two frames is the phasor of the second times the conjugate of the first.

import { addFrames, fft, joinBins } from './fft';

/**
 * Stretches a signal: interpolates spectra in steps of `rate` frames and adds the resulting frames to `out`.
 *
 * @param polar - magnitudes and unit phasors from `polarStft`, followed by a row of zeros (phasor 1)
 * @param rows - number of frames before that row
 * @param frames - number of output frames, at most ceil(rows / rate)
 * @param window - `n` values, divided by n
 * @param rowArea - work area of eight rows of `stride` bytes
 * @param state - accumulated phasor, two rows; initially that of the first frame
 * @param out - initially zeros; frame t is added at t · hop, for a multiple of four frames
 */
export function stretch(
  polar: usize,
  area: usize,
  stride: usize,
  rows: i32,
  rate: f64,
  frames: i32,
  n: i32,
  hop: i32,
  window: usize,
  plan: usize,
  work: usize,
  spec: usize,
  rowArea: usize,
  state: usize,
  out: usize,
): void {
  const m = n >> 1;
  for (let t = 0; t < frames; t += 4) {
    for (let lane = 0; lane < 4; lane++) {
      const step = <f64>(t + lane) * rate;
      const whole = min(<i32>step, rows);
      const row = rowArea + stride * lane;
      if (t + lane < frames && whole < rows) {
        advance(polar + stride * whole, area, stride, m, <f32>(step - <f64>whole), state, row);
      } else {
        memory.fill(row, 0, stride);
        memory.fill(row + (stride << 2), 0, stride);
      }
    }
    fromRows(rowArea, stride, m, spec);
    joinBins(spec, m, plan, work);
    fft(work, m, plan);
    addFrames(work, plan, n, window, out, <usize>hop << 2);
    out += <usize>hop << 4;
  }
}

/** Writes one frame (real parts to `row`, imaginary parts four rows later) and advances the state. */
function advance(
  source: usize,
  area: usize,
  stride: usize,
  m: i32,
  fraction: f32,
  state: usize,
  row: usize,
): void {
  const blend = f32x4.splat(fraction);
  const half = f32x4.splat(0.5);
  const oneAndHalf = f32x4.splat(1.5);
  const next = source + stride;
  const second = area << 1;
  const imag = row + (stride << 2);
  for (let k: usize = 0; k <= <usize>m << 2; k += 16) {
    const m0 = v128.load(source + k);
    const m1 = v128.load(next + k);
    const size = f32x4.add(m0, f32x4.mul(blend, f32x4.sub(m1, m0)));
    const sr = v128.load(state + k);
    const si = v128.load(state + stride + k);
    v128.store(row + k, f32x4.mul(size, sr));
    v128.store(imag + k, f32x4.mul(size, si));
    const ar = v128.load(source + area + k);
    const ai = v128.load(source + second + k);
    const br = v128.load(next + area + k);
    const bi = v128.load(next + second + k);
    const tr = f32x4.add(f32x4.mul(br, ar), f32x4.mul(bi, ai));
    const ti = f32x4.sub(f32x4.mul(bi, ar), f32x4.mul(br, ai));
    const ur = f32x4.sub(f32x4.mul(sr, tr), f32x4.mul(si, ti));
    const ui = f32x4.add(f32x4.mul(sr, ti), f32x4.mul(si, tr));
    // One Newton step towards magnitude 1, because rounding errors would accumulate.
    const square = f32x4.add(f32x4.mul(ur, ur), f32x4.mul(ui, ui));
    const mend = f32x4.sub(oneAndHalf, f32x4.mul(half, square));
    v128.store(state + k, f32x4.mul(ur, mend));
    v128.store(state + stride + k, f32x4.mul(ui, mend));
  }
}

/** Interleaves four rows of real and four rows of imaginary parts, one lane per row. */
function fromRows(rows: usize, stride: usize, m: i32, spec: usize): void {
  const imag = rows + (stride << 2);
  for (let k: usize = 0; k <= <usize>m << 2; k += 16, spec += 128) {
    toLanes(rows + k, stride, spec);
    toLanes(imag + k, stride, spec + 16);
  }
}

@inline
function toLanes(p: usize, stride: usize, out: usize): void {
  const a = v128.load(p);
  const b = v128.load(p + stride);
  const c = v128.load(p + (stride << 1));
  const d = v128.load(p + 3 * stride);
  const ab = f32x4.shuffle(a, b, 0, 4, 1, 5);
  const cd = f32x4.shuffle(c, d, 0, 4, 1, 5);
  const AB = f32x4.shuffle(a, b, 2, 6, 3, 7);
  const CD = f32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(out, i64x2.shuffle(ab, cd, 0, 2));
  v128.store(out, i64x2.shuffle(ab, cd, 1, 3), 32);
  v128.store(out, i64x2.shuffle(AB, CD, 0, 2), 64);
  v128.store(out, i64x2.shuffle(AB, CD, 1, 3), 96);
}

/** Divides `count` samples (rounded up to a multiple of four) by the sum of squared windows where it is not zero. */
export function divideByWindows(signal: usize, sums: usize, count: i32): void {
  const tiny = f32x4.splat(1.17549435e-38);
  for (let i: usize = 0; i < <usize>count << 2; i += 16) {
    const sum = v128.load(sums + i);
    const value = v128.load(signal + i);
    v128.store(signal + i, v128.bitselect(f32x4.div(value, sum), value, f32x4.gt(sum, tiny)));
  }
}

/** Adds the squared windows of `frames` frames to `sums`, initially zeros. */
export function addWindows(squares: usize, n: i32, hop: i32, frames: i32, sums: usize): void {
  for (let t = 0; t < frames; t++, sums += <usize>hop << 2) {
    for (let i: usize = 0; i < <usize>n << 2; i += 16) {
      v128.store(sums + i, f32x4.add(v128.load(sums + i), v128.load(squares + i)));
    }
  }
}
