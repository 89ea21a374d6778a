import { InvalidArgumentError } from '../../base';
import { checkNotEmpty, checkPositive } from '../checks';
import {
  consistsOfHops,
  type F0Contour,
  f0Contour as plainF0Contour,
  f0Defaults,
  type F0Options,
  periodRange,
} from '../f0';
import { frameSignal } from '../frame-measures';
import type { Matrix } from '../matrix';
import { mfccDefaults, type MfccFromDbOptions } from '../mfcc';
import {
  checkFinite,
  cosineTable,
  isKernelLength,
  melTable,
  placeFrames,
  planOf,
  type SpectralFrames,
  turnTable,
} from './frames';
import type { LogMelOptions, Measure, Measured, MeasureOptions } from './interface';
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
      const out = memory.area(length);
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
