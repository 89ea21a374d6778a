// Four Fourier transforms at once, one per SIMD lane. A complex value has 32 bytes: four real and four imaginary parts.
// Real input of length n is treated as n / 2 complex values (even and odd samples), so the transforms have half the size.
//
// A plan for real length n consists of three pointers, see planOf in ../frames.ts:
//   +0 twiddles of each radix-4 pass: (w, w², w³) as six f32 for j = 0 … length / 4 - 1
//   +4 split twiddles exp(-2πik / n) as two f32 for k = 0 … n / 4
//   +8 byte offset of value k after the transform (u32, n / 2 values), because the result is in digit-reversed order

/** In-place forward transform of `m` complex values per lane; the result is in digit-reversed order. */
export function fft(data: usize, m: i32, plan: usize): void {
  const end = data + (<usize>m << 5);
  let twiddles: usize = load<u32>(plan);
  let length = m;
  while (length > 4) {
    const q = <usize>(length >> 2) << 5;
    for (let block = data; block < end; block += q << 2) {
      let w = twiddles;
      for (let p = block, stop = block + q; p < stop; p += 32, w += 24) {
        const p1 = p + q;
        const p2 = p1 + q;
        const p3 = p2 + q;
        const ar = v128.load(p);
        const cr = v128.load(p2);
        const sr = f32x4.add(ar, cr);
        const dr = f32x4.sub(ar, cr);
        const br = v128.load(p1);
        const er = v128.load(p3);
        const tr = f32x4.add(br, er);
        const ur = f32x4.sub(br, er);
        const ai = v128.load(p, 16);
        const ci = v128.load(p2, 16);
        const si = f32x4.add(ai, ci);
        const di = f32x4.sub(ai, ci);
        const bi = v128.load(p1, 16);
        const ei = v128.load(p3, 16);
        const ti = f32x4.add(bi, ei);
        const ui = f32x4.sub(bi, ei);
        v128.store(p, f32x4.add(sr, tr));
        v128.store(p, f32x4.add(si, ti), 16);
        rotate(p1, f32x4.add(dr, ui), f32x4.sub(di, ur), w);
        rotate(p2, f32x4.sub(sr, tr), f32x4.sub(si, ti), w + 8);
        rotate(p3, f32x4.sub(dr, ui), f32x4.add(di, ur), w + 16);
      }
    }
    twiddles += <usize>(length >> 2) * 24;
    length >>= 2;
  }
  if (length == 4) lastOfFour(data, end);
  else lastOfTwo(data, end);
}

/** Stores (re, im) multiplied by the twiddle at `w`. */
@inline
function rotate(p: usize, re: v128, im: v128, w: usize): void {
  const wr = v128.load32_splat(w);
  const wi = v128.load32_splat(w, 4);
  v128.store(p, f32x4.sub(f32x4.mul(re, wr), f32x4.mul(im, wi)));
  v128.store(p, f32x4.add(f32x4.mul(re, wi), f32x4.mul(im, wr)), 16);
}

function lastOfFour(data: usize, end: usize): void {
  for (let p = data; p < end; p += 128) {
    const ar = v128.load(p);
    const cr = v128.load(p, 64);
    const sr = f32x4.add(ar, cr);
    const dr = f32x4.sub(ar, cr);
    const br = v128.load(p, 32);
    const er = v128.load(p, 96);
    const tr = f32x4.add(br, er);
    const ur = f32x4.sub(br, er);
    const ai = v128.load(p, 16);
    const ci = v128.load(p, 80);
    const si = f32x4.add(ai, ci);
    const di = f32x4.sub(ai, ci);
    const bi = v128.load(p, 48);
    const ei = v128.load(p, 112);
    const ti = f32x4.add(bi, ei);
    const ui = f32x4.sub(bi, ei);
    v128.store(p, f32x4.add(sr, tr));
    v128.store(p, f32x4.add(si, ti), 16);
    v128.store(p, f32x4.add(dr, ui), 32);
    v128.store(p, f32x4.sub(di, ur), 48);
    v128.store(p, f32x4.sub(sr, tr), 64);
    v128.store(p, f32x4.sub(si, ti), 80);
    v128.store(p, f32x4.sub(dr, ui), 96);
    v128.store(p, f32x4.add(di, ur), 112);
  }
}

function lastOfTwo(data: usize, end: usize): void {
  for (let p = data; p < end; p += 64) {
    const ar = v128.load(p);
    const ai = v128.load(p, 16);
    const br = v128.load(p, 32);
    const bi = v128.load(p, 48);
    v128.store(p, f32x4.add(ar, br));
    v128.store(p, f32x4.add(ai, bi), 16);
    v128.store(p, f32x4.sub(ar, br), 32);
    v128.store(p, f32x4.sub(ai, bi), 48);
  }
}

