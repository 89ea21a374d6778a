import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { RunTrial } from '../../../src/node/sweep';

/**
 * A trial with a known best learning rate, 10^-2.5, that fails for certain widths. Each start appends a line to the file
 * `SER_FAKE_LOG`: process, width, epochs and learning rate.
 */
export const runTrial: RunTrial = async (config, { signal, onEpoch }) => {
  const { width } = config.model;
  const { epochs, learningRate } = config.training;
  appendFileSync(process.env.SER_FAKE_LOG!, `${process.pid} ${width} ${epochs} ${learningRate}\n`);
  if (width === 13) throw new Error('unlucky width');
  if (width === 14) {
    console.error('some\nlast words');
    process.exit(3);
  }
  if (width === 15) return { run: 'nan.json', score: NaN };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    if (width === 16) await setTimeout(60_000, undefined, { signal }).catch(() => undefined);
    if (signal?.aborted) break;
    onEpoch?.({ epoch, loss: 1 / epoch, accuracy: 0, learningRate, seconds: 0 });
  }
  const score = 1 - Math.abs(Math.log10(learningRate) + 2.5) / 10 + epochs / 1000;
  return { run: `run-${width}-${epochs}.json`, score };
};
