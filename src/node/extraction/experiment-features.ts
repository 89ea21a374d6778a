import { WorkbenchError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import type { FeatureSet } from '../../core/features';
import { chooseCorpora, type Corpora } from '../corpora';
import { extractFeatures, type ExtractProgress } from './extract-features';

/**
 * The features of an experiment's clips, made or taken from the store.
 *
 * @throws {@link WorkbenchError} if none of the recordings could be used
 * @throws the signal's reason, if it was aborted
 */
export async function experimentFeatures(
  corpora: Corpora,
  config: Pick<ExperimentConfig, 'corpora' | 'features'>,
  { signal, onFeatures }: { signal?: AbortSignal; onFeatures?: (progress: ExtractProgress) => void } = {},
): Promise<FeatureSet> {
  const set = await extractFeatures(chooseCorpora(corpora, config.corpora), config.features, {
    onProgress: onFeatures,
    signal,
  });
  if (set.clips.length > 0) return set;
  const [{ path, reason }] = set.failed;
  throw new WorkbenchError(
    `none of the ${set.failed.length} recordings could be used; the first, ${path}: ${reason}`,
  );
}
