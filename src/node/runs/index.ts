export {
  commitOf,
  dataFingerprint,
  type Environment,
  environmentNow,
  packageVersions,
  redactPaths,
} from './environment';
export { differingOptions, isSyntheticRun, isWholeRun, recordSource, runCurves, runTable } from './run-table';
export { foldsHash, type FoldsRecord, foldsRecord } from './run-folds';
export {
  formatSkippedRecords,
  readRunRecords,
  findRun,
  runFileName,
  splitFileName,
  type StoredRun,
  writeRunRecord,
} from './run-files';
export {
  createEnsembleRecord,
  createFailedRunRecord,
  type MemberRecord,
  paperFigures,
  type PaperFigures,
  recordedScores,
  splitSizes,
  type RunRecord,
  createRunRecord,
  sumSeconds,
  type SplitRecord,
} from './run-record';
