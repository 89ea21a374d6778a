import { createRandom } from '../../../src/core/base';
import type { TrainingConfig } from '../../../src/core/config';
import {
  compactCnn,
  createNetwork,
  type Engine,
  type Network,
  type TrainingData,
} from '../../../src/core/network';

const [frames, coefficients, classes] = [16, 4, 3];

/** Noisy rows of three classes that a small network can separate: an early bump, a late bump, or none. */
export function toyData(rows: number): TrainingData {
  const random = createRandom('toy');
  const labels = Int32Array.from({ length: rows }, (_, i) => i % classes);
  const data = random.normals(rows * frames * coefficients).map((value) => 0.7 * value);
  for (let row = 0; row < rows; row++) {
    if (labels[row] === 2) continue;
    const start = labels[row] === 0 ? 2 : 10;
    for (let frame = start; frame < start + 3; frame++) data[(row * frames + frame) * coefficients + 1] += 2;
  }
  const rowSize = frames * coefficients;
  return {
    inputShape: [frames, coefficients],
    labels,
    classes,
    gather: (indices, out) => {
      Array.from(indices).forEach((row, i) =>
        out.set(data.subarray(row * rowSize, (row + 1) * rowSize), i * rowSize),
      );
    },
  };
}

export function toyNetwork(engine: Engine, seed = 1, path?: 'composed'): Network {
  const model = compactCnn(engine.tf, { frames, coefficients, width: 8, classes, seed, head: 'flatten' });
  return createNetwork(engine, model, { seed, path });
}

export const toyTraining: TrainingConfig = {
  epochs: 4,
  batchSize: 16,
  optimizer: 'adamw',
  learningRate: 0.01,
  schedule: 'one-cycle',
  plateau: { factor: 0.5, patience: 2, minimum: 1e-5 },
  weightDecay: 0.01,
  labelSmoothing: 0.1,
  target: 'intended',
  classWeights: 'balanced',
  clipNorm: 5,
  earlyStopping: null,
  monitor: 'valLoss',
  versionsPerEpoch: null,
  originalShare: null,
  mixup: 0.2,
  timeMask: 2,
  frequencyMask: 1,
};

export const range = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: to - from }, (_, i) => from + i);
