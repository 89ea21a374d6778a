import { findNearDuplicates, holdsBandChanges, type NearDuplicate } from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import type { Corpora } from '../corpora';
import { extractFeatures, type ExtractProgress } from './extract-features';

const known = new WeakMap<FeatureSet, readonly NearDuplicate[]>();

/**
 * The recordings of a feature set that are nearly the same, looked for once. Where its features do not tell recordings apart
 * well enough, the paper's features of the originals are made, or taken from the store.
 *
 * @returns undefined if they could not be looked for: there are no such features, and the recordings cannot be read
 * @throws the signal's reason, if it was aborted
 */
export async function nearDuplicatesOf(
  set: FeatureSet,
  { fileOf }: Pick<Corpora, 'fileOf'>,
  { signal, onFeatures }: { signal?: AbortSignal; onFeatures?: (progress: ExtractProgress) => void } = {},
): Promise<readonly NearDuplicate[] | undefined> {
  let found = known.get(set);
  if (!found) {
    const compared = holdsBandChanges(set.config)
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
