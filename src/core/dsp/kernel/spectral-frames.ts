import { InvalidArgumentError } from '../../base';
import { checkPositiveInteger, checkPowerOfTwo } from '../checks';
import { frameSignal } from '../framing';
import type { StftOptions } from '../spectra';
import type { KernelExports } from './kernel-exports';
import type { KernelMemory } from './kernel-memory';
import { planOf, windowTable } from './tables';

/** A signal laid out in the kernel's memory, ready to be cut into frames four at a time. */
export interface SpectralFrames {
  /** address of the first frame's first sample */
  signal: number;
  /** samples before the signal's own, and how many these are */
  pad: number;
  length: number;
  frames: number;
  groups: number;
  /** frames in the last group */
  lastFrames: number;
  nFft: number;
  hopLength: number;
  bins: number;
  /** numbers from row to row of a matrix of spectra */
  stride: number;
  window: number;
  plan: number;
  work: number;
  /** power of four frames, then their spectra */
  power: number;
  spec: number;
}

/** Whether the kernel has transforms of this length. What is not a valid length at all is left to the plain twin's checks. */
export function isKernelLength(nFft: number): boolean {
  return Number.isInteger(Math.log2(nFft)) && nFft >= 16 && nFft <= 8192;
}

/** How long the area of a signal must be so that a whole number of groups of four frames can be read. */
function paddedSize(length: number, pad: number, nFft: number, hopLength: number): number {
  const frames = 1 + Math.floor((length + 2 * pad - nFft) / hopLength);
  return Math.max(length + 2 * pad, (Math.ceil(frames / 4) * 4 - 1) * hopLength + nFft);
}

/**
 * Puts a signal into the kernel's memory.
 *
 * @throws InvalidArgumentError as `spectraOf` does
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
  if (samples.length === 0) throw new InvalidArgumentError('samples', 'at least one sample long', 0);
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

/** The frames of a signal that is in the kernel's memory already, after `pad` samples. */
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

/** As in librosa. */
function defaultHop(winLength: number): number {
  return Math.max(1, Math.floor(winLength / 4));
}

/** @throws InvalidArgumentError if one of the samples is NaN or infinite */
export function checkFinite(kernel: KernelExports, address: number, samples: Float32Array): void {
  // The numbers after the last one, up to three, are zeros.
  if (kernel.allFinite(address, samples.length)) return;
  const at = samples.findIndex((value) => !Number.isFinite(value));
  throw new InvalidArgumentError('samples', 'finite numbers', `${samples[at]} at index ${at}`);
}
