// Fundamental frequency by YIN, four frames at a time: each lane processes a quarter of the frames in order. A frame consists of
// one segment, or of several segments of one hop each; a segment is transformed once for all frames that contain it.

import { fft, joinBins, loadFrames, splitComplex } from './fft';

/**
 * Best frequency of each frame in Hz, and the cumulative mean normalised difference at its period (1 for silence).
 *
 * @param signal - first frame; readable to the end of the last frame of the last lane
 * @param frames - number of results
 * @param steps - frames per lane
 * @param hop - samples
 * @param length - samples per segment
 * @param segments - segments per frame; if there are several, `length` equals `hop`
 * @param n - size of the transform: at least `length` + `longest`, and with several segments at least 2 · `length`
 * @param window - `length` values of 1/2, then zeros to the next multiple of four
 * @param turns - exp(-2πik · `hop` / n) as two f32 for k = 0 … n / 2
 * @param work - 16 · n bytes
 * @param spec - 3 areas of 16 · n + 128 bytes, and one more for each segment except the last
 * @param shortest - shortest and longest period, samples
 * @param hz - output: `frames` frequencies, then `frames` differences
 */
export function yin(
  signal: usize,
  frames: i32,
  steps: i32,
  hop: i32,
  length: i32,
  segments: i32,
  n: i32,
  window: usize,
  turns: usize,
  plan: usize,
  work: usize,
  spec: usize,
  shortest: i32,
  longest: i32,
  sampleRate: f64,
  threshold: f64,
  hz: usize,
): void {
  const m = n >> 1;
  const area = (<usize>n << 4) + 128;
  const hopBytes = <usize>hop << 2;
  const lane = hopBytes * steps;
  const loaded = <usize>((length + 3) & ~3) << 4;
  const links = segments - 1;
  const sum = spec + area + area;
  const linked = sum + area;
  let now = spec;
  let before = spec + area;
  for (let step = 0; step < steps + links; step++) {
    loadFrames(signal + hopBytes * step, lane, length, window, work);
    memory.fill(work + loaded, 0, (<usize>n << 4) - loaded);
    fft(work, m, plan);
    splitComplex(work, m, plan, now);
    if (links > 0 && step > 0) link(before, now, turns, m, linked + area * ((step - 1) % links));
    if (step >= links) {
      addUp(now, linked, area, links, m, sum);
      joinBins(sum, m, plan, work);
      fft(work, m, plan);
      const frame = step - links;
      normalise(signal + hopBytes * frame, lane, work, plan, longest, <f32>n, sum);
      for (let l = 0; l < 4 && frame + l * steps < frames; l++) {
        const values = sum + (<usize>l << 2);
        const out = hz + (<usize>(frame + l * steps) << 2);
        const period = choosePeriod(values, shortest, longest, threshold);
        const shift = parabolicShift(values, period, shortest, longest);
        store<f32>(out, <f32>(sampleRate / (<f64>period + shift)));
        store<f32>(out + (<usize>frames << 2), load<f32>(values) > 0 ? max<f32>(0, at(values, period)) : 1);
      }
    }
    const free = before;
    before = now;
    now = free;
  }
}

/** Spectrum of the correlation of segment a with itself and the next segment b: conj(A) · (A + B delayed by a hop). */
function link(a: usize, b: usize, turns: usize, m: i32, out: usize): void {
  for (let k = 0; k <= m; k++, a += 32, b += 32, turns += 8, out += 32) {
    const wr = v128.load32_splat(turns);
    const wi = v128.load32_splat(turns, 4);
    const ar = v128.load(a);
    const ai = v128.load(a, 16);
    const br = v128.load(b);
    const bi = v128.load(b, 16);
    const re = f32x4.add(ar, f32x4.sub(f32x4.mul(br, wr), f32x4.mul(bi, wi)));
    const im = f32x4.add(ai, f32x4.add(f32x4.mul(br, wi), f32x4.mul(bi, wr)));
    v128.store(out, f32x4.add(f32x4.mul(ar, re), f32x4.mul(ai, im)));
    v128.store(out, f32x4.sub(f32x4.mul(ar, im), f32x4.mul(ai, re)), 16);
  }
}

