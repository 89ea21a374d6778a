import { checkNotEmpty } from '../checks';
import {
  consistsOfHops,
  f0Defaults,
  type F0Contour,
  type F0Options,
  periodRange,
  f0Contour as plainF0Contour,
} from '../f0';
import { frameSignal } from '../framing';
import { checkFinite, isKernelLength } from './frames';
import { planOf, turnTable } from './tables';
import type { KernelExports, KernelMemory } from './wasm';

/** Creates `DspKernel.f0Contour`. */
export function createF0Contour(
  kernel: KernelExports,
  memory: KernelMemory,
): (samples: Float32Array, options?: F0Options) => F0Contour {
  return (samples, options = {}) => {
    checkNotEmpty(samples);
    const checked = f0Defaults(options);
    const { sampleRate, frameLength, hopLength, center, padMode, troughThreshold } = checked;
    const [shortest, longest] = periodRange(checked);
    const length = consistsOfHops(frameLength, hopLength, longest) ? hopLength : frameLength;
    const segments = frameLength / length;
    // Long enough that circular correlation does not wrap around into the delays that are used.
    const n = 2 ** Math.ceil(Math.log2(Math.max(16, length + longest, segments > 1 ? 2 * length : 0)));
    if (!isKernelLength(n)) return plainF0Contour(samples, options);

    const { padded, frames } = frameSignal(samples, ['frameLength', frameLength], hopLength, center, padMode);
    memory.begin();
    const steps = Math.ceil(frames / 4);
    const end = (4 * steps - 1) * hopLength + frameLength;
    const signal = memory.place(padded, 0, Math.max(padded.length, end));
    checkFinite(kernel, signal + 2 * (padded.length - samples.length), samples);
    const window = memory.table(`ones ${length}`, () =>
      new Float32Array(4 * Math.ceil(length / 4)).fill(0.5, 0, length),
    );
    const turns = turnTable(memory, hopLength, n);
    const work = memory.area(4 * n);
    const spec = memory.area((segments + 2) * (4 * n + 32));
    const out = memory.area(2 * frames);
    kernel.yin(
      signal,
      frames,
      steps,
      hopLength,
      length,
      segments,
      n,
      window,
      turns,
      planOf(memory, n),
      work,
      spec,
      shortest,
      longest,
      sampleRate,
      troughThreshold,
      out,
    );
    const candidateHz = memory.copy(out, frames);
    const aperiodicity = memory.copy(out + 4 * frames, frames);
    const f0Hz = candidateHz.map((hz, i) => (aperiodicity[i] <= checked.voicingThreshold ? hz : NaN));
    return { f0Hz, candidateHz, aperiodicity };
  };
}
