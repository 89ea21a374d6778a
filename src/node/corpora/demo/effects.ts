import type { Random } from '../../../core/base';

/**
 * Reads a signal at a wavering speed, which shakes its pitch: slowly and regularly (tremor, 5 to 7 Hz) and fast and at random
 * (jitter, below 50 Hz). A steady speed above 1 raises pitch and formants and shortens the signal.
 *
 * @param samples - shape [frames]
 * @param speed - mean speed, about 1
 * @param tremor - largest deviation of the speed by tremor, as a fraction
 * @param jitter - standard deviation of the speed by jitter, as a fraction
 * @returns a new array; cubic (Catmull-Rom) interpolation between samples
 */
export function waver(
  samples: Float32Array,
  sampleRate: number,
  { speed, tremor, jitter }: { speed: number; tremor: number; jitter: number },
  random: Random,
): Float32Array {
  const tremorHz = random.uniform(5, 7);
  const phase = random.uniform(0, 2 * Math.PI);
  const block = Math.round(sampleRate / 100);
  const out = new Float32Array(Math.ceil((samples.length / speed) * 1.1));
  let position = 1;
  let frames = 0;
  let [from, to] = [0, random.normal(0, jitter)];
  for (; position < samples.length - 2 && frames < out.length; frames++) {
    if (frames % block === 0) [from, to] = [to, random.normal(0, jitter)];
    const i = Math.floor(position);
    out[frames] = catmullRom(samples[i - 1], samples[i], samples[i + 1], samples[i + 2], position - i);
    const shake = tremor * Math.sin((2 * Math.PI * tremorHz * frames) / sampleRate + phase);
    position += speed * (1 + shake + from + (to - from) * ((frames % block) / block));
  }
  return out.slice(0, frames);
}

/**
 * A high shelf: raises or lowers what lies above a corner frequency, gently (slope 0.5).
 *
 * @returns a new array, shape as `samples`
 * @see Bristow-Johnson, Cookbook formulae for audio EQ biquad filter coefficients
 */
export function highShelf(
  samples: Float32Array,
  sampleRate: number,
  { cornerHz, gainDb }: { cornerHz: number; gainDb: number },
): Float32Array {
  const a = 10 ** (gainDb / 40);
  const w = (2 * Math.PI * cornerHz) / sampleRate;
  const cos = Math.cos(w);
  const slope = 0.5;
  const alpha = (Math.sin(w) / 2) * Math.sqrt((a + 1 / a) * (1 / slope - 1) + 2);
  const root = 2 * Math.sqrt(a) * alpha;
  const a0 = a + 1 - (a - 1) * cos + root;
  const b0 = (a * (a + 1 + (a - 1) * cos + root)) / a0;
  const b1 = (-2 * a * (a - 1 + (a + 1) * cos)) / a0;
  const b2 = (a * (a + 1 + (a - 1) * cos - root)) / a0;
  const a1 = (2 * (a - 1 - (a + 1) * cos)) / a0;
  const a2 = (a + 1 - (a - 1) * cos - root) / a0;
  const out = new Float32Array(samples.length);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i];
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    out[i] = y;
  }
  return out;
}

/** The signal's level over time: root mean square through a smoother of about 20 ms, both ways; shape as `samples`. */
export function envelope(samples: Float32Array, sampleRate: number): Float32Array {
  const keep = Math.exp(-1 / (0.02 * sampleRate));
  const power = new Float32Array(samples.length);
  let state = 0;
  for (let i = 0; i < samples.length; i++)
    power[i] = state = keep * state + (1 - keep) * samples[i] * samples[i];
  for (let i = samples.length - 1; i >= 0; i--) power[i] = state = keep * state + (1 - keep) * power[i];
  return power.map(Math.sqrt);
}

/** Noise whose power falls by about 3 dB an octave, root mean square 1 (Kellet's three-pole filter); shape [frames]. */
export function pinkNoise(frames: number, random: Random): Float32Array {
  const out = new Float32Array(frames);
  let [b0, b1, b2] = [0, 0, 0];
  for (let i = 0; i < frames; i++) {
    // The sum of three uniform numbers is near enough to normal here, at a third of the cost.
    const white = random.uniform(-1, 1) + random.uniform(-1, 1) + random.uniform(-1, 1);
    b0 = 0.99765 * b0 + white * 0.099046;
    b1 = 0.963 * b1 + white * 0.2965164;
    b2 = 0.57 * b2 + white * 1.0526913;
    out[i] = b0 + b1 + b2 + white * 0.1848;
  }
  const level = rootMeanSquare(out) || 1;
  return out.map((value) => value / level);
}

/** The signal's overall level; 0 for an empty one. */
export function rootMeanSquare(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * samples[i];
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** The Catmull-Rom spline through b and c (a and d are their neighbours), `t` of the way from b to c. */
function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}
