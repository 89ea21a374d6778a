import type { Tensor2D } from '@tensorflow/tfjs';
import { type Engine, type Network, rowsPerPass } from '../../core/network';
import { GraphBuilder, type GraphSession, type GraphValue } from './graph';
import { trainingMode } from './trainer';

/** With fewer passes, recording takes longer than it saves. */
const fewPasses = 8;

/**
 * A network that predicts full batches with one graph, for predicting many rows. The graph reads the current weights of the model; it
 * is recorded with the first full batch, and again if weights require other operations. Must be disposed; the model remains.
 *
 * @param rows - number of rows that are predicted at once
 * @param batchSize - rows of a full batch; default that of `predictRows`
 * @returns the same network if it cannot be recorded or the rows are few
 */
export function graphPredictions(
  { tf }: Engine,
  network: Network,
  rows: number,
  batchSize = rowsPerPass(network),
): { network: Network; dispose: () => void } {
  const isEager = trainingMode() === 'eager';
  if (!network.isRecordable || isEager || rows < fewPasses * batchSize)
    return { network, dispose: () => undefined };
  const { model, predict } = network;
  const order = network.predictionOrder ?? (() => '');
  let recorded:
    { order: string; session: GraphSession; x: GraphValue; weights: GraphValue[]; y: GraphValue } | undefined;

  const record = (shape: number[]): NonNullable<typeof recorded> => {
    const graph = new GraphBuilder(tf);
    const x = graph.input(shape);
    const weights = model.weights.map((weight) => graph.input(weight.shape as number[]));
    const y = tf.tidy(() => {
      const zeros = tf.zeros(shape);
      graph.define([[zeros, x], ...model.weights.map((weight, i) => [weight.read(), weights[i]] as const)]);
      return graph.record(() => graph.valueOf(predict(zeros)));
    });
    return { order: order(), session: graph.start(), x, weights, y };
  };

  const dispose = (): void => {
    recorded?.session.dispose();
    recorded = undefined;
  };

  return {
    network: {
      ...network,
      predict: (x) => {
        if (x.shape[0] !== batchSize) return predict(x);
        if (recorded?.order !== order()) {
          dispose();
          recorded = record(x.shape);
        }
        const weights = model.weights.map((weight, i) => [recorded!.weights[i], weight.read()] as const);
        return recorded.session.run([[recorded.x, x], ...weights], [recorded.y])[0] as Tensor2D;
      },
    },
    dispose,
  };
}
