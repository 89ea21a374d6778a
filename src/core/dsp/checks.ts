import { InvalidArgumentError } from '../base';

/** Maximum length in samples: 512 MB, 47 minutes at 48 kHz. */
export const mostSamples = 2 ** 27;

/** @throws InvalidArgumentError unless `value` is an integer from 1 to `most` */
export function checkPositiveInteger(name: string, value: number, most = mostSamples): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError(name, 'a positive integer', value);
  }
  if (value > most) throw new InvalidArgumentError(name, `at most ${most}`, value);
}

/** @throws InvalidArgumentError if a matrix would have more than 2^28 values (1 GB) */
export function checkSize(name: string, value: number, rows: number, columns: number): void {
  if (rows * columns <= 2 ** 28) return;
  throw new InvalidArgumentError(
    name,
    `such that ${rows} × ${columns} values fit into memory (at most ${2 ** 28})`,
    value,
  );
}

/** @throws InvalidArgumentError unless `value` is a finite number above 0 */
export function checkPositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError(name, 'a positive number', value);
}

const maxFft = 2 ** 22;

/** @throws InvalidArgumentError unless `value` is a power of two of at least 2, the lengths that the FFT supports */
export function checkPowerOfTwo(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 2 || !Number.isInteger(Math.log2(value))) {
    throw new InvalidArgumentError(name, 'a power of two, at least 2 (for example 512, 1024 or 2048)', value);
  }
  if (value > maxFft) throw new InvalidArgumentError(name, `a power of two, at most ${maxFft}`, value);
}

/** @throws InvalidArgumentError if there are no samples */
export function checkNotEmpty(samples: Float32Array): void {
  if (samples.length === 0) throw new InvalidArgumentError('samples', 'at least one sample long', 0);
}

/** @throws InvalidArgumentError if there are no samples, or one is NaN or infinite, which would spread over a whole frame */
export function checkSamples(samples: Float32Array): void {
  checkNotEmpty(samples);
  // Infinity and NaN times 0 are NaN; one sum is much faster than a test of each sample.
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * 0;
  if (sum !== 0) throw notFinite(samples);
}

/** The error for samples that include NaN or Infinity. */
export function notFinite(samples: Float32Array): InvalidArgumentError {
  const at = samples.findIndex((value) => !Number.isFinite(value));
  return new InvalidArgumentError('samples', 'finite numbers', `${samples[at]} at index ${at}`);
}
