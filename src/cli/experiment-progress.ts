import type { CompareProtocolsOptions } from '../experiment';
import type { TerminalProgress } from './terminal-progress';

/** A bar for the features, and one for each training, over all its epochs: the callbacks of an experiment. */
export function experimentProgress(progress: TerminalProgress) {
  let training = '';
  let seedText = '';
  return {
    onFeatures: ({ done, total }) => {
      progress.update('features', done, total, 'files');
    },
    onProtocol: ({ protocol }) => {
      training = `${protocol}, `;
    },
    onSeed: ({ seed, count }) => {
      seedText = count > 1 ? `seed ${seed}, ` : '';
    },
    onStep: ({ epoch, epochs, step, steps }, { name, number, count }) => {
      const label = `${training}${seedText}${name} (${number} of ${count}), steps`;
      progress.update(label, (epoch - 1) * steps + step, epochs * steps, 'files');
    },
  } satisfies CompareProtocolsOptions;
}
