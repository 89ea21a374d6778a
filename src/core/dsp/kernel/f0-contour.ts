import { InvalidArgumentError } from '../../base';
import {
  areSegmentsShared,
  checkedF0Options,
  type F0Contour,
  type F0Options,
  periodRange,
  f0Contour as plainF0Contour,
} from '../f0-contour';
import { frameSignal } from '../framing';
import type { KernelExports } from './kernel-exports';
import type { KernelMemory } from './kernel-memory';
import { checkFinite, isKernelLength } from './spectral-frames';
import { planOf, turnTable } from './tables';

/** Makes the twin of `f0Contour`. */
export function createF0Contour(
  kernel: KernelExports,
  memory: KernelMemory,
): (samples: Float32Array, options?: F0Options) => F0Contour {
  return (samples, options = {}) => {
    if (samples.length === 0) throw new InvalidArgumentError('samples', 'at least one sample long', 0);
    const checked = checkedF0Options(options);
    const { sampleRate, frameLength, hopLength, center, padMode, troughThreshold } = checked;
    const [shortest, longest] = periodRange(checked);
    const isShared = areSegmentsShared(frameLength, hopLength, longest);
    const length = isShared ? hopLength : frameLength;
    const segments = frameLength / length;
    // A transform goes round in a circle: nothing may come round to the delays that are looked at.
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
