import { formatPercent } from '../base';

/** One epoch of training: a point of the learning curves. */
export interface EpochRecord {
  /** from 1 */
  epoch: number;
  /** mean over the training batches, including dropout, label smoothing, mixup and class weights */
  loss: number;
  accuracy: number;
  /** cross-entropy of the validation rows after the epoch; absent without validation rows */
  valLoss?: number;
  valAccuracy?: number;
  /** unweighted average recall */
  valUar?: number;
  /** learning rate of the epoch's last step */
  learningRate: number;
  seconds: number;
}

/** An epoch in one line of text. */
export function formatEpoch(record: EpochRecord): string {
  const { epoch, loss, accuracy, valLoss, valAccuracy, valUar, learningRate, seconds } = record;
  const validation =
    valLoss === undefined || valAccuracy === undefined || valUar === undefined
      ? 'no validation'
      : `validation: loss ${valLoss.toFixed(3)} accuracy ${formatPercent(valAccuracy)} UAR ${formatPercent(valUar)}`;
  const rate = learningRate.toExponential(1);
  return `epoch ${epoch}: loss ${loss.toFixed(3)} accuracy ${formatPercent(accuracy)} | ${validation} | rate ${rate} | ${seconds.toFixed(1)} s`;
}

/** Progress within an epoch. */
export interface StepProgress {
  /** from 1 */
  epoch: number;
  epochs: number;
  /** steps completed in this epoch */
  step: number;
  steps: number;
  /** mean over the steps of this epoch so far */
  loss: number;
  accuracy: number;
}

/** Identifies one of several training runs of an experiment. */
export interface TrainingPosition {
  name: string;
  /** from 1 */
  number: number;
  count: number;
  /** number of trainings that run in parallel; default 1 */
  atOnce?: number;
}

type StepCount = Pick<StepProgress, 'epoch' | 'epochs' | 'step' | 'steps'>;

/** Counts the steps of several trainings. */
export interface OverallSteps {
  /** @returns steps of all trainings, assuming that each has the same number of steps as this one */
  all: (progress: StepCount, place: TrainingPosition) => { done: number; total: number };
  /** @returns label and steps for a progress bar: those of the current training, or of all trainings if several run in parallel */
  shown: (progress: StepCount, place: TrainingPosition) => { label: string; done: number; total: number };
  /** Marks a training as completed, even if it stopped early. */
  end: (place: Pick<TrainingPosition, 'number'>) => void;
}

/** Creates a counter of the steps of several trainings, in sequence or in parallel. */
export function overallSteps(): OverallSteps {
  /** completed share of each training, 0 to 1 */
  const shares = new Map<number, number>();
  const all: OverallSteps['all'] = (progress, { number, count, atOnce = 1 }) => {
    const own = ownSteps(progress);
    shares.set(number, own.done / own.total);
    const shareOf = (other: number): number =>
      other < number && atOnce === 1 ? 1 : (shares.get(other) ?? 0);
    const done = Array.from({ length: count }, (_, i) => shareOf(i + 1)).reduce((sum, share) => sum + share);
    return { done: Math.round(done * own.total), total: count * own.total };
  };
  return {
    all,
    shown: (progress, place) => ({
      label: trainingLabel(place),
      ...((place.atOnce ?? 1) > 1 ? all(progress, place) : ownSteps(progress)),
    }),
    end: ({ number }) => {
      shares.set(number, 1);
    },
  };
}

const ownSteps = ({ epoch, epochs, step, steps }: StepCount): { done: number; total: number } => ({
  done: (epoch - 1) * steps + step,
  total: epochs * steps,
});

/** Label of a progress bar, for example `fold 2 of 4` or `SAVEE (2 of 4)`, or `4 splits, 2 at once` if several train in parallel. */
export function trainingLabel({ name, number, count, atOnce = 1 }: TrainingPosition): string {
  if (atOnce > 1) return `${count} splits, ${atOnce} at once`;
  return placeName({ name, number, count });
}

/** A split and its place among those that are trained: `fold 2 of 4` or `SAVEE (2 of 4)`; only its name if it is the only one. */
export function placeName({
  name,
  number,
  count,
}: Pick<TrainingPosition, 'name' | 'number' | 'count'>): string {
  if (count === 1) return name;
  return name === `fold ${number}` ? `${name} of ${count}` : `${name} (${number} of ${count})`;
}
