import { InvalidArgumentError } from '../../core/base';

/**
 * The first of some runs whose name has a part: `npm run evaluate -- --ledger`, `npm run figures -- --run`.
 *
 * @throws {@link InvalidArgumentError} that names those that there are
 */
export function runNamed<Run extends { file: string }>(runs: readonly Run[], part: string): Run {
  const found = runs.find(({ file }) => file.includes(part));
  if (found) return found;
  const known = runs.map(({ file }) => file).join(', ') || 'there is none';
  throw new InvalidArgumentError('RUN', `part of a scored run's name (${known})`, part);
}
