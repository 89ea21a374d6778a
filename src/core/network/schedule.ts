import type { TrainingConfig } from '../config';
import type { EpochRecord } from './progress';

type ScheduleConfig = Pick<TrainingConfig, 'schedule' | 'learningRate' | 'plateau' | 'monitor' | 'epochs'>;

/** One-cycle: the share of steps on which it rises, and what it starts and ends at, relative to the highest. */
const rise = 0.3;
const first = 1 / 25;
const last = first / 1e4;
/** And what β1 is where the rate is lowest and highest. */
const slowBeta1 = 0.95;
const fastBeta1 = 0.85;

/**
 * The learning rate of a step. It follows from what came before alone, so that a resumed run goes on as it would have.
 *
 * - `one-cycle` rises for 30 % of all steps from 1/25 of the highest and falls to nearly nothing, on half cosines (Smith &
 *   Topin 2019; PyTorch 2.13 `OneCycleLR`; its cycle of momentum is {@link beta1At});
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
 * Adam's β1 in a step: under `one-cycle` it falls from 0.95 to 0.85 while the learning rate rises, and comes back as it falls
 * (PyTorch 2.13 `OneCycleLR`, `cycle_momentum`); undefined under other schedules, which leave it as it is.
 *
 * @param progress - share of all steps that are done before this one, 0 to 1
 */
export function beta1At(
  { schedule }: Pick<TrainingConfig, 'schedule'>,
  progress: number,
): number | undefined {
  return schedule === 'one-cycle' ? cycle(progress, slowBeta1, fastBeta1, slowBeta1) : undefined;
}

/** From the start to the middle and on to the end of one-cycle, on half cosines. */
function cycle(progress: number, start: number, middle: number, end: number): number {
  return progress < rise
    ? between(start, middle, progress / rise)
    : between(middle, end, (progress - rise) / (1 - rise));
}

function between(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * Math.min(1, share)))) / 2;
}

type Monitor = TrainingConfig['monitor'];

/** How good an epoch was, larger is better; without validation rows its training loss has to say. */
function goodness(record: EpochRecord, monitor: Monitor): number {
  if (monitor === 'last') return record.epoch;
  if (monitor === 'valLoss') return -(record.valLoss ?? record.loss);
  return record[monitor] ?? -record.loss;
}

/** The epoch whose weights are kept: the first of the best ones; 0 before any. */
export function bestEpoch(history: readonly EpochRecord[], monitor: Monitor): number {
  let best: EpochRecord | undefined;
  for (const record of history) {
    if (!best || goodness(record, monitor) > goodness(best, monitor)) best = record;
  }
  return best?.epoch ?? 0;
}

/** How many epochs have gone by since the best one. */
export const epochsWithoutGain = (history: readonly EpochRecord[], monitor: Monitor): number =>
  history.length - bestEpoch(history, monitor);
