import { resample as plainResample } from '../../audio';
import { type NoiseDeviation, noiseStateLength } from '../../base';
import { checkNotEmpty, checkPositive, checkPositiveInteger } from '../checks';
import { type FrameOptions, tooShort } from '../frame-measures';
import type { ComplexMatrix, Matrix } from '../matrix';
import { melSpectrogram } from '../mel';
import { mfccDefaults, type MfccOptions, mfcc as plainMfcc } from '../mfcc';
import {
  type PitchShiftOptions,
  pitchShiftRates,
  pitchShift as plainPitchShift,
  timeStretch as plainTimeStretch,
  stretchedLength,
  type TimeStretchOptions,
} from '../phase-vocoder';
import {
  checkDbLimits,
  powerSpectrogram as plainPowerSpectrogram,
  type PowerSpectrogramOptions,
  powerToDb,
  stft as plainStft,
  type StftOptions,
} from '../spectrogram';
import { createF0Contour, createMeasure, logMelBands, writeCoefficients } from './measure';
import { checkFinite, isKernelLength, placeFrames } from './frames';
import type { DspKernel, LogMelOptions } from './interface';
import { planResampling, type ResamplingPlan } from './resampler';
import { polarArea, shiftSignal, stretchSignal, transformPolar } from './vocoder';
import { type KernelExports, KernelMemory } from './wasm';

/**
 * Instantiates the compiled kernel.
 *
 * @param bytes - content of `kernel.wasm`
 * @param allocate - returns an array for a result; default a new one
 * @returns undefined if the runtime does not support WebAssembly SIMD
 */
export async function instantiateKernel(
  bytes: BufferSource,
  allocate = (length: number): Float32Array => new Float32Array(length),
): Promise<DspKernel | undefined> {
  if (!WebAssembly.validate(bytes)) return undefined;
  const { instance } = await WebAssembly.instantiate(bytes);
  return createKernel(instance.exports as unknown as KernelExports, allocate);
}

/** Number of cached resampling plans. */
const maxPlans = 16;