/**
 * Reads four frames of n samples, `stride` bytes apart, multiplied by `window`, as n / 2 complex values per lane. The window
 * includes the factor 1/2 that the split functions omit.
 */
export function loadFrames(x: usize, stride: usize, n: i32, window: usize, work: usize): void {
  const x1 = x + stride;
  const x2 = x1 + stride;
  const x3 = x2 + stride;
  for (let i: usize = 0, end = <usize>n << 2; i < end; i += 16) {
    const a = v128.load(x + i);
    const b = v128.load(x1 + i);
    const c = v128.load(x2 + i);
    const d = v128.load(x3 + i);
    const ab = f32x4.shuffle(a, b, 0, 4, 1, 5);
    const cd = f32x4.shuffle(c, d, 0, 4, 1, 5);
    const AB = f32x4.shuffle(a, b, 2, 6, 3, 7);
    const CD = f32x4.shuffle(c, d, 2, 6, 3, 7);
    const w = window + i;
    v128.store(work, f32x4.mul(i64x2.shuffle(ab, cd, 0, 2), v128.load32_splat(w)));
    v128.store(work, f32x4.mul(i64x2.shuffle(ab, cd, 1, 3), v128.load32_splat(w, 4)), 16);
    v128.store(work, f32x4.mul(i64x2.shuffle(AB, CD, 0, 2), v128.load32_splat(w, 8)), 32);
    v128.store(work, f32x4.mul(i64x2.shuffle(AB, CD, 1, 3), v128.load32_splat(w, 12)), 48);
    work += 64;
  }
}

/** Computes |X|² of the n / 2 + 1 bins from the half-size transform; four lanes per bin. */
export function splitPower(work: usize, m: i32, plan: usize, out: usize): void {
  const split: usize = load<u32>(plan, 4);
  const order: usize = load<u32>(plan, 8);
  const two = f32x4.splat(2);
  const zr = v128.load(work);
  const zi = v128.load(work, 16);
  const first = f32x4.mul(f32x4.add(zr, zi), two);
  const last = f32x4.mul(f32x4.sub(zr, zi), two);
  v128.store(out, f32x4.mul(first, first));
  v128.store(out + (<usize>m << 4), f32x4.mul(last, last));
  for (let k = 1; k <= m >> 1; k++) {
    const p = work + load<u32>(order + (<usize>k << 2));
    const r = work + load<u32>(order + (<usize>(m - k) << 2));
    const w = split + (<usize>k << 3);
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(r);
    const d = v128.load(r, 16);
    const wr = v128.load32_splat(w);
    const wi = v128.load32_splat(w, 4);
    const er = f32x4.add(a, c);
    const ei = f32x4.sub(b, d);
    const or = f32x4.add(b, d);
    const oi = f32x4.sub(c, a);
    const tr = f32x4.sub(f32x4.mul(wr, or), f32x4.mul(wi, oi));
    const ti = f32x4.add(f32x4.mul(wr, oi), f32x4.mul(wi, or));
    const xr = f32x4.add(er, tr);
    const xi = f32x4.add(ei, ti);
    const yr = f32x4.sub(er, tr);
    const yi = f32x4.sub(ti, ei);
    v128.store(out + (<usize>k << 4), f32x4.add(f32x4.mul(xr, xr), f32x4.mul(xi, xi)));
    v128.store(out + (<usize>(m - k) << 4), f32x4.add(f32x4.mul(yr, yr), f32x4.mul(yi, yi)));
  }
}

/** Computes the n / 2 + 1 complex bins in order from the half-size transform; three more bins are set to zero. */
export function splitComplex(work: usize, m: i32, plan: usize, out: usize): void {
  const split: usize = load<u32>(plan, 4);
  const order: usize = load<u32>(plan, 8);
  const two = f32x4.splat(2);
  const zr = v128.load(work);
  const zi = v128.load(work, 16);
  const top = out + (<usize>m << 5);
  v128.store(out, f32x4.mul(f32x4.add(zr, zi), two));
  v128.store(out, f32x4.splat(0), 16);
  v128.store(top, f32x4.mul(f32x4.sub(zr, zi), two));
  memory.fill(top + 16, 0, 112);
  for (let k = 1; k <= m >> 1; k++) {
    const p = work + load<u32>(order + (<usize>k << 2));
    const r = work + load<u32>(order + (<usize>(m - k) << 2));
    const w = split + (<usize>k << 3);
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(r);
    const d = v128.load(r, 16);
    const wr = v128.load32_splat(w);
    const wi = v128.load32_splat(w, 4);
    const er = f32x4.add(a, c);
    const ei = f32x4.sub(b, d);
    const or = f32x4.add(b, d);
    const oi = f32x4.sub(c, a);
    const tr = f32x4.sub(f32x4.mul(wr, or), f32x4.mul(wi, oi));
    const ti = f32x4.add(f32x4.mul(wr, oi), f32x4.mul(wi, or));
    const x = out + (<usize>k << 5);
    const y = out + (<usize>(m - k) << 5);
    v128.store(x, f32x4.add(er, tr));
    v128.store(x, f32x4.add(ei, ti), 16);
    v128.store(y, f32x4.sub(er, tr));
    v128.store(y, f32x4.sub(ti, ei), 16);
  }
}

