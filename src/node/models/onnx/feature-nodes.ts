import { WorkbenchError } from '../../../core/base';
import { melFilterBank, mfccFromDb, periodicWindow } from '../../../core/dsp';
import { type FeatureConfig, featureWidth } from '../../../core/features';
import type { Graph, Value } from './graph';
import { addPitch } from './pitch-nodes';

/** The features of windows by name, each [windows, frames, columns], in the order of the configuration. */
export type FeatureValues = ReadonlyMap<string, { value: Value; width: number }>;

/** The features that can be computed in a graph. */
const exportable: readonly string[] = ['zcr', 'rms', 'mfcc', 'deltas', 'logMel', 'f0'];

/** Features that a graph cannot compute: it then has features as its input. */
export const notExportable = ({ features }: Pick<FeatureConfig, 'features'>): string[] =>
  features.filter((name) => !exportable.includes(name));

/**
 * Adds the features of windows, equal to those of `windowRows` without augmentations.
 *
 * @param windows - [windows, samples] at the sample rate of the configuration
 */
export function addFeatures(graph: Graph, windows: Value, config: FeatureConfig): FeatureValues {
  const { nFft, hopLength } = config;
  if (nFft < 16)
    throw new WorkbenchError(
      `features.nFft must be at least 16 for a model in ONNX with audio as input, got ${nFft}`,
    );
  const levelled = config.levelDb === null ? windows : addLevel(graph, windows, config.levelDb);
  const signal = graph.unsqueeze(levelled, 1);
  const frames = { kernel_shape: [nFft], strides: [hopLength], pads: [nFft / 2, nFft / 2] };
  let bands: Value | undefined;
  let cepstrum: Value | undefined;
  const logMel = (): Value =>
    (bands ??= addLogMel(graph, graph.op('Conv', [signal, dftKernel(graph, nFft)], frames), config));
  const mfcc = (): Value => (cepstrum ??= graph.op('MatMul', [logMel(), cepstralBasis(graph, config)]));
  const valueOf = (name: FeatureConfig['features'][number]): Value => {
    switch (name) {
      case 'zcr':
        return addZeroCrossings(graph, levelled, config);
      case 'rms': {
        const energy = graph.op('Mul', [signal, signal]);
        const mean = graph.op('AveragePool', [energy], { ...frames, count_include_pad: 1 });
        return graph.transpose(graph.op('Sqrt', [mean]), 0, 2, 1);
      }
      case 'mfcc':
        return mfcc();
      case 'deltas':
        return addDeltas(graph, mfcc());
      case 'logMel':
        return logMel();
      case 'f0':
        return addPitch(graph, levelled, config);
      default:
        throw new WorkbenchError(`the feature ${String(name)} cannot be exported to ONNX`);
    }
  };
  return new Map(
    config.features.map((name) => [name, { value: valueOf(name), width: featureWidth(name, config) }]),
  );
}

/** Frames and percentile of `speechLevel`. */
const level = { nFft: 2048, hopLength: 512, share: 0.95 };

/** `normaliseLevel` */
function addLevel(graph: Graph, windows: Value, levelDb: number): Value {
  const signal = graph.unsqueeze(windows, 1);
  const energy = graph.op('AveragePool', [graph.op('Mul', [signal, signal])], {
    kernel_shape: [level.nFft],
    strides: [level.hopLength],
    pads: [level.nFft / 2, level.nFft / 2],
    count_include_pad: 1,
  });
  // Sorted from the loudest frame to the quietest.
  const rms = graph.op('Squeeze', [graph.op('Sqrt', [energy]), graph.integers([1])]);
  const frames = graph.lengthOf(rms, 1);
  const [sorted] = graph.ops('TopK', [rms, graph.list([frames])], { axis: 1 }, [true, true]);
  const last = graph.op('Sub', [frames, 1]);
  const at = graph.op('Mul', [graph.cast(last, 'float'), graph.number(1 - level.share)]);
  const before = graph.op('Floor', [at]);
  const index = graph.cast(before, 'int64');
  const rank = (i: Value): Value => graph.op('Gather', [sorted, graph.list([i])], { axis: 1 });
  const louder = rank(index);
  const quieter = rank(graph.op('Min', [graph.op('Add', [index, 1]), last]));
  const step = graph.op('Mul', [graph.op('Sub', [quieter, louder]), graph.op('Sub', [at, before])]);
  const speech = graph.op('Add', [louder, step]);
  const isSilent = graph.op('LessOrEqual', [speech, graph.number(0)]);
  const factor = graph.op('Div', [graph.number(10 ** (levelDb / 20)), speech]);
  return graph.op('Mul', [windows, graph.op('Where', [isSilent, graph.number(1), factor])]);
}

