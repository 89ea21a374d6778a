import { overallSteps } from '../core/network';
import type { CompareProtocolsOptions } from '../node/experiment';
import type { TerminalProgress } from './terminal-progress';

/**
 * A bar for the features, and one for each training, over all its epochs, or for all that are side by side: the callbacks of an
 * experiment.
 */
export function experimentProgress(progress: TerminalProgress) {
  let training = '';
  let seedText = '';
  let overall = overallSteps();
  return {
    onFeatures: ({ done, total }) => {
      progress.update('features', done, total, 'files');
    },
    onProtocol: ({ protocol }) => {
      training = `${protocol}, `;
    },
    onSeed: ({ seed, count }) => {
      seedText = count > 1 ? `seed ${seed}, ` : '';
      overall = overallSteps();
    },
    onStep: (step, place) => {
      const { label, done, total } = overall.shown(step, place);
      progress.update(`${training}${seedText}${label}, steps`, done, total, 'files');
    },
    onSplitEnd: (_outcome, place) => {
      overall.end(place);
    },
  } satisfies CompareProtocolsOptions;
}
