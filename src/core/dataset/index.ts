export {
  auditChecks,
  type Audit,
  type AuditCheck,
  type AuditFinding,
  type AuditStatement,
  type AuditVerdict,
} from './audit';
export { auditSplit, type AuditOptions } from './audit-split';
export { holdsBandChanges } from './band-changes';
export { classBalance, type ClassBalance } from './class-balance';
export { classesOf } from './classes-of';
export { featureTable, type FeatureTable, type FeatureTableOptions } from './feature-table';
export { findNearDuplicates, type NearDuplicate } from './find-near-duplicates';
export { fitScaler, type FitScalerOptions } from './fit-scaler';
export { auditTable, formatAudit, type AuditRow } from './format-audit';
export { gatherRows, type GatherOptions } from './gather-rows';
export { makeSplits, type ProtocolOptions, type Split } from './make-splits';
export { fillMissing, missingValues, type MissingCount } from './missing-values';
export { createOneHot, fitOneHot, type OneHotEncoder, type OneHotJson } from './one-hot';
export { onePerEmotion, type OnePerEmotionOptions } from './one-per-emotion';
export { preparationFromJson, type Preparations } from './preparation';
export {
  protocolCards,
  protocolNames,
  type Overlap,
  type ProtocolCard,
  type ProtocolName,
} from './protocols';
export { createScaler, type Scaler, type ScalerJson } from './scaler';
export { sentenceOf } from './sentence-of';
export { committedFoldOptions, speakerFolds } from './speaker-folds';
export {
  createSpeakerScaler,
  fitSpeakerScaler,
  scalerOfRow,
  type FitSpeakerScalerOptions,
  type SpeakerScaler,
  type SpeakerScalerJson,
} from './speaker-scaler';
