import type { TrainingConfig } from '../config';
import type { EpochRecord } from './progress';

type Monitor = TrainingConfig['monitor'];
type ScheduleConfig = Pick<TrainingConfig, 'schedule' | 'learningRate' | 'plateau' | 'monitor' | 'epochs'>;

/** One-cycle: share of steps in which the rate rises, and its start and end relative to the maximum. */
const rise = 0.3;
const first = 1 / 25;
const last = first / 1e4;
/** β1 at the lowest and at the highest learning rate. */
const slowBeta1 = 0.95;
const fastBeta1 = 0.85;

/**
 * The learning rate of a step. It depends only on progress and history, so a resumed run continues with the same rates.
 *
 * - `one-cycle`: rises in 30 % of all steps from 1/25 of the maximum and then falls to nearly 0, along half cosines (Smith &
 *   Topin 2019; PyTorch 2.13 `OneCycleLR`; see {@link beta1At} for its cycle of momentum);
 * - `cosine`: falls from the maximum to 0 along half a cosine (Loshchilov & Hutter 2017);
 * - `plateau`: multiplied by `factor` after each `patience` epochs without improvement (Keras `ReduceLROnPlateau`).
 *
 * @param progress - share of all steps completed before this one, 0 to 1
 * @param history - completed epochs
 */
export function learningRateAt(
  { schedule, learningRate, plateau, monitor }: ScheduleConfig,
  progress: number,
  history: readonly EpochRecord[],
): number {
  switch (schedule) {
    case 'constant':
      return learningRate;
    case 'cosine':
      return learningRate * between(1, 0, progress);
    case 'one-cycle':
      return learningRate * cycle(progress, first, 1, last);
    case 'plateau': {
      let rate = learningRate;
      let since = 0;
      for (let epoch = 1; epoch <= history.length; epoch++) {
        if (epochsWithoutGain(history.slice(0, epoch), monitor) === 0) since = epoch;
        if (epoch - since < plateau.patience) continue;
        rate = Math.max(plateau.minimum, rate * plateau.factor);
        since = epoch;
      }
      return rate;
    }
  }
}

/**
 * Adam's β1 in a step. With `one-cycle` it falls from 0.95 to 0.85 while the learning rate rises, and rises again while the rate
 * falls (PyTorch 2.13 `OneCycleLR`, `cycle_momentum`); undefined with other schedules, which use the optimizer's default.
 *
 * @param progress - share of all steps completed before this one, 0 to 1
 */
export function beta1At(
  { schedule }: Pick<TrainingConfig, 'schedule'>,
  progress: number,
): number | undefined {
  return schedule === 'one-cycle' ? cycle(progress, slowBeta1, fastBeta1, slowBeta1) : undefined;
}

/** The two half cosines of one-cycle: from start to middle, and from middle to end. */
function cycle(progress: number, start: number, middle: number, end: number): number {
  return progress < rise
    ? between(start, middle, progress / rise)
    : between(middle, end, (progress - rise) / (1 - rise));
}

function between(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * Math.min(1, share)))) / 2;
}

/**
 * The epoch with the best monitored value, the first of equals; 0 if the history is empty. Without validation rows the training
 * loss is used.
 */
export function bestEpoch(history: readonly EpochRecord[], monitor: Monitor): number {
  let best: EpochRecord | undefined;
  for (const record of history) {
    if (!best || goodness(record, monitor) > goodness(best, monitor)) best = record;
  }
  return best?.epoch ?? 0;
}

/** Number of epochs since the best one. */
export const epochsWithoutGain = (history: readonly EpochRecord[], monitor: Monitor): number =>
  history.length - bestEpoch(history, monitor);

/** The monitored value, with the sign changed where smaller is better. */
function goodness(record: EpochRecord, monitor: Monitor): number {
  if (monitor === 'last') return record.epoch;
  if (monitor === 'valLoss') return -(record.valLoss ?? record.loss);
  return record[monitor] ?? -record.loss;
}
