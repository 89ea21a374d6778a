import { protocolCards, type ProtocolName } from '../dataset';

/** What every score carries: the protocol that it was measured under. */
export interface UnderProtocol {
  protocol: ProtocolName;
  /** what a score under it measures, in a few words */
  protocolLabel: string;
  /** the same recordings are in training and test, so that the score says nothing of new ones */
  isLeaky: boolean;
}

/**
 * A protocol with what its card says, to be spread into predictions.
 *
 * @param note - what else has to be known of the scores: `normalised per speaker (transductive)`
 */
export function underProtocol(protocol: ProtocolName, note = ''): UnderProtocol {
  const { licence, isLeaky } = protocolCards[protocol];
  return { protocol, protocolLabel: note === '' ? licence : `${licence}; ${note}`, isLeaky };
}

/** Takes the protocol along to what is made from its rows. */
export function protocolOf({ protocol, protocolLabel, isLeaky }: UnderProtocol): UnderProtocol {
  return { protocol, protocolLabel, isLeaky };
}

/** The protocol's name, as every line with a score ends: `speakers`, or `paper-rows, LEAKY`. */
export function protocolMark({ protocol, isLeaky }: UnderProtocol): string {
  return isLeaky ? `${protocol}, LEAKY` : protocol;
}

/** The protocol's name and what a score under it measures, as every report and caption says. */
export function protocolText(under: UnderProtocol): string {
  return `${protocolMark(under)} (${under.protocolLabel})`;
}
