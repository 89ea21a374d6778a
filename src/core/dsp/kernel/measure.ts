import { InvalidArgumentError } from '../../base';
import { checkPositive } from '../checks';
import type { Matrix } from '../matrix';
import { mfccDefaults, type MfccFromDbOptions } from '../mfcc';
import { isKernelLength, placeFrames, type SpectralFrames } from './frames';
import type { LogMelOptions, Measure, Measured, MeasureOptions } from './interface';
import { cosineTable, melTable } from './tables';
import { type Polar, polarArea, shiftSignal, transformPolar } from './vocoder';
import type { KernelExports, KernelMemory } from './wasm';

/** Creates `DspKernel.measure`. */
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
    if (measures.some(isMel)) {
      bands = logMelBands(kernel, memory, frames, { ...spectral, norm: spectral.melNorm }, polar);
    } else if (polar) transformPolar(kernel, frames, polar);
    const zcr = measures.every(isMel) ? 0 : zcrAndRms(frames);
    const matrices = measures.map((name): Matrix => {
      const count = frames.frames;
      if (name === 'zcr' || name === 'rms') {
        const first = name === 'zcr' ? zcr : zcr + 4 * count;
        return { data: memory.copy(first, count), shape: [count, 1] };
      }
      const width = name === 'mfcc' ? mfccDefaults(spectral, bands!.nMels).nMfcc : bands!.nMels;
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

  /** Address of the zero-crossing rates, followed by the root mean squares. */
  function zcrAndRms({ signal, pad, length, frames, nFft, hopLength }: SpectralFrames): number {
    const out = memory.area(2 * frames);
    const blocks = memory.area(2 * (frames + Math.ceil(nFft / hopLength)));
    kernel.zcrRms(signal, pad, length, frames, nFft, hopLength, blocks, out, out + 4 * frames, 4);
    return out;
  }
}

/** All measures share their frames, which restricts the options. */
function checkMeasureOptions({
  nFft = 2048,
  center = true,
  padMode = 'constant',
  nSteps,
}: MeasureOptions): void {
  if (!isKernelLength(nFft)) {
    throw new InvalidArgumentError('nFft', 'a power of two from 16 to 8192 (for the SIMD kernel)', nFft);
  }
  if (!center) throw new InvalidArgumentError('center', 'true (if several features share frames)', center);
  if (padMode !== 'constant') {
    throw new InvalidArgumentError('padMode', "'constant' (if several features share frames)", padMode);
  }
  const far = nSteps?.find((steps) => !(Math.abs(steps) <= 24));
  if (far !== undefined) throw new InvalidArgumentError('nSteps', 'within two octaves (±24)', far);
}

/** Log-mel bands in the kernel's memory, four frames interleaved, not yet limited to `topDb`. */
export interface Bands {
  address: number;
  nMels: number;
  /** maximum, dB */
  peak: number;
}

/**
 * @param polar - output for `stretchSignal`, computed from the same transform
 * @throws InvalidArgumentError as `melSpectrogram` and `powerToDb`
 */
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

/** Writes MFCC in rows of `stride` numbers, including the unused frames of an incomplete last group. */
export function writeCoefficients(
  kernel: KernelExports,
  memory: KernelMemory,
  groups: number,
  { address, nMels, peak }: Bands,
  options: MfccFromDbOptions,
  out: number,
  stride: number,
): void {
  const defaults = mfccDefaults(options, nMels);
  const { nMfcc } = defaults;
  const basis = cosineTable(memory, nMels, defaults);
  kernel.cosineTransform(address, groups, nMels, peak - 80, basis, nMfcc, out, 4 * stride);
}