/** `zeroCrossingRate` */
function addZeroCrossings(graph: Graph, windows: Value, { nFft, hopLength }: FeatureConfig): Value {
  const isNegative = graph.cast(graph.op('Less', [windows, graph.number(-1e-10)]), 'float');
  const samples = graph.lengthOf(windows, 1);
  const now = graph.slice(isNegative, 1, 1, samples);
  const before = graph.slice(isNegative, 1, 0, graph.op('Sub', [samples, 1]));
  const crossings = graph.op('Abs', [graph.op('Sub', [now, before])]);
  const all = graph.op('Pad', [crossings, graph.integers([0, 1, 0, 0])]);
  // A crossing at the first sample of a frame is not counted, so the pooling window starts one sample later.
  const mean = graph.op('AveragePool', [graph.unsqueeze(all, 1)], {
    kernel_shape: [nFft - 1],
    strides: [hopLength],
    pads: [nFft / 2 - 1, nFft / 2],
    count_include_pad: 1,
  });
  return graph.transpose(graph.op('Mul', [mean, graph.number((nFft - 1) / nFft)]), 0, 2, 1);
}

/**
 * Windowed cosines and sines of the discrete Fourier transform as the filters of a convolution, [2 · bins, 1, nFft]. They are computed
 * in the graph, from a table of one period, because the file would be many times larger otherwise.
 */
function dftKernel(graph: Graph, nFft: number): Value {
  const bins = nFft / 2 + 1;
  const period = Float32Array.from({ length: nFft }, (_, n) => Math.cos((2 * Math.PI * n) / nFft));
  const bin = Array.from({ length: 2 * bins }, (_, i) => i % bins);
  const shift = Array.from({ length: 2 * bins }, (_, i) => (i < bins ? 0 : nFft / 4)); // the sine is a shifted cosine
  const turns = graph.op('Mul', [graph.integers(bin, [2 * bins, 1, 1]), graph.range(nFft)]);
  const shifted = graph.op('Add', [turns, graph.integers(shift, [2 * bins, 1, 1])]);
  const index = graph.op('Mod', [shifted, nFft]);
  const window = graph.floats(Float32Array.from(periodicWindow('hann', nFft)));
  return graph.op('Mul', [graph.op('Gather', [graph.floats(period), index]), window]);
}

/** `logMel` of spectra, [windows, 2 · bins, frames] → [windows, frames, nMels] */
function addLogMel(graph: Graph, spectra: Value, config: FeatureConfig): Value {
  const { sampleRate, nFft, nMels, fMin, fMax } = config;
  const bins = nFft / 2 + 1;
  const parts = graph.op('Reshape', [spectra, graph.integers([0, 2, bins, -1])]);
  const power = graph.op('ReduceSum', [graph.op('Mul', [parts, parts]), graph.integers([1])], {
    keepdims: 0,
  });
  const bank = melFilterBank({ sampleRate, nFft, nMels, fMin, fMax: fMax ?? sampleRate / 2 });
  const mel = graph.op('MatMul', [graph.floats(bank.data, bank.shape), power]);
  const logarithm = graph.op('Log', [graph.op('Max', [mel, graph.number(1e-10)])]);
  const decibels = graph.op('Mul', [logarithm, graph.number(10 / Math.LN10)]);
  const peak = graph.op('ReduceMax', [decibels], { axes: [1, 2], keepdims: 1 });
  const limited = graph.op('Max', [decibels, graph.op('Sub', [peak, graph.number(80)])]);
  return graph.transpose(limited, 0, 2, 1);
}

/** The cosine transform with liftering, [nMels, nMfcc]: the coefficients of each band alone. */
function cepstralBasis(graph: Graph, { nMels, nMfcc, lifter }: FeatureConfig): Value {
  const identity = new Float32Array(nMels * nMels);
  for (let i = 0; i < nMels; i++) identity[i * nMels + i] = 1;
  const { data, shape } = mfccFromDb({ data: identity, shape: [nMels, nMels] }, { nMfcc, lifter });
  return graph.floats(data, shape);
}

/** `delta`: the slope of a line fitted to nine frames; with fewer frames, the first and last are repeated. */
function addDeltas(graph: Graph, cepstrum: Value): Value {
  const half = 4;
  const width = 2 * half + 1;
  const frames = graph.lengthOf(cepstrum, 1);
  const last = graph.op('Sub', [frames, 1]);
  const isLong = graph.op('GreaterOrEqual', [frames, width]);
  const margin = graph.op('Where', [isLong, half, 0]);
  const clamp = (value: Value, low: Value | number, high: Value): Value =>
    graph.op('Min', [graph.op('Max', [value, low]), high]);
  const middle = clamp(graph.range(frames), margin, graph.op('Sub', [last, margin]));
  const offsets = Array.from({ length: width }, (_, i) => i - half);
  const sources = graph.op('Add', [graph.unsqueeze(middle, 1), graph.integers(offsets)]);
  const around = graph.op('Gather', [cepstrum, clamp(sources, 0, last)], { axis: 1 });
  const norm = offsets.reduce((sum, x) => sum + x * x, 0);
  const slopes = graph.floats(
    offsets.map((x) => x / norm),
    [width, 1],
  );
  return graph.op('ReduceSum', [graph.op('Mul', [around, slopes]), graph.integers([2])], { keepdims: 0 });
}
