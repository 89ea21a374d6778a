import { centredWindow, type WindowName } from '../framing';
import { melFilterBank, type MelFilterBankOptions, nonZeroRange } from '../mel';
import { dct, lifterWeight, type MfccFromDbOptions } from '../mfcc';
import type { KernelMemory } from './wasm';

/** Address of the plan of a real transform of `n` values, a power of two of at least 16: three addresses, see assembly/fft.ts. */
export function planOf(memory: KernelMemory, n: number): number {
  const m = n / 2;
  return memory.table(`plan ${n}`, () => {
    const order = new Int32Array(m);
    const twiddles: number[] = [];
    let length = m;
    for (; length > 4; length /= 4) {
      for (let j = 0; j < length / 4; j++) {
        for (const power of [1, 2, 3]) {
          const angle = (-2 * Math.PI * j * power) / length;
          twiddles.push(Math.cos(angle), Math.sin(angle));
        }
      }
    }
    placeValues(order, 0, m, 0, 1);
    return Int32Array.of(
      memory.table(`twiddles ${n}`, () => Float32Array.from(twiddles)),
      memory.table(`split ${n}`, () => turns(1, n, m / 2)),
      memory.table(`order ${n}`, () => order),
    );
  });
}

/** Byte offsets of the values `first`, `first + step`, … after a block of `length` at `position` has been transformed. */
function placeValues(order: Int32Array, position: number, length: number, first: number, step: number): void {
  if (length === 1) {
    order[first] = position * 32;
    return;
  }
  const radix = length === 2 ? 2 : 4;
  for (let q = 0; q < radix; q++) {
    const part = length / radix;
    placeValues(order, position + q * part, part, first + q * step, step * radix);
  }
}

/** Address of a window multiplied by `scale`. */
export function windowTable(
  memory: KernelMemory,
  window: WindowName,
  winLength: number,
  n: number,
  scale: number,
): number {
  return memory.table(`window ${window} ${winLength} ${n} ${scale}`, () =>
    Float32Array.from(centredWindow(window, winLength, n), (weight) => weight * scale),
  );
}

/** Address of a squared window. */
export function squaredWindow(
  memory: KernelMemory,
  window: WindowName,
  winLength: number,
  n: number,
): number {
  return memory.table(`squares ${window} ${winLength} ${n}`, () =>
    Float32Array.from(centredWindow(window, winLength, n), (weight) => weight * weight),
  );
}

/** Address of the phase factors of a delay by `hop` samples for bins k = 0 … n / 2: exp(-2πik · hop / n). */
export function turnTable(memory: KernelMemory, hop: number, n: number): number {
  return memory.table(`turns ${hop} ${n}`, () => turns(hop, n, n / 2));
}

/** exp(-2πik · hop / n) for k = 0 … last, real and imaginary parts interleaved. */
function turns(hop: number, n: number, last: number): Float32Array {
  return Float32Array.from({ length: 2 * (last + 1) }, (_, i) => {
    const angle = (-2 * Math.PI * (((i >> 1) * hop) % n)) / n;
    return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  });
}

/** Address of mel filters without zeros: pairs (first bin, number of bins), then all weights. */
export function melTable(memory: KernelMemory, options: MelFilterBankOptions): number {
  return memory.table(`mel ${JSON.stringify(options)}`, () => {
    const { data, shape } = melFilterBank(options);
    const [mels, bins] = shape;
    const ranges = new Int32Array(2 * mels);
    const weights: number[] = [];
    for (let mel = 0; mel < mels; mel++) {
      const row = data.subarray(mel * bins, (mel + 1) * bins);
      const [first, end] = nonZeroRange(row);
      ranges.set([first, end - first], 2 * mel);
      weights.push(...row.subarray(first, end));
    }
    const table = new Float32Array(ranges.length + weights.length);
    table.set(new Float32Array(ranges.buffer));
    table.set(weights, ranges.length);
    return table;
  });
}

/** Address of the liftered basis of the cosine transform, the `dct` of the unit vectors; shape [nMfcc, nMels]. */
export function cosineTable(
  memory: KernelMemory,
  nMels: number,
  { nMfcc, lifter, norm }: Required<MfccFromDbOptions>,
): number {
  return memory.table(`dct ${nMels} ${nMfcc} ${lifter} ${norm}`, () => {
    const identity = new Float32Array(nMels * nMels);
    for (let i = 0; i < nMels; i++) identity[i * nMels + i] = 1;
    const columns = dct({ data: identity, shape: [nMels, nMels] }, { nCoefficients: nMfcc, norm });
    return Float32Array.from({ length: nMfcc * nMels }, (_, i) => {
      const k = Math.floor(i / nMels);
      const weight = lifter > 0 ? lifterWeight(k, lifter) : 1;
      return weight * columns.data[(i % nMels) * nMfcc + k];
    });
  });
}
