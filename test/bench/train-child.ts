import { createRandom } from '../../src/core/base';
import { presets } from '../../src/core/config';
import { buildModel, createNetwork, productOf, type TrainingData } from '../../src/core/network';
import { graphPredictions, loadEngine } from '../../src/node/engine';
import { fit } from '../../src/node/experiment';

/** The measurements of one process. */
export interface TrainRun {
  engine: string;
  /** `graph`: each training step is one graph; otherwise the path of the network */
  path: 'graph' | 'fused' | 'composed';
  /** number of trainable parameters */
  parameters: number;
  msPerStep: number;
  msPerPrediction: number;
  peakRssMb: number;
}

/** What a process measures. */
export interface TrainTask {
  model: 'paper' | 'compact' | 'log-mel';
  /** channels of the first blocks of the compact and the log-mel CNN; the paper's CNN has a fixed width */
  width: number;
  batch: number;
  /** training steps, after a warm-up of as many steps (one step for the paper CNN) */
  steps: number;
}

const shapes = { paper: [2376, 1], compact: [108, 22], 'log-mel': [108, 64, 1] } as const;

/** Measures whole training epochs (batches, optimizer, masks) and predictions. */
async function measure({ model: kind, width, batch, steps }: TrainTask): Promise<TrainRun> {
  const engine = await loadEngine();
  const { tf } = engine;
  const { model: modelConfig, training } = presets[kind];
  const model = buildModel(tf, { ...modelConfig, width }, shapes[kind], { classes: 7, seed: 1 });
  const parameters = model.trainableWeights.reduce((sum, weight) => sum + weight.read().size, 0);
  const network = createNetwork(engine, model);
  const warmSteps = kind === 'paper' ? 1 : steps;
  await epoch(warmSteps);
  const { path, seconds } = await epoch(steps);
  const msPerStep = (1000 * seconds) / steps;
  const x = tf.randomNormal([batch, ...shapes[kind]]);
  const graph = graphPredictions(engine, network, Infinity, batch);
  const predict = (): void => {
    const probabilities = graph.network.predict(x);
    probabilities.dataSync();
    probabilities.dispose();
  };
  predict();
  const started = performance.now();
  for (let i = 0; i < steps; i++) predict();
  const msPerPrediction = (performance.now() - started) / steps;
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  return { engine: engine.version, path, parameters, msPerStep, msPerPrediction, peakRssMb };

  /** Trains for one epoch. */
  async function epoch(count: number): Promise<{ path: TrainRun['path']; seconds: number }> {
    const rows = count * batch;
    const values = createRandom('bench').normals(productOf(shapes[kind]) * batch);
    const data: TrainingData = {
      inputShape: shapes[kind],
      classes: 7,
      labels: Int32Array.from({ length: rows }, (_, i) => i % 7),
      gather: (_rows, out) => {
        out.set(values.subarray(0, out.length));
      },
    };
    const split = { train: Int32Array.from({ length: rows }, (_, i) => i), validation: new Int32Array() };
    const { history, path } = await fit(
      engine,
      network,
      data,
      split,
      { ...training, epochs: 1, batchSize: batch, mixup: 0 },
      { seed: 1 },
    );
    return { path, seconds: history[0].seconds };
  }
}

void measure(JSON.parse(process.argv[2]) as TrainTask).then((run) => {
  console.log(JSON.stringify(run));
});
