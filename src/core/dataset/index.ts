export { type Audit, type AuditCheck, auditChecks, type AuditFinding, type AuditOptions, auditSplit, type AuditStatement, type AuditVerdict } from './audit';
export { findNearDuplicates, holdsBandChanges, type NearDuplicate } from './near-duplicates';
export { classBalance, type ClassBalance, classesOf, onePerEmotion, type OnePerEmotionOptions, sentenceOf } from './labels';
export { featureTable, type FeatureTable, type FeatureTableOptions, fillMissing, type MissingCount, missingValues } from './feature-table';
export { createScaler, createSpeakerScaler, fitScaler, type FitScalerOptions, fitSpeakerScaler, type FitSpeakerScalerOptions, type GatherOptions, gatherRows, type Scaler, type ScalerJson, scalerOfRow, type SpeakerScaler, type SpeakerScalerJson } from './scalers';
export { auditTable, formatAudit, type AuditRow } from './audit-table';
export { makeSplits, type ProtocolOptions, type Split } from './splits';
export { createOneHot, fitOneHot, type OneHotEncoder, type OneHotJson, preparationFromJson, type Preparations } from './preparation';
export {
  protocolCards,
  protocolNames,
  type Overlap,
  type ProtocolCard,
  type ProtocolName,
} from './protocols';
export { committedFoldOptions, speakerFolds } from './speaker-folds';
