// Log-mel bands and cepstral coefficients of four power spectra. Values of four frames are interleaved.

/**
 * Mel bands of four frames in decibels.
 *
 * @param filters - a pair (first bin, number of bins; i32) for each band, then all weights (f32), band by band
 * @param amin - minimum power
 * @param peaks - maximum of each lane so far, updated
 */
export function melDecibels(
  power: usize,
  filters: usize,
  nMels: i32,
  amin: f32,
  out: usize,
  peaks: usize,
): void {
  let weight = filters + (<usize>nMels << 3);
  const floor = f32x4.splat(amin);
  let peak = v128.load(peaks);
  for (let band = 0; band < nMels; band++) {
    let p = power + (<usize>load<i32>(filters) << 4);
    const count = load<i32>(filters, 4);
    filters += 8;
    let even = f32x4.splat(0);
    let odd = f32x4.splat(0);
    let k = 0;
    for (; k + 1 < count; k += 2) {
      even = f32x4.add(even, f32x4.mul(v128.load32_splat(weight), v128.load(p)));
      odd = f32x4.add(odd, f32x4.mul(v128.load32_splat(weight, 4), v128.load(p, 16)));
      p += 32;
      weight += 8;
    }
    if (k < count) {
      even = f32x4.add(even, f32x4.mul(v128.load32_splat(weight), v128.load(p)));
      weight += 4;
    }
    const db = decibels(f32x4.pmax(f32x4.add(even, odd), floor));
    peak = f32x4.pmax(peak, db);
    v128.store(out, db);
    out += 16;
  }
  v128.store(peaks, peak);
}

// Constants are loaded, because V8 would compute a splat of each in three instructions wherever it is used.

/** √½, 1, 20 / ln 10 · (1/9, 1/7, 1/5, 1/3, 1), 10 · log10 2 */
const logarithm: usize = memory.data<f32>([
  0.70710678, 1, 0.96509886, 1.2408413, 1.7371779, 2.8952965, 8.6858896, 3.0102999,
]);

/**
 * 10 · log10 of four positive numbers. The mantissa m is scaled to [√½, √2); its logarithm is the series of the inverse
 * hyperbolic tangent of (m - 1) / (m + 1), up to the ninth power.
 */
@inline
export function decibels(x: v128): v128 {
  const one = v128.load32_splat(logarithm, 4);
  const shifted = i32x4.sub(x, v128.load32_splat(logarithm));
  const exponent = i32x4.shr_s(shifted, 23);
  const mantissa = i32x4.sub(x, i32x4.shl(exponent, 23));
  const s = f32x4.div(f32x4.sub(mantissa, one), f32x4.add(mantissa, one));
  const s2 = f32x4.mul(s, s);
  let sum = v128.load32_splat(logarithm, 8);
  sum = f32x4.add(f32x4.mul(sum, s2), v128.load32_splat(logarithm, 12));
  sum = f32x4.add(f32x4.mul(sum, s2), v128.load32_splat(logarithm, 16));
  sum = f32x4.add(f32x4.mul(sum, s2), v128.load32_splat(logarithm, 20));
  sum = f32x4.add(f32x4.mul(sum, s2), v128.load32_splat(logarithm, 24));
  const octaves = f32x4.mul(f32x4.convert_i32x4_s(exponent), v128.load32_splat(logarithm, 28));
  return f32x4.add(octaves, f32x4.mul(sum, s));
}

/**
 * Cosine transform (type II) of clamped bands.
 *
 * @param bands - four lanes per band, for each group of four frames; clamped in place
 * @param floor - lower values are raised to it (top_db)
 * @param basis - shape [nMfcc, nMels]
 * @param out - rows of all frames, `stride` bytes apart, including the unused frames of an incomplete last group
 */
export function cosineTransform(
  bands: usize,
  groups: i32,
  nMels: i32,
  floor: f32,
  basis: usize,
  nMfcc: i32,
  out: usize,
  stride: usize,
): void {
  const bytes = <usize>nMels << 4;
  for (let group = 0; group < groups; group++) {
    clamp(bands, nMels, floor);
    let b = basis;
    for (let k = 0; k < nMfcc; k++) {
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      let s2 = f32x4.splat(0);
      let s3 = f32x4.splat(0);
      let p = bands;
      const full = bands + (bytes & ~63);
      for (; p < full; p += 64, b += 16) {
        s0 = f32x4.add(s0, f32x4.mul(v128.load32_splat(b), v128.load(p)));
        s1 = f32x4.add(s1, f32x4.mul(v128.load32_splat(b, 4), v128.load(p, 16)));
        s2 = f32x4.add(s2, f32x4.mul(v128.load32_splat(b, 8), v128.load(p, 32)));
        s3 = f32x4.add(s3, f32x4.mul(v128.load32_splat(b, 12), v128.load(p, 48)));
      }
      for (; p < bands + bytes; p += 16, b += 4) {
        s0 = f32x4.add(s0, f32x4.mul(v128.load32_splat(b), v128.load(p)));
      }
      scatter(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), out + (<usize>k << 2), stride);
    }
    bands += bytes;
    out += stride << 2;
  }
}

/** Writes the clamped bands, one row per frame; parameters as in {@link cosineTransform}. */
export function bandRows(bands: usize, groups: i32, nMels: i32, floor: f32, out: usize, stride: usize): void {
  for (let group = 0; group < groups; group++) {
    clamp(bands, nMels, floor);
    for (let k = 0; k < nMels; k++) {
      scatter(v128.load(bands), out + (<usize>k << 2), stride);
      bands += 16;
    }
    out += stride << 2;
  }
}

function clamp(bands: usize, nMels: i32, floor: f32): void {
  const least = f32x4.splat(floor);
  for (let k = 0; k < nMels; k++, bands += 16) v128.store(bands, f32x4.pmax(v128.load(bands), least));
}

@inline
export function scatter(v: v128, p: usize, stride: usize): void {
  store<f32>(p, f32x4.extract_lane(v, 0));
  store<f32>(p + stride, f32x4.extract_lane(v, 1));
  store<f32>(p + (stride << 1), f32x4.extract_lane(v, 2));
  store<f32>(p + 3 * stride, f32x4.extract_lane(v, 3));
}
