import { InvalidArgumentError } from '../base';

/**
 * Checks rows that are to be learned from.
 *
 * @throws {@link InvalidArgumentError} as `Classifier.fit` says
 */
export function checkTrainingRows(
  x: Float32Array,
  rowSize: number,
  labels: Int32Array,
  classes: number,
): void {
  if (!Number.isSafeInteger(rowSize) || rowSize < 1) {
    throw new InvalidArgumentError('rowSize', 'a positive integer', rowSize);
  }
  if (!Number.isSafeInteger(classes) || classes < 1) {
    throw new InvalidArgumentError('classes', 'a positive integer', classes);
  }
  if (labels.length === 0) throw new InvalidArgumentError('labels', 'of at least one row', 0);
  if (x.length !== labels.length * rowSize) {
    const rule = `of length ${labels.length * rowSize} (${labels.length} labels, ${rowSize} values a row)`;
    throw new InvalidArgumentError('x', rule, x.length);
  }
  const wrong = labels.find((label) => label < 0 || label >= classes);
  if (wrong !== undefined) {
    throw new InvalidArgumentError('labels', `integers from 0 to ${classes - 1}`, wrong);
  }
  checkRows(x, rowSize);
}

/** @throws {@link InvalidArgumentError} as `Classifier.predict` says */
export function checkRows(x: Float32Array, rowSize: number): void {
  if (x.length % rowSize !== 0) {
    throw new InvalidArgumentError('x', `of a length that ${rowSize} values a row divide`, x.length);
  }
  const bad = x.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const place = `row ${Math.floor(bad / rowSize)}, column ${bad % rowSize}`;
    throw new InvalidArgumentError('x', `of finite numbers (${place})`, x[bad]);
  }
}
