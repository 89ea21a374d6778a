/**
 * Splits by protocol, leakage audit, and the preparation of rows for a model.
 *
 * @example
 * ```ts
 * const splits = ser.dataset.makeSplits(set, { protocol: 'speakers' });
 * ```
 *
 * @module
 */

export { chosenSplits } from '../core/dataset';
export { makeSplits } from '../node/corpora';
export { findNearDuplicates } from '../node/extraction';
export {
  auditSplit,
  formatAudit,
  formatTrainingAudit,
  protocolCards,
  classBalance,
  featureTable,
  missingValues,
  fillMissing,
  fitScaler,
  fitSpeakerScaler,
  fitOneHot,
  gatherRows,
  type Split,
  type ProtocolOptions,
  type Audit,
  type TrainingAudit,
  type DuplicateSearch,
  type NearDuplicate,
  type Scaler,
  type SpeakerScaler,
  type OneHotEncoder,
  type ClassBalance,
} from '../core/dataset';
export {
  flatPaperLayout,
  frameLayout,
  logMelLayout,
  functionals,
  rowMatrix,
  columnNames,
} from '../core/features';
export { savePreparation, loadScaler, loadOneHot } from '../node/models';
