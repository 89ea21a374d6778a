import { InvalidArgumentError } from '../../errors';
import type { Matrix } from '../matrix';
import { checkedCepstrum, logMelBands, type Polar, writeCoefficients } from './cepstrum';
import type { DspKernel, PaperFeaturesOptions, PaperVersions, PaperVersionsOptions } from './dsp-kernel';
import type { KernelExports } from './kernel-exports';
import type { KernelMemory } from './kernel-memory';
import {
  checkFinite,
  framesAt,
  isKernelLength,
  paddedSize,
  placeFrames,
  type SpectralFrames,
} from './spectral-frames';
import { polarArea, shiftSignal } from './vocoder';

/** The functions that do a clip's whole work without leaving the kernel's memory. */
export function createPaperFunctions(
  kernel: KernelExports,
  memory: KernelMemory,
): Pick<DspKernel, 'paperFeatures' | 'paperVersions'> {
  /** Writes one version's rows. */
  function analyse(frames: SpectralFrames, options: PaperFeaturesOptions, polar?: Polar): Matrix {
    const { nMels = 128, out } = options;
    const columns = 2 + checkedCepstrum(options, nMels).nMfcc;
    const values = frames.frames * columns;
    if (out && out.length < values) {
      throw new InvalidArgumentError('out', `at least ${values} values long`, out.length);
    }
    const bands = logMelBands(kernel, memory, frames, options, polar);
    const rows = memory.area(4 * frames.groups * columns);
    writeCoefficients(kernel, memory, frames.groups, bands, options, rows + 8, columns);
    const { signal, pad, length, nFft, hopLength } = frames;
    const blocks = memory.area(2 * (frames.frames + Math.ceil(nFft / hopLength)));
    kernel.zcrRms(signal, pad, length, frames.frames, nFft, hopLength, blocks, rows, rows + 4, 4 * columns);
    const data = memory.copy(rows, values, out);
    return { data: data.subarray(0, values), shape: [frames.frames, columns] };
  }

  function paperFeatures(samples: Float32Array, options: PaperFeaturesOptions = {}): Matrix {
    checkPaperOptions(options);
    memory.begin();
    const frames = placeFrames(kernel, memory, samples, withHop(options));
    return analyse(frames, options);
  }

  function paperVersions(samples: Float32Array, options: PaperVersionsOptions): PaperVersions {
    const { nSteps = 0.7, noise, noiseFactor, out, ...features } = options;
    checkPaperOptions(options);
    if (!(Math.abs(nSteps) <= 24))
      throw new InvalidArgumentError('nSteps', 'within two octaves (±24)', nSteps);
    for (const [i, values] of noise.entries()) {
      const rule = `at least as long as the clip (${samples.length} samples)`;
      if (values.length < samples.length) throw new InvalidArgumentError(`noise[${i}]`, rule, values.length);
      if (!Number.isFinite(noiseFactor[i])) {
        throw new InvalidArgumentError(`noiseFactor[${i}]`, 'a finite number', noiseFactor[i]);
      }
    }
    memory.begin();
    const { length } = samples;
    const frameOptions = withHop(options);
    const frames = placeFrames(kernel, memory, samples, frameOptions);
    const { nFft, hopLength, pad } = frames;
    const polar = polarArea(memory, frames);
    /** the part of `out` that version i is written to */
    const { nMels = 128 } = options;
    const size = frames.frames * (2 + checkedCepstrum(options, nMels).nMfcc);
    if (out && out.length < 4 * size) {
      throw new InvalidArgumentError('out', `at least ${4 * size} values long`, out.length);
    }
    const place = (i: number): PaperFeaturesOptions => ({
      ...features,
      out: out?.subarray(i * size, (i + 1) * size),
    });
    const original = analyse(frames, place(0), polar);

    const padded = paddedSize(length, pad, nFft, hopLength);
    const pitched = memory.zeros(padded);
    const rate = 2 ** (-nSteps / 12);
    shiftSignal(kernel, memory, frames, polar, { ...frameOptions, rate, length, out: pitched + 4 * pad });
    // What was written to the next multiple of four is no part of the signal.
    memory.floats.fill(0, pitched / 4 + pad + length, pitched / 4 + padded);

    const noisy = memory.zeros(padded);
    const withNoise = (clean: number, i: 0 | 1): SpectralFrames => {
      const values = noise[i].subarray(0, length);
      const added = memory.place(values, 0, length);
      checkFinite(kernel, added, values);
      const scale = noiseFactor[i] * kernel.greatest(clean + 4 * pad, length);
      kernel.addScaled(clean + 4 * pad, added, scale, length, noisy + 4 * pad);
      return framesAt(memory, noisy, pad, length, frameOptions);
    };
    return {
      original,
      noise: analyse(withNoise(frames.signal, 0), place(1)),
      pitch: analyse(framesAt(memory, pitched, pad, length, frameOptions), place(2)),
      pitchNoise: analyse(withNoise(pitched, 1), place(3)),
    };
  }

  return { paperFeatures, paperVersions };
}

function withHop(options: PaperFeaturesOptions): PaperFeaturesOptions & { hopLength: number } {
  return { ...options, hopLength: options.hopLength ?? 512 };
}

/** What these two leave to the plain functions, and say so: the frames that they take for all three features. */
function checkPaperOptions({ nFft = 2048, center = true, padMode = 'constant' }: PaperFeaturesOptions): void {
  if (!isKernelLength(nFft)) {
    throw new InvalidArgumentError('nFft', 'a power of two from 16 to 8192 (for the SIMD kernel)', nFft);
  }
  if (!center) throw new InvalidArgumentError('center', 'true (for features of one frame)', center);
  if (padMode !== 'constant') {
    throw new InvalidArgumentError('padMode', "'constant' (for features of one frame)", padMode);
  }
}
