import { InvalidArgumentError } from '../base';

/** What all networks are built for. */
export interface NetworkShape {
  /** classes to tell apart; default 7 */
  classes?: number;
  /** a factor on the network's own dropout rates: 0 is none; default 1 */
  dropout?: number;
  /** of the initial weights; default 0 */
  seed?: number;
}

/** @throws {@link InvalidArgumentError} if one of the options breaks its rule */
export function checkNetworkShape({
  classes = 7,
  dropout = 1,
  seed = 0,
}: NetworkShape): Required<NetworkShape> {
  if (!Number.isSafeInteger(classes) || classes < 2)
    throw new InvalidArgumentError('classes', 'an integer of at least 2', classes);
  if (!(dropout >= 0 && dropout <= 2))
    throw new InvalidArgumentError('dropout', 'a factor from 0 to 2', dropout);
  if (!Number.isSafeInteger(seed)) throw new InvalidArgumentError('seed', 'an integer', seed);
  return { classes, dropout, seed };
}

/** @throws {@link InvalidArgumentError} if a size of the network is not a positive integer */
export function checkSizes(sizes: Record<string, number>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(size) || size < 1)
      throw new InvalidArgumentError(name, 'a positive integer', size);
  }
}

/** @throws {@link InvalidArgumentError} if something is too short to be halved so often */
export function checkHalvings(name: string, length: number, halvings: number): void {
  if (length < 2 ** halvings)
    throw new InvalidArgumentError(name, `at least ${2 ** halvings}, for ${halvings} poolings`, length);
}
