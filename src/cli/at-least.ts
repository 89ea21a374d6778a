import { InvalidArgumentError } from '../core/base';

/** The whole number that an option's text stands for. @throws {@link InvalidArgumentError} if it is none, or below the least */
export function atLeast(least: number, option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InvalidArgumentError(option, `an integer of at least ${least}`, text);
}
