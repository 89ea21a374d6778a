import { melFrequencies, type MelFrequenciesOptions } from './mel-scale';

/**
 * The frequencies at which a mel spectrogram's bands are widest open: an axis for its columns.
 *
 * @param nMels - number of bands, a positive integer
 * @returns shape [nMels], Hz, rising
 * @throws InvalidArgumentError as {@link melFrequencies}
 */
export function melBandCentres(nMels: number, options: MelFrequenciesOptions = {}): Float64Array {
  return melFrequencies(nMels + 2, options).slice(1, -1);
}