/** Spectrum of a frame's autocorrelation: the sum of its segments' links and the power of the last segment. */
function addUp(last: usize, linked: usize, area: usize, links: i32, m: i32, out: usize): void {
  for (let k = 0; k <= m; k++, last += 32, linked += 32, out += 32) {
    const re = v128.load(last);
    const im = v128.load(last, 16);
    let real = f32x4.add(f32x4.mul(re, re), f32x4.mul(im, im));
    let imaginary = f32x4.splat(0);
    for (let i = 0, p = linked; i < links; i++, p += area) {
      real = f32x4.add(real, v128.load(p));
      imaginary = f32x4.add(imaginary, v128.load(p, 16));
    }
    v128.store(out, real);
    v128.store(out, imaginary, 16);
  }
}

/**
 * Cumulative mean normalised differences of four frames, one per lane, at delays 1 … longest; at delay 0 the energies. The
 * difference is a sum of energies minus twice the autocorrelation, multiplied by `scale`, which cancels out.
 */
function normalise(
  x: usize,
  lane: usize,
  work: usize,
  plan: usize,
  longest: i32,
  scale: f32,
  out: usize,
): void {
  const order: usize = load<u32>(plan, 8);
  const scales = f32x4.splat(scale);
  const tiny = f32x4.splat(1.17549435e-38);
  const energy = v128.load(work + load<u32>(order), 16);
  let x1 = x + lane;
  let x2 = x1 + lane;
  let x3 = x2 + lane;
  let energyBefore = f32x4.splat(0);
  // Double precision, because for aperiodic frames these sums of hundreds of values decide between delays.
  let sumLow = f64x2.splat(0);
  let sumHigh = f64x2.splat(0);
  v128.store(out, energy);
  for (let delay = 1; delay <= longest; delay++) {
    // The inverse transform swaps each pair of values.
    const p = work + load<u32>(order + (<usize>(delay >> 1) << 2)) + (delay & 1 ? 0 : 16);
    const half = f32x4.sub(energy, v128.load(p));
    let difference = f32x4.add(half, half);
    let sample = v128.load32_zero(x);
    sample = v128.load32_lane(x1, sample, 1);
    sample = v128.load32_lane(x2, sample, 2);
    sample = v128.load32_lane(x3, sample, 3);
    energyBefore = f32x4.add(energyBefore, f32x4.mul(f32x4.mul(sample, sample), scales));
    // librosa omits this term at the first delay, see ../../f0.ts.
    if (delay > 1) difference = f32x4.sub(difference, energyBefore);
    sumLow = f64x2.add(sumLow, f64x2.promote_low_f32x4(difference));
    sumHigh = f64x2.add(
      sumHigh,
      f64x2.promote_low_f32x4(i64x2.shuffle(difference, difference, 1, 0)),
    );
    const sum = i64x2.shuffle(f32x4.demote_f64x2_zero(sumLow), f32x4.demote_f64x2_zero(sumHigh), 0, 2);
    const weighted = f32x4.mul(difference, f32x4.splat(<f32>delay));
    v128.store(out + (<usize>delay << 4), f32x4.div(weighted, f32x4.max(sum, tiny)));
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
  }
}

/** The first local minimum below the threshold, otherwise the global minimum. */
function choosePeriod(values: usize, shortest: i32, longest: i32, threshold: f64): i32 {
  let deepest = shortest;
  let least = at(values, shortest);
  let before: f32 = Infinity;
  let value = least;
  for (let delay = shortest; delay <= longest; delay++) {
    const after: f32 = delay < longest ? at(values, delay + 1) : Infinity;
    // The first value must be below the second; later values may equal the next one.
    const ends = delay == shortest ? value < after : value <= after;
    if (value < before && ends && <f64>value < threshold) return delay;
    if (value < least) {
      least = value;
      deepest = delay;
    }
    before = value;
    value = after;
  }
  return deepest;
}

/** Offset of the minimum of a parabola through a value and its neighbours, within ±1. */
function parabolicShift(values: usize, delay: i32, shortest: i32, longest: i32): f64 {
  if (delay == shortest || delay == longest) return 0;
  const before = <f64>at(values, delay - 1);
  const after = <f64>at(values, delay + 1);
  const curvature = after + before - 2 * <f64>at(values, delay);
  const slope = (after - before) / 2;
  return abs(slope) >= abs(curvature) ? 0 : -slope / curvature;
}

/** The value at `delay` in the lane that starts at `values`. */
@inline
function at(values: usize, delay: i32): f32 {
  return load<f32>(values + (<usize>delay << 4));
}
