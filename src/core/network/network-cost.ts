import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import type { Batch, Network } from './network';

/** What a layer costs. */
export interface LayerCost {
  layer: string;
  kind: string;
  /** of one row, without the rows */
  output: number[];
  parameters: number;
  /** multiplications and additions, forward, of one row */
  flops: number;
}

/**
 * What a network costs, layer by layer: the table to read before training.
 *
 * Counted are the products of matrices that convolutions, dense and LSTM layers are made of, two operations a multiplication
 * with its addition; what is done element by element is left out, as is usual. Training takes about three times as much.
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

/** At how many places a layer's matrices are applied to a row. */
function timesApplied(kind: string, { outputShape, input }: LayersModel['layers'][number]): number {
  const places = (shape: readonly (number | null)[]): number =>
    shape.slice(1, -1).reduce<number>((product, length) => product * (length ?? 1), 1);
  // An LSTM goes through all its input's frames, whether it returns them or not.
  return places(kind === 'LSTM' ? (input as SymbolicTensor).shape : (outputShape as (number | null)[]));
}

/** Where a training step's time goes. */
export interface LayerTime {
  layer: string;
  kind: string;
  forwardMs: number;
  backwardMs: number;
}

/**
 * Times each layer of a network in training, forward and backward, on a batch. Weights stay as they are, but for the
 * statistics of batch normalisation.
 *
 * @param options - `steps` to take the median of, default 5, after one that is not counted
 * @returns a line a layer, in the model's order; empty on the composed path, whose gradients know no layers
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
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
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
