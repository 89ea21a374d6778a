import { checkNotEmpty, checkPositiveInteger, checkPowerOfTwo, notFinite } from '../checks';
import { frameSignal } from '../framing';
import { defaultHop, type StftOptions } from '../stft';
import { planOf, windowTable } from './tables';
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
