import type { ExperimentConfig } from '../config';
import {
  type Audit,
  type AuditOptions,
  auditSplit,
  findNearDuplicates,
  makeSplits,
  type Split,
} from '../dataset';
import { InvalidArgumentError } from '../errors';
import type { FeatureSet } from '../features';
import { isBaseline } from './train-split';

/**
 * The splits of an experiment that are to be trained, each audited.
 *
 * Recordings that are nearly the same are looked for where the features allow it, and kept apart.
 *
 * @throws {@link InvalidArgumentError} if there is no split of the number that is asked for
 * @throws WorkbenchError if the clips cannot be divided by the protocol, or a split leaks
 */
export function auditedSplits(
  set: FeatureSet,
  config: ExperimentConfig,
): { splits: Split[]; audits: Audit[] } {
  const { protocol, folds, fold, seed, validationShare, normalisation } = config.dataset;
  const nearDuplicates = hasFingerprint(set) ? findNearDuplicates(set) : undefined;
  const all = makeSplits(set, { protocol, folds, seed, validationShare, nearDuplicates });
  if (fold !== 'all' && fold >= all.length) {
    const rule = `all, or an integer below the number of splits (${all.length})`;
    throw new InvalidArgumentError('dataset.fold', rule, fold);
  }
  const splits = fold === 'all' ? all : [all[fold]];
  const scaler = normalisation === 'speaker' ? ('per speaker' as const) : undefined;
  const audits = splits.map((split) =>
    auditSplit(set, split, { protocol, nearDuplicates, scaler, selection: selectionOf(config, split) }),
  );
  return { splits, audits };
}

/** What `findNearDuplicates` needs. */
const hasFingerprint = ({ config: { features, nMfcc, nMels } }: FeatureSet): boolean =>
  (features.includes('mfcc') && nMfcc >= 8) || (features.includes('logMel') && nMels >= 17);

/** As `fit` chooses the epoch: without validation rows by the loss of those that are trained on. */
function selectionOf(
  { model, training }: ExperimentConfig,
  { validation }: Split,
): AuditOptions['selection'] {
  if (isBaseline(model.kind)) return 'none';
  if (training.monitor === 'last') return 'last epoch';
  return validation.length > 0 ? 'validation' : 'training';
}
