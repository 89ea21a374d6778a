import type { CompareProtocolsOptions } from '../experiment';
import type { EpochRecord } from '../training';
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

/** What became of an epoch, in a line. */
export function epochLine(record: EpochRecord): string {
  const { epoch, loss, accuracy, valLoss, valAccuracy, valUar, learningRate, seconds } = record;
  const three = (value: number): string => value.toFixed(3);
  const validation =
    valLoss === undefined || valAccuracy === undefined || valUar === undefined
      ? 'no validation'
      : `validation: loss ${three(valLoss)} accuracy ${three(valAccuracy)} UAR ${three(valUar)}`;
  const rate = learningRate.toExponential(1);
  return `  epoch ${epoch}: loss ${three(loss)} accuracy ${three(accuracy)} | ${validation} | rate ${rate} | ${seconds.toFixed(1)} s`;
}
