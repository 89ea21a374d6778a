import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';

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
