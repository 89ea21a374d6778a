export {
  auditSplit,
  type Audit,
  type AuditCheck,
  type AuditFinding,
  type AuditOptions,
  type AuditStatement,
  type AuditVerdict,
} from './audit';
export { auditTable, formatAudit, type AuditRow } from './audit-table';
export {
  featureTable,
  fillMissing,
  missingValues,
  type FeatureTable,
  type FeatureTableOptions,
  type MissingCount,
} from './feature-table';
export {
  classBalance,
  classesOf,
  onePerEmotion,
  sentenceOf,
  type ClassBalance,
  type OnePerEmotionOptions,
} from './labels';
export { findNearDuplicates, canFindNearDuplicates, type NearDuplicate } from './near-duplicates';
export {
  createOneHot,
  fitOneHot,
  preparationFromJson,
  type OneHotEncoder,
  type OneHotJson,
  type Preparations,
} from './preparation';
export {
  protocolCards,
  protocolNames,
  type Overlap,
  type ProtocolCard,
  type ProtocolName,
} from './protocols';
export {
  createScaler,
  fitScaler,
  fitSpeakerScaler,
  gatherRows,
  scalerOfRow,
  type FitScalerOptions,
  type FitSpeakerScalerOptions,
  type GatherOptions,
  type Scaler,
  type ScalerJson,
  type SpeakerScaler,
  type SpeakerScalerJson,
} from './scalers';
export { committedFoldOptions, speakerFolds } from './speaker-folds';
export { makeSplits, type ProtocolOptions, type Split } from './splits';
