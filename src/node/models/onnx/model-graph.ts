import type { Scaler } from '../../../core/dataset';
import {
  type FeatureConfig,
  featureWidth,
  frameCount,
  type Window,
  windowFrames,
} from '../../../core/features';
import type { NetworkLayer } from '../../../core/network';
import { silenceLevel, spanOf } from '../../../core/prediction';
import { addFeatures, type FeatureValues } from './feature-nodes';
import { createGraph, type Graph, type Length, type Value } from './graph';
import { addNetwork, type Weights } from './network-nodes';
import type { OnnxContent, OnnxTensor } from './onnx-file';

/** A network to be exported, with everything that surrounds it in prediction. */
export interface ExportedNetwork {
  layout: 'flat' | 'frames' | 'picture';
  features: FeatureConfig;
  scaler: Scaler;
  layers: readonly NetworkLayer[];
  weights: Weights;
  temperature: number;
}

/** A model to be exported: one network, or the members of an ensemble. */
export interface ExportedModel {
  members: readonly ExportedNetwork[];
  /** of the mean of the members; 1 for a single network */
  temperature: number;
  classes: number;
}

type Tensors = Pick<OnnxContent, 'nodes' | 'constants' | 'inputs' | 'outputs'>;

/**
 * The graph of a model with a recording as its input: windows, features, networks, temperatures, mean over windows. It computes what
 * the predictor does with a recording at the sample rate of the model, except that the result for a silent recording is not an error.
 */
export function waveformGraph({ members, temperature, classes }: ExportedModel): Tensors {
  const graph = createGraph();
  const { sampleRate } = members[0].features;
  const span = spanOf(members.map(({ features }) => features));
  const windows = addWindows(graph, 'waveform', sampleRate, span);
  const computed = new Map<string, FeatureValues>();
  const featuresOf = ({ features }: ExportedNetwork): FeatureValues => {
    const key = JSON.stringify(features);
    const found = computed.get(key) ?? addFeatures(graph, ownPart(graph, windows, features, span), features);
    computed.set(key, found);
    return found;
  };
  const each = addMembers(graph, members, temperature, featuresOf);
  graph.nameOutput(each, 'window_probabilities');
  graph.nameOutput(addMean(graph, windows, each), 'probabilities');
  return {
    ...graph,
    inputs: [{ name: 'waveform', shape: ['samples'], help: `mono samples in [-1, 1] at ${sampleRate} Hz` }],
    outputs: [
      { name: 'probabilities', shape: [classes], help: 'of each class, for the recording' },
      { name: 'window_probabilities', shape: ['windows', classes], help: 'of each class in each window' },
    ],
  };
}

/** The names of the inputs of {@link featuresGraph} by feature configuration. */
export function featureInputs(
  members: readonly ExportedNetwork[],
): Map<string, { name: string; features: FeatureConfig }> {
  const distinct = new Map(members.map(({ features }) => [JSON.stringify(features), features]));
  return new Map(
    [...distinct].map(([key, features], i) => [
      key,
      { name: distinct.size === 1 ? 'features' : `features_${i + 1}`, features },
    ]),
  );
}

/** The graph of a model with features as its input: one row for each window, before scaling. */
export function featuresGraph({ members, temperature, classes }: ExportedModel): Tensors {
  const graph = createGraph();
  const named = featureInputs(members);
  const featuresOf = ({ features }: ExportedNetwork): FeatureValues => {
    let end = 0;
    const values = new Map(
      features.features.map((name) => {
        const width = featureWidth(name, features);
        const input = named.get(JSON.stringify(features))!.name;
        return [name, { value: graph.slice(input, 2, end, (end += width)), width }];
      }),
    );
    return { values };
  };
  graph.nameOutput(addMembers(graph, members, temperature, featuresOf), 'probabilities');
  return {
    ...graph,
    inputs: [...named.values()].map(({ name, features }, i): OnnxTensor => {
      const columns = features.features.reduce((sum, feature) => sum + featureWidth(feature, features), 0);
      const help = `${features.features.join(', ')}; at most ${frameCount(features)} frames`;
      return { name, shape: ['windows', `frames_${i + 1}`, columns], help };
    }),
    outputs: [{ name: 'probabilities', shape: ['windows', classes], help: 'of each class in each window' }],
  };
}

/** Probabilities of windows: the mean of the members, scaled by temperature; [windows, classes] */
function addMembers(
  graph: Graph,
  members: readonly ExportedNetwork[],
  temperature: number,
  featuresOf: (member: ExportedNetwork) => FeatureValues,
): Value {
  const all = members.map((member) => {
    const input = addInput(graph, member, featuresOf(member));
    const probabilities = addNetwork(graph, member.layers, member.weights, input);
    return scaleByTemperature(graph, probabilities, member.temperature);
  });
  const mean = all.length === 1 ? all[0] : graph.op('Mean', all);
  return scaleByTemperature(graph, mean, temperature);
}

