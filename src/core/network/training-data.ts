/** Rows as a network reads them, made batch by batch: nothing is copied as a whole. */
export interface TrainingData {
  /** of one row: [frames, coefficients], [frames, bands, 1] or the paper's [values, 1] */
  inputShape: readonly number[];
  /**
   * Writes rows, scaled, one after the other.
   *
   * @param rows - indices of the rows wanted
   * @param out - shape [rows, …inputShape]
   */
  gather: (rows: ArrayLike<number>, out: Float32Array) => void;
  /** index of each row's class; shape [all rows] */
  labels: Int32Array;
  classes: number;
}

/** Numbers in a row. */
export const rowSizeOf = ({ inputShape }: Pick<TrainingData, 'inputShape'>): number =>
  inputShape.reduce((product, length) => product * length, 1);
