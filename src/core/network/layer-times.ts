import type { Batch, Network } from './network';

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
