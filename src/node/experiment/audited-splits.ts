import { InvalidArgumentError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import {
  type Audit,
  type AuditOptions,
  auditSplit,
  type NearDuplicate,
  type Split,
} from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import { makeSplits } from '../corpora';
import { isBaseline } from './train-split';

/**
 * The splits of an experiment that are to be trained, each audited. They have those versions in training that are learned from.
 *
 * @param nearDuplicates - recordings that are nearly the same, to be kept together; undefined: they were not looked for
 * @throws {@link InvalidArgumentError} if there is no split of the number that is asked for
 * @throws WorkbenchError if the clips cannot be divided by the protocol, or a split leaks
 */
export function auditedSplits(
  set: FeatureSet,
  config: ExperimentConfig,
  nearDuplicates?: readonly NearDuplicate[],
): { splits: Split[]; audits: Audit[] } {
  const { protocol, folds, fold, seed, validationShare, normalisation, trainVersions } = config.dataset;
  const all = makeSplits(set, { protocol, folds, seed, validationShare, nearDuplicates });
  if (fold !== 'all' && fold >= all.length) {
    const rule = `all, or an integer below the number of splits (${all.length})`;
    throw new InvalidArgumentError('dataset.fold', rule, fold);
  }
  const splits = (fold === 'all' ? all : [all[fold]]).map((split) => ({
    ...split,
    train: rowsOfVersions(split.train, set, trainVersions),
  }));
  const scaler = normalisation === 'speaker' ? ('per speaker' as const) : undefined;
  const audits = splits.map((split) =>
    auditSplit(set, split, { protocol, nearDuplicates, scaler, selection: selectionOf(config, split) }),
  );
  return { splits, audits };
}

/** The rows of some versions only. */
function rowsOfVersions(
  rows: Int32Array,
  { versions }: FeatureSet,
  names: readonly string[] | 'all',
): Int32Array {
  if (names === 'all') return rows;
  return rows.filter((row) => names.includes(versions[row % versions.length]));
}

/** As `fit` chooses the epoch: without validation rows by the loss of those that are trained on. */
function selectionOf(
  { model, training }: ExperimentConfig,
  { validation }: Split,
): AuditOptions['selection'] {
  if (isBaseline(model.kind)) return 'none';
  if (training.monitor === 'last') return 'last epoch';
  return validation.length > 0 ? 'validation' : 'training';
}
