import { InvalidArgumentError } from '../base';

/** @throws InvalidArgumentError unless `value` is an integer of at least 1 */
export function checkPositiveInteger(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError(name, 'a positive integer', value);
  }
}

/** @throws InvalidArgumentError unless `value` is a finite number above 0 */
export function checkPositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError(name, 'a positive number', value);
}

/** @throws InvalidArgumentError unless `value` is a power of two of at least 2, which is what the FFT here is made for */
export function checkPowerOfTwo(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 2 || !Number.isInteger(Math.log2(value))) {
    throw new InvalidArgumentError(name, 'a power of two, at least 2 (for example 512, 1024 or 2048)', value);
  }
}

/** @throws InvalidArgumentError if the signal is empty, or holds a NaN or an infinity, which would spread over a whole frame */
export function checkSamples(samples: Float32Array): void {
  if (samples.length === 0) throw new InvalidArgumentError('samples', 'at least one sample long', 0);
  // Zero times a number that is not finite is NaN; one sum is much quicker than a test a sample.
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * 0;
  if (sum !== 0) {
    const at = samples.findIndex((value) => !Number.isFinite(value));
    throw new InvalidArgumentError('samples', 'finite numbers', `${samples[at]} at index ${at}`);
  }
}

/** @throws InvalidArgumentError if a matrix's data does not fill its shape, or the shape has no row or column */
export function checkMatrix(name: string, data: Float32Array, shape: readonly [number, number]): void {
  const [rows, columns] = shape;
  if (!(rows >= 1 && columns >= 1 && rows * columns === data.length)) {
    const rule = `a matrix with a row and a column at least, and as many values as its shape [${shape.join(', ')}]`;
    throw new InvalidArgumentError(name, rule, `${data.length} values`);
  }
}
