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
