import { InvalidArgumentError } from '../../base';
import type { Matrix } from '../matrix';
import { checkedCepstrum } from '../mfcc';
import { type Bands, logMelBands, writeCoefficients } from './cepstrum';
import type { Measure, Measured, MeasureOptions } from './dsp-kernel';
import type { KernelExports } from './kernel-exports';
import type { KernelMemory } from './kernel-memory';
import { isKernelLength, placeFrames, type SpectralFrames } from './spectral-frames';
import { polarArea, shiftSignal, transformPolar } from './vocoder';

/** Makes the function that does a signal's whole work on one transform, see `DspKernel.measure`. */
export function createMeasure(
  kernel: KernelExports,
  memory: KernelMemory,
): (samples: Float32Array, options: MeasureOptions) => Measured {
  return (samples, options) => {
    const { measures, nSteps = [], ...spectral } = options;
    checkMeasureOptions(options);
    memory.begin();
    const frameOptions = { ...spectral, hopLength: spectral.hopLength ?? 512 };
    const frames = placeFrames(kernel, memory, samples, frameOptions);
    const polar = nSteps.length > 0 ? polarArea(memory, frames) : undefined;
    const isMel = (name: Measure): boolean => name === 'mfcc' || name === 'logMel';
    let bands: Bands | undefined;
    if (measures.some(isMel)) bands = logMelBands(kernel, memory, frames, spectral, polar);
    else if (polar) transformPolar(kernel, frames, polar);
    const pairs = measures.every(isMel) ? 0 : zcrRms(frames);
    const matrices = measures.map((name): Matrix => {
      const count = frames.frames;
      if (name === 'zcr' || name === 'rms') {
        const first = name === 'zcr' ? pairs : pairs + 4 * count;
        return { data: memory.copy(first, count), shape: [count, 1] };
      }
      const width = name === 'mfcc' ? checkedCepstrum(spectral, bands!.nMels).nMfcc : bands!.nMels;
      const rows = memory.area(4 * frames.groups * width);
      if (name === 'mfcc') writeCoefficients(kernel, memory, frames.groups, bands!, spectral, rows, width);
      else kernel.bandRows(bands!.address, frames.groups, width, bands!.peak - 80, rows, 4 * width);
      return { data: memory.copy(rows, count * width), shape: [count, width] };
    });
    const shifted = nSteps.map((steps) => {
      const { length } = samples;
      const out = memory.zeros(length);
      shiftSignal(kernel, memory, frames, polar!, { ...frameOptions, rate: 2 ** (-steps / 12), length, out });
      return memory.copy(out, length);
    });
    return { matrices, shifted };
  };

  /** Zero-crossing rates, and after them as many root mean squares. */
  function zcrRms({ signal, pad, length, frames, nFft, hopLength }: SpectralFrames): number {
    const out = memory.area(2 * frames);
    const blocks = memory.area(2 * (frames + Math.ceil(nFft / hopLength)));
    kernel.zcrRms(signal, pad, length, frames, nFft, hopLength, blocks, out, out + 4 * frames, 4);
    return out;
  }
}

/** What it leaves to the plain functions, and says so: the frames that it takes for all measures. */
function checkMeasureOptions({
  nFft = 2048,
  center = true,
  padMode = 'constant',
  nSteps,
}: MeasureOptions): void {
  if (!isKernelLength(nFft)) {
    throw new InvalidArgumentError('nFft', 'a power of two from 16 to 8192 (for the SIMD kernel)', nFft);
  }
  if (!center) throw new InvalidArgumentError('center', 'true (for features of one frame)', center);
  if (padMode !== 'constant') {
    throw new InvalidArgumentError('padMode', "'constant' (for features of one frame)", padMode);
  }
  const far = nSteps?.find((steps) => !(Math.abs(steps) <= 24));
  if (far !== undefined) throw new InvalidArgumentError('nSteps', 'within two octaves (±24)', far);
}
