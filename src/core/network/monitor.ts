import type { TrainingConfig } from '../config';
import type { EpochRecord } from './epoch-record';

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
