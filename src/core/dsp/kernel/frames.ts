import { checkNotEmpty, checkPositiveInteger, checkPowerOfTwo, notFinite } from '../checks';
import { centredWindow, frameSignal, type WindowName } from '../frame-measures';
import { melFilterBank, type MelFilterBankOptions, nonZeroRange } from '../mel';
import { dct, lifterWeight, type MfccFromDbOptions } from '../mfcc';
import { defaultHop, type StftOptions } from '../spectrogram';
import type { KernelExports, KernelMemory } from './wasm';

/** A signal in the kernel's memory, to be transformed in groups of four frames. Sizes in numbers, addresses in bytes. */
export interface SpectralFrames {
  /** address of the first sample of the first frame */
  signal: number;
  /** zeros before the signal's own samples */
  pad: number;
  /** the signal's own samples */
  length: number;
  frames: number;
  groups: number;
  /** frames in the last group, 1 to 4 */
  lastFrames: number;
  nFft: number;
  hopLength: number;
  bins: number;
  /** distance between rows of a matrix of spectra */
  stride: number;
  /** address of the window, multiplied by 1/2 */
  window: number;
  plan: number;
  work: number;
  /** power of four frames; their spectra follow at `spec` */
  power: number;
  spec: number;
}

/** Whether the kernel has a transform of this length. */
export function isKernelLength(nFft: number): boolean {
  return Number.isInteger(Math.log2(nFft)) && nFft >= 16 && nFft <= 8192;
}

/**
 * Copies a signal to the kernel's memory.
 *
 * @throws InvalidArgumentError as `stft`
 */
export function placeFrames(
  kernel: KernelExports,
  memory: KernelMemory,
  samples: Float32Array,
  options: StftOptions,
): SpectralFrames {
  const { nFft = 2048, center = true, padMode = 'constant' } = options;
  const { winLength = nFft } = options;
  const { hopLength = defaultHop(winLength) } = options;
  checkNotEmpty(samples);
  checkPowerOfTwo('nFft', nFft);
  checkPositiveInteger('winLength', winLength);
  checkPositiveInteger('hopLength', hopLength);
  if (padMode === 'constant' && center) {
    const size = paddedSize(samples.length, nFft / 2, nFft, hopLength);
    const signal = memory.place(samples, nFft / 2, size);
    checkFinite(kernel, signal + 2 * nFft, samples);
    return framesAt(memory, signal, nFft / 2, samples.length, options);
  }
  const { padded } = frameSignal(samples, ['nFft', nFft], hopLength, center, padMode);
  const signal = memory.place(padded, 0, paddedSize(padded.length, 0, nFft, hopLength));
  checkFinite(kernel, signal, padded);
  return framesAt(memory, signal, 0, padded.length, options);
}

/** Size that a signal's area needs so that whole groups of four frames can be read. */
function paddedSize(length: number, pad: number, nFft: number, hopLength: number): number {
  const frames = 1 + Math.floor((length + 2 * pad - nFft) / hopLength);
  return Math.max(length + 2 * pad, (Math.ceil(frames / 4) * 4 - 1) * hopLength + nFft);
}

/** Frames of a signal that is already in the kernel's memory, after `pad` zeros. */
function framesAt(
  memory: KernelMemory,
  signal: number,
  pad: number,
  length: number,
  options: StftOptions,
): SpectralFrames {
  const { nFft = 2048, window = 'hann', winLength = nFft } = options;
  const { hopLength = defaultHop(winLength) } = options;
  const frames = 1 + Math.floor((length + 2 * pad - nFft) / hopLength);
  const groups = Math.ceil(frames / 4);
  const bins = nFft / 2 + 1;
  const power = memory.area(6 * nFft + 64);
  return {
    signal,
    pad,
    length,
    frames,
    groups,
    lastFrames: frames - 4 * (groups - 1),
    nFft,
    hopLength,
    bins,
    stride: nFft / 2 + 4,
    window: windowTable(memory, window, winLength, nFft, 0.5),
    plan: planOf(memory, nFft),
    work: memory.area(4 * nFft),
    power,
    spec: power + 16 * (nFft / 2 + 4),
  };
}

/** @throws InvalidArgumentError if a sample is NaN or infinite; up to three values after the last sample must be zero */
export function checkFinite(kernel: KernelExports, address: number, samples: Float32Array): void {
  if (!kernel.allFinite(address, samples.length)) throw notFinite(samples);
}

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
