/** What every score carries: the protocol that it was measured under. */
export interface UnderProtocol {
  /** name of the protocol: `speakers`, `paper-rows`… */
  protocol: string;
  /** what the protocol keeps apart, in a few words: `5 folds, no speaker in two of them` */
  protocolLabel: string;
  /** test rows have siblings in training, so that the score says little of new recordings */
  isLeaky: boolean;
}

/** Takes the protocol along to what is made from its rows. */
export function protocolOf({ protocol, protocolLabel, isLeaky }: UnderProtocol): UnderProtocol {
  return { protocol, protocolLabel, isLeaky };
}

/** The protocol's name, as every line with a score ends: `speakers`, or `paper-rows, LEAKY`. */
export function protocolMark({ protocol, isLeaky }: UnderProtocol): string {
  return isLeaky ? `${protocol}, LEAKY` : protocol;
}

/** The protocol's name and what it means, as every report and caption names it. */
export function protocolText(under: UnderProtocol): string {
  return under.protocolLabel === '' ? protocolMark(under) : `${protocolMark(under)} (${under.protocolLabel})`;
}
