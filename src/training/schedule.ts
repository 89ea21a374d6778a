import type { TrainingConfig } from '../config';
import type { EpochRecord } from './epoch-record';
import { epochsWithoutGain } from './monitor';

type ScheduleConfig = Pick<TrainingConfig, 'schedule' | 'learningRate' | 'plateau' | 'monitor' | 'epochs'>;

/** One-cycle: the share of steps on which it rises, and what it starts and ends at, relative to the highest. */
const rise = 0.3;
const first = 1 / 25;
const last = first / 1e4;

/**
 * The learning rate of a step. It follows from what came before alone, so that a resumed run goes on as it would have.
 *
 * - `one-cycle` rises for 30 % of all steps from 1/25 of the highest and falls to nearly nothing, on half cosines (Smith &
 *   Topin 2019; PyTorch 2.13 `OneCycleLR` without its cycle of momentum);
 * - `cosine` falls from the highest to 0 on half a cosine (Loshchilov & Hutter 2017);
 * - `plateau` is multiplied by `factor` each time `patience` epochs brought no gain (Keras' `ReduceLROnPlateau`).
 *
 * @param progress - share of all steps that are done before this one, 0 to 1
 * @param history - the epochs before this one
 */
export function learningRateAt(
  { schedule, learningRate, plateau, monitor }: ScheduleConfig,
  progress: number,
  history: readonly EpochRecord[],
): number {
  const between = (from: number, to: number, share: number): number =>
    to + ((from - to) * (1 + Math.cos(Math.PI * Math.min(1, share)))) / 2;
  switch (schedule) {
    case 'constant':
      return learningRate;
    case 'cosine':
      return learningRate * between(1, 0, progress);
    case 'one-cycle': {
      const relative =
        progress < rise
          ? between(first, 1, progress / rise)
          : between(1, last, (progress - rise) / (1 - rise));
      return learningRate * relative;
    }
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
