// Normal noise, as addNormalNoise in core/base/random.ts, where the methods are cited.

import { decibels } from './mel';

/**
 * @param x - samples; read (and `out` written) up to the next multiple of eight
 * @param state - of four generators with 32-bit words: four first words, four second words, …; not updated
 */
export function addNormalNoise(x: usize, count: i32, deviation: f32, state: usize, out: usize): void {
  let a = v128.load(state);
  let b = v128.load(state, 16);
  let c = v128.load(state, 32);
  let d = v128.load(state, 48);
  const zero = f32x4.splat(0);
  const one = i32x4.splat(1);
  const scale = f32x4.splat(deviation);
  for (let i = 0; i < count; i += 8, x += 32, out += 32) {
    let result = star(b);
    let shifted = i32x4.shl(b, 9);
    c = v128.xor(c, a);
    d = v128.xor(d, b);
    b = v128.xor(b, c);
    a = v128.xor(a, d);
    c = v128.xor(c, shifted);
    d = rotate(d, 11);
    const uniform = f32x4.mul(
      f32x4.max(f32x4.convert_i32x4_s(i32x4.shr_u(result, 1)), f32x4.splat(0.5)),
      f32x4.splat(1.0 / 2147483648.0),
    );
    // -2 ln u
    const square = f32x4.mul(decibels(uniform), f32x4.splat(-0.46051702));
    const radius = f32x4.mul(scale, f32x4.sqrt(f32x4.max(square, zero)));

    result = star(b);
    shifted = i32x4.shl(b, 9);
    c = v128.xor(c, a);
    d = v128.xor(d, b);
    b = v128.xor(b, c);
    a = v128.xor(a, d);
    c = v128.xor(c, shifted);
    d = rotate(d, 11);
    // An angle of up to 45 degrees to an axis; the last two bits select the axis and its direction.
    const angle = f32x4.mul(f32x4.convert_i32x4_s(result), f32x4.splat(1.5707963267948966 / 4294967296.0));
    const swap = i32x4.eq(v128.and(result, one), one);
    const flip = i32x4.shl(i32x4.shr_u(result, 1), 31);
    const x2 = f32x4.mul(angle, angle);
    let sine = f32x4.add(f32x4.splat(-1.984127e-4), f32x4.mul(x2, f32x4.splat(2.7557319e-6)));
    sine = f32x4.add(f32x4.splat(8.3333333e-3), f32x4.mul(x2, sine));
    sine = f32x4.add(f32x4.splat(-0.16666667), f32x4.mul(x2, sine));
    sine = f32x4.add(angle, f32x4.mul(f32x4.mul(angle, x2), sine));
    let cosine = f32x4.add(f32x4.splat(-1.3888889e-3), f32x4.mul(x2, f32x4.splat(2.4801587e-5)));
    cosine = f32x4.add(f32x4.splat(4.1666667e-2), f32x4.mul(x2, cosine));
    cosine = f32x4.add(f32x4.splat(-0.5), f32x4.mul(x2, cosine));
    cosine = f32x4.add(f32x4.splat(1), f32x4.mul(x2, cosine));
    const near = f32x4.mul(radius, v128.xor(cosine, flip));
    const far = f32x4.mul(radius, sine);
    v128.store(out, f32x4.add(v128.load(x), v128.bitselect(far, near, swap)));
    v128.store(out, f32x4.add(v128.load(x, 16), v128.bitselect(near, far, swap)), 16);
  }
}

@inline
function star(b: v128): v128 {
  return i32x4.mul(rotate(i32x4.mul(b, i32x4.splat(5)), 7), i32x4.splat(9));
}

@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}