/** Creates the kernel from the exports of the compiled module. */
function createKernel(kernel: KernelExports, allocate: (length: number) => Float32Array): DspKernel {
  const memory = new KernelMemory(kernel.memory, allocate);
  const plans = new Map<string, ResamplingPlan>();

  function resamplingPlan(from: number, to: number): ResamplingPlan {
    const key = `${from} ${to}`;
    const plan = plans.get(key) ?? planResampling(kernel, memory, from, to);
    if (plans.size >= maxPlans) plans.clear();
    plans.set(key, plan);
    return plan;
  }

  function resample(samples: Float32Array, fromRate: number, toRate: number): Float32Array {
    const isRate = (rate: number): boolean => Number.isSafeInteger(rate) && rate >= 1;
    if (!isRate(fromRate) || !isRate(toRate) || fromRate === toRate || samples.length === 0) {
      return plainResample(samples, fromRate, toRate);
    }
    const plan = resamplingPlan(fromRate, toRate);
    if (!plan.possible) return plainResample(samples, fromRate, toRate);
    memory.begin();
    const count = Math.ceil((samples.length * toRate) / fromRate);
    const input = memory.place(
      samples,
      plan.lead,
      Math.max(plan.inputSize(count), plan.lead + samples.length),
    );
    // The plain function limits the effect of NaN and Infinity to neighbouring samples.
    if (!kernel.allFinite(input + 4 * plan.lead, samples.length)) {
      return plainResample(samples, fromRate, toRate);
    }
    const out = memory.area(count);
    plan.run(input, count, out);
    return memory.copy(out, count);
  }

  function stft(samples: Float32Array, options: StftOptions = {}): ComplexMatrix {
    if (!isKernelLength(options.nFft ?? 2048)) return plainStft(samples, options);
    memory.begin();
    const frames = placeFrames(kernel, memory, samples, options);
    const { groups, stride, bins } = frames;
    const real = memory.area(4 * groups * stride);
    const imag = memory.area(4 * groups * stride);
    kernel.stft(
      frames.signal,
      groups,
      frames.nFft,
      frames.hopLength,
      frames.window,
      frames.plan,
      frames.work,
      frames.spec,
      real,
      imag,
      4 * stride,
    );
    return {
      real: rows(real, frames.frames, bins, stride).data,
      imag: rows(imag, frames.frames, bins, stride).data,
      shape: [frames.frames, bins],
    };
  }

  function powerSpectrogram(samples: Float32Array, options: PowerSpectrogramOptions = {}): Matrix {
    const { power = 2, hopLength = 512, ...stftOptions } = options;
    if ((power !== 1 && power !== 2) || !isKernelLength(options.nFft ?? 2048)) {
      return plainPowerSpectrogram(samples, options);
    }
    memory.begin();
    const frames = placeFrames(kernel, memory, samples, { ...stftOptions, hopLength });
    const { groups, stride, bins } = frames;
    const powers = memory.area(4 * groups * stride);
    kernel.powerRows(
      frames.signal,
      groups,
      frames.nFft,
      frames.hopLength,
      frames.window,
      frames.plan,
      frames.work,
      frames.power,
      power === 1,
      powers,
      4 * stride,
    );
    return rows(powers, frames.frames, bins, stride);
  }

  function logMel(samples: Float32Array, options: LogMelOptions = {}): Matrix {
    const { power = 2, hopLength = 512, ref = 1, amin = 1e-10, topDb = 80 } = options;
    if (power !== 2 || !isKernelLength(options.nFft ?? 2048)) {
      return powerToDb(melSpectrogram(samples, options), options);
    }
    checkDbLimits({ ref, topDb });
    memory.begin();
    const frames = placeFrames(kernel, memory, samples, { ...options, hopLength });
    const { address, nMels, peak } = logMelBands(kernel, memory, frames, options);
    const bands = memory.area(4 * frames.groups * nMels);
    const floor = topDb === null ? -Infinity : peak - topDb;
    kernel.bandRows(address, frames.groups, nMels, floor, bands, 4 * nMels);
    const matrix = rows(bands, frames.frames, nMels, nMels);
    const zero = ref === 'max' ? peak : 10 * Math.log10(Math.max(amin, ref));
    if (zero !== 0) for (let i = 0; i < matrix.data.length; i++) matrix.data[i] -= zero;
    return matrix;
  }

  function mfcc(samples: Float32Array, options: MfccOptions = {}): Matrix {
    const { power = 2, hopLength = 512, nMels = 128 } = options;
    if (power !== 2 || !isKernelLength(options.nFft ?? 2048)) return plainMfcc(samples, options);
    const { nMfcc } = mfccDefaults(options, nMels);
    memory.begin();
    const frames = placeFrames(kernel, memory, samples, { ...options, hopLength });
    const bands = logMelBands(kernel, memory, frames, { ...options, norm: options.melNorm });
    const coefficients = memory.area(4 * frames.groups * nMfcc);
    writeCoefficients(kernel, memory, frames.groups, bands, options, coefficients, nMfcc);
    return rows(coefficients, frames.frames, nMfcc, nMfcc);
  }

  /** Zero-crossing rate and RMS of each frame, interleaved. */
  function zcrAndRms(samples: Float32Array, options: FrameOptions): { pairs: Float32Array; frames: number } {
    const { frameLength = 2048, hopLength = 512, center = true } = options;
    checkNotEmpty(samples);
    checkPositiveInteger('frameLength', frameLength);
    checkPositiveInteger('hopLength', hopLength);
    const pad = center ? Math.floor(frameLength / 2) : 0;
    const size = samples.length + 2 * pad;
    if (size < frameLength) throw tooShort('frameLength', frameLength, samples);
    memory.begin();
    const signal = memory.place(samples, pad, size);
    checkFinite(kernel, signal + 4 * pad, samples);
    const frames = 1 + Math.floor((size - frameLength) / hopLength);
    const blocks = memory.area(2 * (frames + Math.ceil(frameLength / hopLength)));
    const out = memory.area(2 * frames);
    kernel.zcrRms(signal, pad, samples.length, frames, frameLength, hopLength, blocks, out, out + 4, 8);
    return { pairs: memory.copy(out, 2 * frames), frames };
  }

  function zeroCrossingRate(samples: Float32Array, options: FrameOptions = {}): Float32Array {
    const { pairs, frames } = zcrAndRms(samples, options);
    return Float32Array.from({ length: frames }, (_, i) => pairs[2 * i]);
  }

  function rms(samples: Float32Array, options: FrameOptions = {}): Float32Array {
    const { pairs, frames } = zcrAndRms(samples, options);
    return Float32Array.from({ length: frames }, (_, i) => pairs[2 * i + 1]);
  }

  function timeStretch(samples: Float32Array, options: TimeStretchOptions = {}): Float32Array {
    const { rate = 1 } = options;
    if (!isKernelLength(options.nFft ?? 2048)) return plainTimeStretch(samples, options);
    checkPositive('rate', rate);
    if (samples.length > 0) stretchedLength(samples.length, rate);
    memory.begin();
    const frames = placeFrames(kernel, memory, samples, options);
    const polar = polarArea(memory, frames);
    transformPolar(kernel, frames, polar);
    const length = stretchedLength(samples.length, rate);
    const plain = { ...options, rate, length, lead: 0, size: 0 };
    return memory.copy(stretchSignal(kernel, memory, frames, polar, plain), length);
  }

  function pitchShift(samples: Float32Array, options: PitchShiftOptions = {}): Float32Array {
    const { nSteps = 0, binsPerOctave = 12, sampleRate = 22050, nFft = 2048 } = options;
    const rate = 2 ** (-nSteps / binsPerOctave);
    // The plain function throws the error for invalid options.
    const valid = Number.isSafeInteger(binsPerOctave) && binsPerOctave >= 1 && sampleRate > 0;
    if (!valid || !(Math.abs(nSteps) <= 10 * binsPerOctave) || !isKernelLength(nFft)) {
      return plainPitchShift(samples, options);
    }
    const { from, to } = pitchShiftRates(rate);
    if (from !== to && !resamplingPlan(from, to).possible) return plainPitchShift(samples, options);
    memory.begin();
    const frames = placeFrames(kernel, memory, samples, options);
    const polar = polarArea(memory, frames);
    transformPolar(kernel, frames, polar);
    const out = memory.area(samples.length);
    shiftSignal(kernel, memory, frames, polar, { ...options, rate, length: samples.length, out });
    return memory.copy(out, samples.length);
  }

  function addNormalNoise(samples: Float32Array, deviation: NoiseDeviation, state: Int32Array): Float32Array {
    memory.begin();
    const { length } = samples;
    const words = memory.area(noiseStateLength);
    memory.integers.set(state, words / 4);
    const signal = memory.place(samples, 0, length);
    const scale = typeof deviation === 'number' ? deviation : deviation(kernel.largest(signal, length));
    kernel.addNormalNoise(signal, length, scale, words, signal);
    return memory.copy(signal, length);
  }

  /** Copies rows of `columns` numbers that are `stride` numbers apart. */
  function rows(address: number, count: number, columns: number, stride: number): Matrix {
    const data = new Float32Array(count * columns);
    for (let i = 0; i < count; i++) {
      const start = address / 4 + i * stride;
      data.set(memory.floats.subarray(start, start + columns), i * columns);
    }
    return { data, shape: [count, columns] };
  }

  return {
    resample,
    stft,
    powerSpectrogram,
    logMel,
    mfcc,
    zeroCrossingRate,
    rms,
    timeStretch,
    pitchShift,
    f0Contour: createF0Contour(kernel, memory),
    measure: createMeasure(kernel, memory),
    addNormalNoise,
  };
}
