// Normal noise, as addNormalNoise in core/base/random.ts, where the methods are cited.

import { decibels } from './mel';

/** ½, 2⁻³¹, -ln 10 / 5, π / 2³³, and the series of sine (- 1/7!, 1/9!, 1/5!, - 1/3!) and cosine (- 1/6!, 1/8!, 1/4!, - ½, 1) */
const constants: usize = memory.data<f32>([
  0.5, 4.6566128730773926e-10, -0.46051702, 3.6572951980764767e-10, -1.984127e-4, 2.7557319e-6, 8.3333333e-3,
  -0.16666667, -1.3888889e-3, 2.4801587e-5, 4.1666667e-2, -0.5, 1,
]);

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
      f32x4.pmax(f32x4.convert_i32x4_s(i32x4.shr_u(result, 1)), v128.load32_splat(constants)),
      v128.load32_splat(constants, 4),
    );
    // -2 ln u
    const square = f32x4.mul(decibels(uniform), v128.load32_splat(constants, 8));
    const radius = f32x4.mul(scale, f32x4.sqrt(f32x4.pmax(zero, square)));

    result = star(b);
    shifted = i32x4.shl(b, 9);
    c = v128.xor(c, a);
    d = v128.xor(d, b);
    b = v128.xor(b, c);
    a = v128.xor(a, d);
    c = v128.xor(c, shifted);
    d = rotate(d, 11);
    // An angle of up to 45 degrees to an axis; the last two bits select the axis and its direction.
    const angle = f32x4.mul(f32x4.convert_i32x4_s(result), v128.load32_splat(constants, 12));
    const swap = i32x4.shr_s(i32x4.shl(result, 31), 31);
    const flip = i32x4.shl(i32x4.shr_u(result, 1), 31);
    const x2 = f32x4.mul(angle, angle);
    let sine = f32x4.mul(x2, v128.load32_splat(constants, 20));
    sine = f32x4.add(v128.load32_splat(constants, 16), sine);
    sine = f32x4.add(v128.load32_splat(constants, 24), f32x4.mul(x2, sine));
    sine = f32x4.add(v128.load32_splat(constants, 28), f32x4.mul(x2, sine));
    sine = f32x4.add(angle, f32x4.mul(f32x4.mul(angle, x2), sine));
    let cosine = f32x4.mul(x2, v128.load32_splat(constants, 36));
    cosine = f32x4.add(v128.load32_splat(constants, 32), cosine);
    cosine = f32x4.add(v128.load32_splat(constants, 40), f32x4.mul(x2, cosine));
    cosine = f32x4.add(v128.load32_splat(constants, 44), f32x4.mul(x2, cosine));
    cosine = f32x4.add(v128.load32_splat(constants, 48), f32x4.mul(x2, cosine));
    const near = f32x4.mul(radius, v128.xor(cosine, flip));
    const far = f32x4.mul(radius, sine);
    v128.store(out, f32x4.add(v128.load(x), v128.bitselect(far, near, swap)));
    v128.store(out, f32x4.add(v128.load(x, 16), v128.bitselect(near, far, swap)), 16);
  }
}

/** 9 · rotate(5 · b, 7), with shifts instead of slow multiplications. */
@inline
function star(b: v128): v128 {
  const rotated = rotate(i32x4.add(i32x4.shl(b, 2), b), 7);
  return i32x4.add(i32x4.shl(rotated, 3), rotated);
}

@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}
