import type { DatasetConfig } from '../config';

/** What has to be known of a score besides its protocol, for `underProtocol`. */
export function protocolNote({ normalisation }: Pick<DatasetConfig, 'normalisation'>): string {
  return normalisation === 'speaker' ? 'normalised per speaker: transductive' : '';
}
