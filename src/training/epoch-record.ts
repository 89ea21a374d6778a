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
