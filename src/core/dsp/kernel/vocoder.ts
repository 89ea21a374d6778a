import { pitchShiftRates, stretchedLength } from '../phase-vocoder';
import type { StftOptions } from '../spectrogram';
import { type SpectralFrames, squaredWindow, windowTable } from './frames';
import { planResampling } from './resampler';
import type { KernelExports, KernelMemory } from './wasm';

/** Magnitudes and unit phasors (real and imaginary parts) of all frames: three consecutive areas of `area` numbers. */
export interface Polar {
  address: number;
  area: number;
}

/** Allocates the areas, including room for the zero frames that the vocoder reads after the last frame. */
export function polarArea(memory: KernelMemory, frames: SpectralFrames): Polar {
  const area = (4 * frames.groups + 4) * frames.stride;
  return { address: memory.area(3 * area), area };
}

/** Computes magnitudes and phasors of a signal's frames. */
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

/**
 * Changes the duration of a signal.
 *
 * @param polar - from {@link transformPolar} or `logMelBands`; frames after the last one are overwritten with zeros
 * @param options.length - samples of the result
 * @param options.lead - minimum number of zeros before the first sample
 * @param options.size - minimum size of the area, from the first of these zeros
 * @returns address of the first sample, in an area that is otherwise zero
 */
export function stretchSignal(
  kernel: KernelExports,
  memory: KernelMemory,
  frames: SpectralFrames,
  polar: Polar,
  options: StftOptions & { rate: number; length: number; lead: number; size: number },
): number {
  const { rate, length, lead, size, center = true, window = 'hann' } = options;
  const { nFft, hopLength, stride } = frames;
  const { winLength = nFft } = options;
  clearAfterLast(memory, frames, polar);
  const trim = center ? nFft / 2 : 0;
  const frameCount = Math.min(Math.ceil(frames.frames / rate), Math.ceil((length + 2 * trim) / hopLength));
  const groups = Math.ceil(frameCount / 4);
  const begin = Math.ceil(Math.max(lead, trim) / 4) * 4;
  const all = Math.max(begin + size, begin + length, begin - trim + (4 * groups - 1) * hopLength + nFft);
  const area = memory.zeros(all);
  const first = area + 4 * (begin - trim);
  const state = memory.area(2 * stride);
  const phasors = polar.address / 4 + polar.area;
  memory.floats.copyWithin(state / 4, phasors, phasors + stride);
  memory.floats.copyWithin(state / 4 + stride, phasors + polar.area, phasors + polar.area + stride);
  kernel.stretch(
    polar.address,
    4 * polar.area,
    4 * stride,
    frames.frames,
    rate,
    frameCount,
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
  const address = area + 4 * begin;
  const squares = squaredWindow(memory, window, winLength, nFft);
  const whole = nFft / hopLength;
  if (hopLength % 4 === 0 && trim % hopLength === 0 && Number.isInteger(whole) && frameCount >= whole) {
    // Where `whole` frames overlap, the sums repeat with every hop, so those of the first frames suffice.
    const sums = memory.zeros((2 * whole - 1) * hopLength);
    kernel.addWindows(squares, nFft, hopLength, whole, sums);
    for (let i = trim; i < trim + length; i += hopLength) {
      const hop = i / hopLength;
      const same = hop < whole ? hop : Math.max(whole - 1, hop - (frameCount - whole));
      if (same > 2 * whole - 2) break; // after the last frame
      const count = Math.min(hopLength, trim + length - i);
      kernel.divideByWindows(address + 4 * (i - trim), sums + 4 * same * hopLength, count);
    }
  } else {
    const sums = memory.zeros(Math.max(trim + length, (frameCount - 1) * hopLength + nFft));
    kernel.addWindows(squares, nFft, hopLength, frameCount, sums);
    kernel.divideByWindows(address, sums + 4 * trim, length);
  }
  memory.floats.fill(0, area / 4, address / 4);
  memory.floats.fill(0, address / 4 + length, area / 4 + all);
  return address;
}

/** Changes the pitch of a signal and writes `length` samples to `out`. @throws InvalidArgumentError if no sample is left */
export function shiftSignal(
  kernel: KernelExports,
  memory: KernelMemory,
  frames: SpectralFrames,
  polar: Polar,
  options: StftOptions & { rate: number; length: number; out: number },
): void {
  const { rate, length, out, ...stftOptions } = options;
  const before = stretchedLength(length, rate);
  const { from, to } = pitchShiftRates(rate);
  const count = Math.min(length, Math.ceil((before * to) / from));
  const clearRest = (): void => void memory.floats.fill(0, out / 4 + count, out / 4 + length);
  if (from === to) {
    const plain = { ...stftOptions, rate, length: before, lead: 0, size: 0 };
    const address = stretchSignal(kernel, memory, frames, polar, plain);
    memory.floats.copyWithin(out / 4, address / 4, address / 4 + count);
    clearRest();
    return;
  }
  const plan = planResampling(kernel, memory, from, to);
  const address = stretchSignal(kernel, memory, frames, polar, {
    ...stftOptions,
    rate,
    length: before,
    lead: plan.lead,
    size: plan.inputSize(count),
  });
  plan.run(address - 4 * plan.lead, count, out);
  clearRest();
}

function clearAfterLast(
  memory: KernelMemory,
  { frames, groups, stride }: SpectralFrames,
  polar: Polar,
): void {
  const from = polar.address / 4 + frames * stride;
  const to = polar.address / 4 + (4 * groups + 4) * stride;
  memory.floats.fill(0, from, to);
  memory.floats.fill(1, from + polar.area, to + polar.area);
  memory.floats.fill(0, from + 2 * polar.area, to + 2 * polar.area);
}
