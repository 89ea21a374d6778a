export { targetNames, type TargetName, voteShares, voteTargets } from './vote-targets';
export { canBeClass, checkLabelMap, type ClassOf, type LabelMap, labelMapper } from './label-map';
export { auditSplit, type Audit, type AuditOptions } from './audit';
export { auditTable, formatAudit } from './audit-table';
export { coverageWarnings, lossWarnings, unassignedClips } from './coverage';
export { featureTable, fillMissing, missingValues } from './feature-table';
export {
  copyKinds,
  decodeFingerprint,
  encodeFingerprint,
  fingerprintOf,
  fingerprintVersion,
  type AudioFingerprint,
} from './audio-fingerprint';
export {
  effortFor,
  searchDuplicates,
  type DuplicateSearch,
  type FingerprintedClip,
  type KnownDuplicates,
  type NearDuplicate,
  type SearchEffort,
  startDuplicateSearch,
  thoroughClips,
} from './duplicate-search';
export { classBalance, classesOf, onePerEmotion, sentenceOf, type ClassBalance } from './labels';
export {
  createOneHot,
  fitOneHot,
  fitSpeakerScaler,
  fitSpeakerScalerFrom,
  type OneHotEncoder,
  preparationFromJson,
  type Preparations,
  scalerOfRow,
  type SpeakerScaler,
} from './preparation';
export {
  isAuditedProtocol,
  protocolCards,
  protocolNames,
  type ProtocolName,
  scoreProtocolNames,
  type ScoreProtocol,
} from './protocols';
export {
  auditTraining,
  checkedTrainingRecord,
  formatTrainingAudit,
  trainingDataOf,
  type TrainingAudit,
  type TrainingData,
  type TrainingDataOptions,
  type TrainingOverlap,
  trainingRecordOf,
  type TrainingRecord,
} from './training-audit';
export { createScaler, fitScaler, fitScalerFrom, gatherRows, type Scaler } from './scalers';
export { committedFoldOptions, speakerFolds } from './hold-out';
export { chosenSplits, findSplit, makeSplits, type ProtocolOptions, type Split } from './splits';