/**
 * Inverse of {@link splitComplex}: computes m complex values from m + 1 bins in order. Real and imaginary parts are swapped, so that
 * the forward transform computes the inverse. The result is 2m (the real length) times too large, which the caller's window or
 * response compensates.
 */
export function joinBins(bins: usize, m: i32, plan: usize, work: usize): void {
  const split: usize = load<u32>(plan, 4);
  for (let k = 0; k <= m >> 1; k++) {
    const p = bins + (<usize>k << 5);
    const r = bins + (<usize>(m - k) << 5);
    const w = split + (<usize>k << 3);
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(r);
    const d = v128.load(r, 16);
    const wr = v128.load32_splat(w);
    const wi = v128.load32_splat(w, 4);
    const er = f32x4.add(a, c);
    const ei = f32x4.sub(b, d);
    const dr = f32x4.sub(a, c);
    const di = f32x4.add(b, d);
    const or = f32x4.add(f32x4.mul(dr, wr), f32x4.mul(di, wi));
    const oi = f32x4.sub(f32x4.mul(di, wr), f32x4.mul(dr, wi));
    if (k > 0) {
      const y = work + (<usize>(m - k) << 5);
      v128.store(y, f32x4.sub(or, ei));
      v128.store(y, f32x4.add(er, oi), 16);
    }
    const x = work + (<usize>k << 5);
    v128.store(x, f32x4.add(ei, or));
    v128.store(x, f32x4.sub(er, oi), 16);
  }
}

/** After {@link joinBins} and the transform: writes samples `from` to `to` (multiples of 4) of lane l to `out + l · stride`. */
export function storeFrames(work: usize, plan: usize, from: i32, to: i32, out: usize, stride: usize): void {
  const order: usize = load<u32>(plan, 8);
  const o1 = out + stride;
  const o2 = o1 + stride;
  const o3 = o2 + stride;
  for (let i = from; i < to; i += 4) {
    const p = work + load<u32>(order + (<usize>i << 1));
    const r = work + load<u32>(order + (<usize>i << 1), 4);
    const a = v128.load(p, 16);
    const b = v128.load(p);
    const c = v128.load(r, 16);
    const d = v128.load(r);
    const ab = f32x4.shuffle(a, b, 0, 4, 1, 5);
    const cd = f32x4.shuffle(c, d, 0, 4, 1, 5);
    const AB = f32x4.shuffle(a, b, 2, 6, 3, 7);
    const CD = f32x4.shuffle(c, d, 2, 6, 3, 7);
    const at = <usize>(i - from) << 2;
    v128.store(out + at, i64x2.shuffle(ab, cd, 0, 2));
    v128.store(o1 + at, i64x2.shuffle(ab, cd, 1, 3));
    v128.store(o2 + at, i64x2.shuffle(AB, CD, 0, 2));
    v128.store(o3 + at, i64x2.shuffle(AB, CD, 1, 3));
  }
}

/** As {@link storeFrames} for all n samples, but multiplies by `window` and adds to `out`; the lanes may overlap. */
export function addFrames(work: usize, plan: usize, n: i32, window: usize, out: usize, stride: usize): void {
  const order: usize = load<u32>(plan, 8);
  const o1 = out + stride;
  const o2 = o1 + stride;
  const o3 = o2 + stride;
  for (let i = 0; i < n; i += 4) {
    const p = work + load<u32>(order + (<usize>i << 1));
    const r = work + load<u32>(order + (<usize>i << 1), 4);
    const a = v128.load(p, 16);
    const b = v128.load(p);
    const c = v128.load(r, 16);
    const d = v128.load(r);
    const ab = f32x4.shuffle(a, b, 0, 4, 1, 5);
    const cd = f32x4.shuffle(c, d, 0, 4, 1, 5);
    const AB = f32x4.shuffle(a, b, 2, 6, 3, 7);
    const CD = f32x4.shuffle(c, d, 2, 6, 3, 7);
    const at = <usize>i << 2;
    const w = v128.load(window + at);
    addTo(out + at, f32x4.mul(w, i64x2.shuffle(ab, cd, 0, 2)));
    addTo(o1 + at, f32x4.mul(w, i64x2.shuffle(ab, cd, 1, 3)));
    addTo(o2 + at, f32x4.mul(w, i64x2.shuffle(AB, CD, 0, 2)));
    addTo(o3 + at, f32x4.mul(w, i64x2.shuffle(AB, CD, 1, 3)));
  }
}

@inline
function addTo(p: usize, value: v128): void {
  v128.store(p, f32x4.add(v128.load(p), value));
}
