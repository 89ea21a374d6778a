import { WorkbenchError } from '../../../core/base';
import type { RowLayout } from '../../../core/config';
import { melFilterBank, mfccFromDb } from '../../../core/dsp';
import { type FeatureConfig, featureWidth } from '../../../core/features';
import type { Graph, Value } from './graph';
import { addPitch } from './pitch-nodes';
import { addFrames, addPower } from './spectrum-nodes';

/** The features of windows. */
export interface FeatureValues {
  /** by name, each [windows, frames, columns], in the order of the configuration */
  values: ReadonlyMap<string, { value: Value; width: number }>;
  /** 1 in the frames of the speech, which are the first ones, otherwise 0; [windows, frames, 1]; undefined: all frames */
  mask?: Value;
}

/** The features that can be computed in a graph. */
const exportable: readonly string[] = ['zcr', 'rms', 'mfcc', 'deltas', 'logMel', 'f0'];

/** What a graph cannot compute of the input of a network, if anything: it then has features as its input. */
export function notExportable(features: FeatureConfig, layout: RowLayout): string | undefined {
  const unknown = features.features.find((name) => !exportable.includes(name));
  if (unknown !== undefined) return `the feature ${unknown}`;
  return layout === 'flat' && features.trimDb !== null ? 'flat rows with features.trimDb' : undefined;
}

/**
 * Adds the features of windows, equal to those of `windowRows` without augmentations.
 *
 * @param windows - [windows, samples] at the sample rate of the configuration
 */
export function addFeatures(graph: Graph, windows: Value, config: FeatureConfig): FeatureValues {
  const { nFft } = config;
  if (nFft < 16)
    throw new WorkbenchError(
      `features.nFft must be at least 16 for a model in ONNX with audio as input, got ${nFft}`,
    );
  const levelled = config.levelDb === null ? windows : addLevel(graph, windows, config.levelDb);
  let framed: Value | undefined;
  const frames = (): Value => (framed ??= addFrames(graph, levelled, config));
  let bands: Value | undefined;
  let cepstrum: Value | undefined;
  const logMel = (): Value => (bands ??= addLogMel(graph, frames(), config));
  const mfcc = (): Value => (cepstrum ??= graph.op('MatMul', [logMel(), cepstralBasis(graph, config)]));
  const valueOf = (name: FeatureConfig['features'][number]): Value => {
    switch (name) {
      case 'zcr':
        return addZeroCrossings(graph, levelled, config);
      case 'rms':
        return graph.unsqueeze(addRms(graph, frames()), 2);
      case 'mfcc':
        return mfcc();
      case 'deltas':
        return addDeltas(graph, mfcc());
      case 'logMel':
        return logMel();
      case 'f0':
        return addPitch(graph, frames(), config);
      default:
        throw new WorkbenchError(`the feature ${String(name)} cannot be exported to ONNX`);
    }
  };
  const speech = config.trimDb === null ? undefined : addSpeechFrames(graph, frames(), config.trimDb);
  const values = new Map(
    config.features.map((name) => {
      const all = valueOf(name);
      const value = speech ? graph.op('GatherND', [all, speech.indices], { batch_dims: 1 }) : all;
      return [name, { value, width: featureWidth(name, config) }];
    }),
  );
  return { values, ...(speech && { mask: speech.mask }) };
}

/**
 * The frames of each window from the first to the last with speech, as with the option `trimDb`.
 *
 * @returns indices, [windows, frames, 1], and a mask of those that exist
 */
function addSpeechFrames(graph: Graph, frames: Value, trimDb: number): { indices: Value; mask: Value } {
  const levels = addRms(graph, frames);
  const least = graph.op('Mul', [addSpeechLevel(graph, levels), graph.number(10 ** (-trimDb / 20))]);
  const isSpeech = graph.cast(graph.op('GreaterOrEqual', [levels, least]), 'float');
  const first = graph.op('ArgMax', [isSpeech], { axis: 1, keepdims: 1 });
  const last = graph.op('ArgMax', [isSpeech], { axis: 1, keepdims: 1, select_last_index: 1 });
  const all = graph.unsqueeze(graph.range(graph.lengthOf(levels, 1)), 0);
  const moved = graph.op('Add', [all, first]);
  const mask = graph.cast(graph.op('LessOrEqual', [moved, last]), 'float');
  return {
    indices: graph.unsqueeze(graph.op('Min', [moved, last]), 2),
    mask: graph.unsqueeze(mask, 2),
  };
}

/** Root mean square of frames, [windows, frames, nFft] → [windows, frames] */
function addRms(graph: Graph, frames: Value): Value {
  const energy = graph.op('ReduceMean', [graph.op('Mul', [frames, frames])], { axes: [2], keepdims: 0 });
  return graph.op('Sqrt', [energy]);
}

/** Level of the speech as a factor: the 95th percentile of the RMS of frames, [windows, frames] → [windows, 1] */
function addSpeechLevel(graph: Graph, rms: Value): Value {
  // Sorted from the loudest frame to the quietest.
  const count = graph.lengthOf(rms, 1);
  const [sorted] = graph.ops('TopK', [rms, graph.list([count])], { axis: 1 }, [true, true]);
  const last = graph.op('Sub', [count, 1]);
  const at = graph.op('Mul', [graph.cast(last, 'float'), graph.number(1 - level.share)]);
  const before = graph.op('Floor', [at]);
  const index = graph.cast(before, 'int64');
  const rank = (i: Value): Value => graph.op('Gather', [sorted, graph.list([i])], { axis: 1 });
  const louder = rank(index);
  const quieter = rank(graph.op('Min', [graph.op('Add', [index, 1]), last]));
  const step = graph.op('Mul', [graph.op('Sub', [quieter, louder]), graph.op('Sub', [at, before])]);
  return graph.op('Add', [louder, step]);
}

/** Frames and percentile of `speechLevel`. */
const level = { nFft: 2048, hopLength: 512, share: 0.95 };

/** `normaliseLevel` */
function addLevel(graph: Graph, windows: Value, levelDb: number): Value {
  const speech = addSpeechLevel(graph, addRms(graph, addFrames(graph, windows, level)));
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

/** `logMel` of frames, [windows, frames, nFft] → [windows, frames, nMels] */
function addLogMel(graph: Graph, frames: Value, config: FeatureConfig): Value {
  const { sampleRate, nFft, nMels, fMin, fMax } = config;
  const { power, bins } = addPower(graph, frames, nFft);
  const { data, shape } = melFilterBank({ sampleRate, nFft, nMels, fMin, fMax: fMax ?? sampleRate / 2 });
  /** shape [bins, nMels]; 0 in the additional bins */
  const bank = new Float32Array(bins * nMels);
  for (let i = 0; i < data.length; i++) bank[(i % shape[1]) * nMels + Math.floor(i / shape[1])] = data[i];
  const mel = graph.op('MatMul', [power, graph.floats(bank, [bins, nMels])]);
  const logarithm = graph.op('Log', [graph.op('Max', [mel, graph.number(1e-10)])]);
  const decibels = graph.op('Mul', [logarithm, graph.number(10 / Math.LN10)]);
  const peak = graph.op('ReduceMax', [decibels], { axes: [1, 2], keepdims: 1 });
  return graph.op('Max', [decibels, graph.op('Sub', [peak, graph.number(80)])]);
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
