export {
  type Audit,
  type AuditCheck,
  auditChecks,
  type AuditFinding,
  type AuditStatement,
  type AuditVerdict,
} from './audit';
export { type AuditOptions, auditSplit } from './audit-split';
export { holdsBandChanges } from './band-changes';
export { classesOf } from './classes-of';
export { committedFoldOptions, readCommittedFolds } from './committed-folds';
export { featureTable, type FeatureTable, type FeatureTableOptions } from './feature-table';
export { findNearDuplicates, type NearDuplicate } from './find-near-duplicates';
export { fitScaler, type FitScalerOptions } from './fit-scaler';
export { type AuditRow, auditTable, formatAudit } from './format-audit';
export { gatherRows, type GatherOptions } from './gather-rows';
export { makeSplits, type ProtocolOptions, type Split } from './make-splits';
export { fillMissing, type MissingCount, missingValues } from './missing-values';
export { createOneHot, fitOneHot, type OneHotEncoder, type OneHotJson } from './one-hot';
export { loadOneHot, loadScaler, preparationFromJson, savePreparation } from './preparation-file';
export {
  type Overlap,
  type ProtocolCard,
  protocolCards,
  type ProtocolName,
  protocolNames,
} from './protocols';
export { createScaler, type Scaler, type ScalerJson } from './scaler';
export { sentenceOf } from './sentence-of';
export {
  fitSpeakerScaler,
  type FitSpeakerScalerOptions,
  scalerOfRow,
  type SpeakerScaler,
  type SpeakerScalerJson,
} from './speaker-scaler';
export { writeCommittedFolds } from './write-committed-folds';
