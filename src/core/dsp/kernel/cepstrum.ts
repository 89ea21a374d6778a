import { checkPositive } from '../checks';
import { checkedCepstrum, type MfccFromDbOptions } from '../mfcc';
import type { LogMelOptions } from './dsp-kernel';
import type { KernelExports } from './kernel-exports';
import type { KernelMemory } from './kernel-memory';
import type { SpectralFrames } from './spectral-frames';
import { cosineTable, melTable } from './tables';

/** Log-mel bands in the kernel's memory, four frames side by side, not yet limited to `topDb`. */
export interface Bands {
  address: number;
  nMels: number;
  /** the greatest band, dB */
  peak: number;
}

/** Where the vocoder's input goes: three areas of `area` numbers. */
export interface Polar {
  address: number;
  area: number;
}

/** @throws InvalidArgumentError as `melSpectrogram` and `powerToDb` do */
export function logMelBands(
  kernel: KernelExports,
  memory: KernelMemory,
  frames: SpectralFrames,
  options: LogMelOptions,
  polar?: Polar,
): Bands {
  const { sampleRate, nMels = 128, fMin, fMax, htk, norm, amin = 1e-10 } = options;
  checkPositive('amin', amin);
  const filters = melTable(memory, { sampleRate, nFft: frames.nFft, nMels, fMin, fMax, htk, norm });
  const address = memory.area(4 * nMels * frames.groups);
  const peaks = memory.area(8);
  const peak = kernel.logMel(
    frames.signal,
    frames.groups,
    frames.lastFrames,
    frames.nFft,
    frames.hopLength,
    frames.window,
    frames.plan,
    frames.work,
    frames.power,
    filters,
    nMels,
    amin,
    address,
    peaks,
    polar?.address ?? 0,
    4 * (polar?.area ?? 0),
    4 * frames.stride,
  );
  return { address, nMels, peak };
}

/** The coefficients of each frame, written to rows of `stride` numbers; those of a last incomplete group are written too. */
export function writeCoefficients(
  kernel: KernelExports,
  memory: KernelMemory,
  groups: number,
  { address, nMels, peak }: Bands,
  options: MfccFromDbOptions,
  out: number,
  stride: number,
): void {
  const { nMfcc, lifter } = checkedCepstrum(options, nMels);
  const basis = cosineTable(memory, nMels, { nMfcc, lifter });
  kernel.cosineTransform(address, groups, nMels, peak - 80, basis, nMfcc, out, 4 * stride);
}
