import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { formatCount, median, WorkbenchError } from '../base';
import { networkLimits } from '../config';
import type { Batch, Network } from './network';

/** Size of one layer, for one row. */
export interface LayerSize {
  /** shapes of its weights */
  weights?: readonly (readonly number[])[];
  /** shape of its output, without the rows */
  output: readonly number[];
  /** number of positions to which its matrices are applied; default 1 */
  positions?: number;
  /** steps of a recurrent layer */
  steps?: number;
}

/** Product of the lengths of a shape. */
export const productOf = (shape: readonly number[]): number =>
  shape.reduce((product, length) => product * length, 1);

/**
 * Adds up the size of a network, layer by layer.
 *
 * @returns a function that adds a layer. It throws a {@link WorkbenchError} before the network exceeds a limit, so that nothing too
 *   large is ever allocated.
 */
export function networkSize(): (layer: LayerSize) => void {
  let [layers, parameters, multiplications] = [0, 0, 0];
  const check = (what: string, count: number, limit: number): void => {
    if (count <= limit) return;
    throw new WorkbenchError(
      `the network must have at most ${formatCount(limit)} ${what}, got ${formatCount(count)}; ` +
        'use fewer channels (model.width), a shorter window (features.durationSec) or a longer hop (features.hopLength)',
    );
  };
  return ({ weights = [], output, positions = 1, steps = 0 }) => {
    layers++;
    for (const shape of weights) {
      parameters += productOf(shape);
      if (shape.length > 1) multiplications += productOf(shape) * positions;
    }
    check('layers', layers, networkLimits.layers);
    check('parameters', parameters, networkLimits.parameters);
    check('values in one layer', productOf(output), networkLimits.values);
    check('multiplications per row', multiplications, networkLimits.multiplications);
    check('steps in a recurrent layer', steps, networkLimits.steps);
  };
}

/** Cost of one layer. */
export interface LayerCost {
  layer: string;
  kind: string;
  /** output shape of one row */
  output: number[];
  parameters: number;
  /** multiplications and additions of one row, forward pass */
  flops: number;
}

/**
 * Counts parameters and operations of a network, by layer and in total.
 *
 * Counts the matrix products of convolution, dense and LSTM layers, with two operations per multiply-add; element-wise operations are
 * left out, as usual. A training step takes about three times the operations of a forward pass.
 *
 * @example
 * ```ts
 * const { parameters, flops } = modelCost(compactCnn(tf));
 * ```
 */
export function modelCost(model: LayersModel): { layers: LayerCost[]; parameters: number; flops: number } {
  const layers = model.layers.map((layer): LayerCost => {
    const output = (layer.outputShape as (number | null)[]).slice(1).map((length) => length ?? 1);
    const kind = layer.getClassName();
    const products = layer.weights
      .filter(({ shape }) => shape.length > 1)
      .reduce((sum, { shape }) => sum + shape.reduce<number>((size, length) => size * (length ?? 1), 1), 0);
    return {
      layer: layer.name,
      kind,
      output,
      parameters: layer.countParams(),
      flops: 2 * products * timesApplied(kind, layer),
    };
  });
  const sum = (key: 'parameters' | 'flops'): number => layers.reduce((total, layer) => total + layer[key], 0);
  return { layers, parameters: sum('parameters'), flops: sum('flops') };
}

/** Number of positions of a row to which a layer's matrices are applied. */
function timesApplied(kind: string, { outputShape, input }: LayersModel['layers'][number]): number {
  const positions = (shape: readonly (number | null)[]): number =>
    shape.slice(1, -1).reduce<number>((product, length) => product * (length ?? 1), 1);
  // An LSTM processes all input frames, even if it returns only the last state.
  return positions(kind === 'LSTM' ? (input as SymbolicTensor).shape : (outputShape as (number | null)[]));
}

/** Time of one layer in a training step. */
export interface LayerTime {
  layer: string;
  kind: string;
  forwardMs: number;
  backwardMs: number;
}

/**
 * Times each layer of a network in training, forward and backward, on a batch. Does not change the weights, except for the moving
 * statistics of batch normalisation.
 *
 * @param options - number of `steps` for the median, default 5, after one warm-up step
 * @returns one entry per layer, in the order of the model; empty on the composed path, which cannot time single layers
 * @example
 * ```ts
 * layerTimes(createNetwork(engine, model), batch).forEach(({ layer, forwardMs }) => console.log(layer, forwardMs));
 * ```
 */
export function layerTimes({ model, gradients }: Network, batch: Batch, { steps = 5 } = {}): LayerTime[] {
  const times = new Map<string, Record<'forward' | 'backward', number[]>>();
  for (let step = 0; step <= steps; step++) {
    const {
      loss,
      probabilities,
      gradients: tensors,
    } = gradients(batch, {
      step,
      onLayer: (layer, direction, ms) => {
        if (step === 0) return;
        const own = times.get(layer) ?? { forward: [], backward: [] };
        times.set(layer, own);
        own[direction].push(ms);
      },
    });
    for (const tensor of [loss, probabilities, ...tensors]) tensor.dispose();
  }
  return model.layers.flatMap((layer) => {
    const own = times.get(layer.name);
    if (!own) return [];
    const { forward, backward } = own;
    return [
      {
        layer: layer.name,
        kind: layer.getClassName(),
        forwardMs: median(forward),
        backwardMs: median(backward),
      },
    ];
  });
}
