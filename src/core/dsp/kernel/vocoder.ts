import type { StftOptions } from '../spectra';
import { stretchedSamples } from '../time-stretch';
import type { Polar } from './cepstrum';
import type { KernelExports } from './kernel-exports';
import type { KernelMemory } from './kernel-memory';
import { planResampling } from './resampler';
import type { SpectralFrames } from './spectral-frames';
import { squaredWindow, windowTable } from './tables';

/** An area for magnitudes and directions of all frames and, after them, of the frames of zeros that the vocoder reads. */
export function polarArea(memory: KernelMemory, frames: SpectralFrames): Polar {
  const area = (4 * frames.groups + 4) * frames.stride;
  return { address: memory.area(3 * area), area };
}

/** Fills the area from a signal's frames. */
export function transformPolar(kernel: KernelExports, frames: SpectralFrames, polar: Polar): void {
  kernel.polarStft(
    frames.signal,
    frames.groups,
    frames.nFft,
    frames.hopLength,
    frames.window,
    frames.plan,
    frames.work,
    frames.spec,
    polar.address,
    4 * polar.area,
    4 * frames.stride,
  );
}

/** The stretched signal: `length` samples from `address` on, `lead` zeros before and zeros after it to the area's end. */
export interface Stretched {
  address: number;
  length: number;
}

/**
 * @param polar - filled; the frames after the last one become zeros
 * @param lead - zeros wanted before the first sample
 * @param size - numbers that the area must have, from the first zero on
 */
export function stretchSignal(
  kernel: KernelExports,
  memory: KernelMemory,
  frames: SpectralFrames,
  polar: Polar,
  options: StftOptions & { rate: number; length: number; lead: number; size: number },
): Stretched {
  const { rate, length, lead, size, center = true, window = 'hann' } = options;
  const { nFft, hopLength, stride } = frames;
  const { winLength = nFft } = options;
  blankAfter(memory, frames, polar);
  const trim = center ? nFft / 2 : 0;
  const made = Math.min(Math.ceil(frames.frames / rate), Math.ceil((length + 2 * trim) / hopLength));
  const groups = Math.ceil(made / 4);
  const begin = Math.ceil(Math.max(lead, trim) / 4) * 4;
  const all = Math.max(begin + size, begin + length, begin - trim + (4 * groups - 1) * hopLength + nFft);
  const area = memory.zeros(all);
  const first = area + 4 * (begin - trim);
  const state = memory.area(2 * stride);
  const directions = polar.address / 4 + polar.area;
  memory.floats.copyWithin(state / 4, directions, directions + stride);
  memory.floats.copyWithin(state / 4 + stride, directions + polar.area, directions + polar.area + stride);
  kernel.stretch(
    polar.address,
    4 * polar.area,
    4 * stride,
    frames.frames,
    rate,
    made,
    nFft,
    hopLength,
    windowTable(memory, window, winLength, nFft, 1 / nFft),
    frames.plan,
    frames.work,
    frames.spec,
    memory.area(8 * stride),
    state,
    first,
  );
  const sums = memory.zeros(Math.max(trim + length, (made - 1) * hopLength + nFft));
  kernel.addWindows(squaredWindow(memory, window, winLength, nFft), nFft, hopLength, made, sums);
  const address = area + 4 * begin;
  kernel.divideByWindows(address, sums + 4 * trim, length);
  memory.floats.fill(0, area / 4, address / 4);
  memory.floats.fill(0, address / 4 + length, area / 4 + all);
  return { address, length };
}

/** What pitch shifting by this rate makes, `length` samples at `out`; @throws InvalidArgumentError if nothing is left */
export function shiftSignal(
  kernel: KernelExports,
  memory: KernelMemory,
  frames: SpectralFrames,
  polar: Polar,
  options: StftOptions & { rate: number; length: number; out: number },
): void {
  const { rate, length, out, ...stftOptions } = options;
  const stretchedLength = stretchedSamples(length, rate);
  const { from, to } = pitchRates(rate);
  const count = Math.min(length, Math.ceil((stretchedLength * to) / from));
  if (from === to) {
    const plain = { ...stftOptions, rate, length: stretchedLength, lead: 0, size: 0 };
    const { address } = stretchSignal(kernel, memory, frames, polar, plain);
    memory.floats.copyWithin(out / 4, address / 4, address / 4 + count);
    return;
  }
  const plan = planResampling(kernel, memory, from, to);
  const { address } = stretchSignal(kernel, memory, frames, polar, {
    ...stftOptions,
    rate,
    length: stretchedLength,
    lead: plan.lead,
    size: plan.inputSize(count),
  });
  plan.run(address - 4 * plan.lead, count, out);
}

/** The rates between which a pitch shift resamples, in integers, as `dsp/pitch-shift` has them. */
export function pitchRates(rate: number): { from: number; to: number } {
  return { from: Math.round(2 ** 30 / rate), to: 2 ** 30 };
}

function blankAfter(memory: KernelMemory, { frames, groups, stride }: SpectralFrames, polar: Polar): void {
  const from = polar.address / 4 + frames * stride;
  const to = polar.address / 4 + (4 * groups + 4) * stride;
  memory.floats.fill(0, from, to);
  memory.floats.fill(1, from + polar.area, to + polar.area);
  memory.floats.fill(0, from + 2 * polar.area, to + 2 * polar.area);
}
