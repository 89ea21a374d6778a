// Zero-crossing rate and root mean square of overlapping frames, computed from sums over blocks of one hop.

/**
 * Writes one zero-crossing rate and one RMS per frame, `stride` bytes apart.
 *
 * @param signal - with `pad` zeros before it and enough zeros after it for the last frame
 * @param length - samples without padding
 * @param blocks - work area of 8 bytes for each hop that the frames cover: crossings (i32), sum of squares (f32)
 */
export function zcrRms(
  signal: usize,
  pad: i32,
  length: i32,
  frames: i32,
  frameLength: i32,
  hop: i32,
  blocks: usize,
  zcr: usize,
  rms: usize,
  stride: usize,
): void {
  const whole = frameLength % hop == 0;
  const perFrame = whole ? frameLength / hop : 1;
  const size = whole ? hop : frameLength;
  const count = frames - 1 + perFrame;
  // With edge padding there is no crossing outside the signal or at its first sample.
  const first = pad + 1;
  const end = pad + length;
  for (let b = 0; b < count; b++) {
    const start = b * hop;
    const at = blocks + ((<usize>b) << 3);
    store<i32>(at, countCrossings(signal, max(start, first), min(start + size, end)));
    store<f32>(at, sumSquares(signal + ((<usize>start) << 2), size), 4);
  }
  const inverse: f32 = 1 / <f32>frameLength;
  for (let t = 0; t < frames; t++) {
    let crossings = 0;
    let squares: f32 = 0;
    for (let b = 0; b < perFrame; b++) {
      const at = blocks + ((<usize>(t + b)) << 3);
      crossings += load<i32>(at);
      squares += load<f32>(at, 4);
    }
    // A crossing at the first sample of a frame is not counted.
    const start = t * hop;
    if (start >= first && start < end) crossings -= countCrossings(signal, start, start + 1);
    store<f32>(zcr, <f32>crossings * inverse);
    store<f32>(rms, sqrt<f32>(squares * inverse));
    zcr += stride;
    rms += stride;
  }
}

/** Number of samples i in [start, end) with another sign than i - 1; values above -1e-10 count as positive. */
function countCrossings(signal: usize, start: i32, end: i32): i32 {
  const least = f32x4.splat(-1e-10);
  let sum = i32x4.splat(0);
  let i = start;
  for (; i + 3 < end; i += 4) {
    const p = signal + ((<usize>i) << 2);
    const now = f32x4.lt(v128.load(p), least);
    const before = f32x4.lt(v128.load(p - 4), least);
    sum = i32x4.sub(sum, v128.xor(now, before));
  }
  let crossings =
    i32x4.extract_lane(sum, 0) +
    i32x4.extract_lane(sum, 1) +
    i32x4.extract_lane(sum, 2) +
    i32x4.extract_lane(sum, 3);
  for (; i < end; i++) {
    const p = signal + ((<usize>i) << 2);
    crossings += i32(load<f32>(p) < -1e-10 != load<f32>(p - 4) < -1e-10);
  }
  return crossings;
}

function sumSquares(p: usize, count: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let i = 0;
  for (; i + 7 < count; i += 8, p += 32) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    s0 = f32x4.add(s0, f32x4.mul(a, a));
    s1 = f32x4.add(s1, f32x4.mul(b, b));
  }
  s0 = f32x4.add(s0, s1);
  let sum =
    f32x4.extract_lane(s0, 0) +
    f32x4.extract_lane(s0, 1) +
    (f32x4.extract_lane(s0, 2) + f32x4.extract_lane(s0, 3));
  for (; i < count; i++, p += 4) sum += load<f32>(p) * load<f32>(p);
  return sum;
}

/** Whether `count` values, rounded up to a multiple of four, are all finite. */
export function allFinite(p: usize, count: i32): bool {
  const zero = f32x4.splat(0);
  const end = p + ((<usize>count) << 2);
  let sum = zero;
  for (; p + 48 < end; p += 64) {
    const a = f32x4.add(f32x4.mul(v128.load(p), zero), f32x4.mul(v128.load(p, 16), zero));
    const b = f32x4.add(f32x4.mul(v128.load(p, 32), zero), f32x4.mul(v128.load(p, 48), zero));
    sum = f32x4.add(sum, f32x4.add(a, b));
  }
  for (; p < end; p += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(p), zero));
  return !v128.any_true(f32x4.ne(sum, zero));
}

/** The largest of `count` values, -Infinity if there are none. */
export function largest(p: usize, count: i32): f32 {
  let a = f32x4.splat(-Infinity);
  let b = a;
  let i = 0;
  for (; i + 7 < count; i += 8, p += 32) {
    a = f32x4.pmax(a, v128.load(p));
    b = f32x4.pmax(b, v128.load(p, 16));
  }
  a = f32x4.pmax(a, b);
  let most = max<f32>(
    max<f32>(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max<f32>(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
  for (; i < count; i++, p += 4) if (load<f32>(p) > most) most = load<f32>(p);
  return most;
}
