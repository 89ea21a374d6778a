import { InvalidArgumentError } from '../base';
import { protocolMark, type UnderProtocol } from '../evaluation';

/**
 * The protocol of what is drawn over one another.
 *
 * @throws {@link InvalidArgumentError} if there are several: such curves must not be compared by eye
 */
export function sharedProtocol(all: readonly UnderProtocol[]): UnderProtocol {
  const marks = [...new Set(all.map(protocolMark))];
  if (marks.length > 1) throw new InvalidArgumentError('protocol', 'the same for all', marks.join(' and '));
  return all[0];
}