function scaleByTemperature(graph: Graph, probabilities: Value, temperature: number): Value {
  if (temperature === 1) return probabilities;
  const logits = graph.op('Log', [graph.op('Max', [probabilities, graph.number(2 ** -126)])]);
  return graph.op('Softmax', [graph.op('Div', [logits, graph.number(temperature)])], { axis: -1 });
}

/** The scaled input of a network in its layout, as `modelInput` and `scaledRows`; [windows, …inputShape] */
function addInput(
  graph: Graph,
  { layout, features, scaler }: ExportedNetwork,
  { values, mask }: FeatureValues,
): Value {
  const scaled = (value: Value): Value =>
    graph.op('Div', [graph.op('Sub', [value, graph.floats(scaler.mean)]), graph.floats(scaler.deviation)]);
  const frames = frameCount(features);
  /** Zeros after the last frame, which are the mean after scaling. */
  const padded = (all: Value): Value => {
    const value = mask === undefined ? all : graph.op('Mul', [all, mask]);
    const missing = graph.op('Sub', [frames, graph.lengthOf(value, 1)]);
    return graph.op('Pad', [value, graph.list([0, 0, 0, 0, missing, 0])]);
  };
  switch (layout) {
    case 'frames':
      return padded(
        scaled(
          joined(
            graph,
            [...values.values()].map(({ value }) => value),
            2,
          ),
        ),
      );
    case 'picture':
      return graph.unsqueeze(padded(scaled(values.get('logMel')!.value)), 3);
    case 'flat': {
      // Here the zeros are at the end of the row, and scaled like other values.
      const blocks = [...values.values()].map(({ value }) =>
        graph.op('Reshape', [value, graph.integers([0, -1])]),
      );
      const row = joined(graph, blocks, 1);
      const missing = graph.op('Sub', [scaler.mean.length, graph.lengthOf(row, 1)]);
      return graph.unsqueeze(scaled(graph.op('Pad', [row, graph.list([0, 0, 0, missing])])), 2);
    }
  }
}

const joined = (graph: Graph, values: readonly Value[], axis: number): Value =>
  values.length === 1 ? values[0] : graph.op('Concat', values, { axis });

/** First sample and length of the first window, as in `planWindows`. */
function firstWindow(graph: Graph, samples: Value, sampleRate: number, window: Window) {
  const { offset, length, least } = windowFrames(sampleRate, window);
  const first = graph.op('Min', [offset, graph.op('Sub', [samples, graph.op('Min', [least, samples])])]);
  return { first, size: graph.op('Min', [length, graph.op('Sub', [samples, first])]), length };
}

/** All windows of a recording, half a window apart: [windows, samples]. Only the window of a short recording is shorter. */
function addWindows(graph: Graph, waveform: Value, sampleRate: number, window: Window): Value {
  const samples = graph.lengthOf(waveform, 0);
  const { first, size, length } = firstWindow(graph, samples, sampleRate, window);
  const hop = Math.max(1, Math.round((window.durationSec / 2) * sampleRate));
  const rest = graph.op('Sub', [graph.op('Sub', [samples, first]), length]);
  const count = graph.op('Add', [graph.op('Div', [graph.op('Max', [rest, 0]), hop]), 1]);
  const starts = graph.op('Add', [graph.op('Mul', [graph.range(count), hop]), first]);
  return graph.op('Gather', [waveform, graph.op('Add', [graph.unsqueeze(starts, 1), graph.range(size)])]);
}

/** The part of common windows that a member uses, as `ownPart` of the predictor. */
function ownPart(graph: Graph, windows: Value, own: FeatureConfig, span: Window): Value {
  if (own.offsetSec === span.offsetSec && own.durationSec === span.durationSec) return windows;
  const offsetSec = Number((own.offsetSec - span.offsetSec).toFixed(9));
  const samples = graph.lengthOf(windows, 1);
  const { first, size } = firstWindow(graph, samples, own.sampleRate, { ...own, offsetSec });
  const end: Length = graph.op('Add', [first, size]);
  return graph.slice(windows, 1, first, end);
}

/** The mean over the windows that are not silent, or over all if none is audible; [classes] */
function addMean(graph: Graph, windows: Value, probabilities: Value): Value {
  const along = (op: string): Value => graph.op(op, [windows], { axes: [1], keepdims: 1 });
  const [high, low, mean] = ['ReduceMax', 'ReduceMin', 'ReduceMean'].map(along);
  const isLoud = [graph.op('Sub', [high, mean]), graph.op('Sub', [mean, low])].map((distance) =>
    graph.op('Greater', [distance, graph.number(silenceLevel)]),
  );
  const audible = graph.cast(graph.op('Or', isLoud), 'float');
  const isAny = graph.op('Greater', [graph.op('ReduceMax', [audible]), graph.number(0)]);
  const weights = graph.op('Where', [isAny, audible, graph.number(1)]);
  const sum = (value: Value): Value => graph.op('ReduceSum', [value, graph.integers([0])], { keepdims: 0 });
  const all = graph.op('Expand', [weights, graph.op('Shape', [audible])]);
  return graph.op('Div', [sum(graph.op('Mul', [probabilities, all])), sum(all)]);
}
