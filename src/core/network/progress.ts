/** What became of one epoch: a point of the learning curves. */
export interface EpochRecord {
  /** from 1 */
  epoch: number;
  /** mean over the epoch's batches as they were trained on: with dropout, label smoothing, mixup and class weights */
  loss: number;
  accuracy: number;
  /** of the validation rows after the epoch, plain cross-entropy; absent where there are none */
  valLoss?: number;
  valAccuracy?: number;
  /** unweighted average recall */
  valUar?: number;
  /** after the epoch's last step */
  learningRate: number;
  seconds: number;
}

/** What became of an epoch, in a line. */
export function formatEpoch(record: EpochRecord): string {
  const { epoch, loss, accuracy, valLoss, valAccuracy, valUar, learningRate, seconds } = record;
  const three = (value: number): string => value.toFixed(3);
  const validation =
    valLoss === undefined || valAccuracy === undefined || valUar === undefined
      ? 'no validation'
      : `validation: loss ${three(valLoss)} accuracy ${three(valAccuracy)} UAR ${three(valUar)}`;
  const rate = learningRate.toExponential(1);
  return `epoch ${epoch}: loss ${three(loss)} accuracy ${three(accuracy)} | ${validation} | rate ${rate} | ${seconds.toFixed(1)} s`;
}

/** How far training is, within an epoch. */
export interface StepProgress {
  /** from 1 */
  epoch: number;
  epochs: number;
  /** steps done in this epoch */
  step: number;
  steps: number;
  /** running mean of the epoch */
  loss: number;
  accuracy: number;
}

/** Which of several trainings speaks. */
export interface TrainingPlace {
  name: string;
  /** from 1 */
  number: number;
  count: number;
  /** so many are at work side by side; default 1: one after the other */
  atOnce?: number;
}

/** How far one of them is. */
type StepCount = Pick<StepProgress, 'epoch' | 'epochs' | 'step' | 'steps'>;

/** Counts the steps of several trainings, whichever of them speaks. */
export interface OverallSteps {
  /** @returns steps that are done of all trainings, if each has as many as this one */
  all: (progress: StepCount, place: TrainingPlace) => { done: number; total: number };
  /** @returns what a bar shows: the steps of the training at work, or of all where several are side by side */
  shown: (progress: StepCount, place: TrainingPlace) => { label: string; done: number; total: number };
  /** counts a training as done, also if it had no step or stopped early */
  end: (place: Pick<TrainingPlace, 'number'>) => void;
}

export function overallSteps(): OverallSteps {
  /** done of each, from 0 to 1 */
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

/** The training at work, or how many there are where several are side by side. */
export function trainingLabel({ name, number, count, atOnce = 1 }: TrainingPlace): string {
  if (atOnce > 1) return `${count} splits, ${atOnce} at once`;
  return count > 1 ? `${name} (${number} of ${count})` : name;
}
