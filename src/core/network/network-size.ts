import { formatCount, WorkbenchError } from '../base';
import { networkLimits } from '../config';

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
