import { findNearDuplicates, canFindNearDuplicates, type NearDuplicate } from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import type { Corpora } from '../corpora';
import { extractFeatures, type ExtractProgress } from './extract-features';

const known = new WeakMap<FeatureSet, readonly NearDuplicate[]>();

/**
 * Finds nearly identical recordings of a feature set; the result is cached. If the features of the set are not detailed enough,
 * the paper's features of the original versions are extracted (or read from the store).
 *
 * @returns undefined if the set's features are not detailed enough and a recording cannot be read
 * @throws the signal's reason if it is aborted
 */
export async function nearDuplicatesOf(
  set: FeatureSet,
  { fileOf }: Pick<Corpora, 'fileOf'>,
  { signal, onFeatures }: { signal?: AbortSignal; onFeatures?: (progress: ExtractProgress) => void } = {},
): Promise<readonly NearDuplicate[] | undefined> {
  let found = known.get(set);
  if (!found) {
    const compared = canFindNearDuplicates(set.config)
      ? set
      : await extractFeatures(
          { clips: set.clips, fileOf },
          { versions: { original: [] } },
          { signal, onProgress: onFeatures },
        );
    if (compared.clips.length < set.clips.length) return undefined;
    found = findNearDuplicates(compared);
    known.set(set, found);
  }
  return found;
}
