export { commitOf, dataFingerprint, type Environment, environmentNow, packageVersions, withoutFolders } from './environment';
export { differingOptions, isSyntheticRun, isWholeRun, recordSource, type RunCurve, runCurves, runTable } from './run-table';
export { readRunRecords, runNamed, splitFileName, type StoredRun, writeRunRecord } from './run-files';
export { ensembleRecordOf, failedRunRecord, type MemberRecord, paperFigures, type PaperFigures, recordedScores, rowsOf, type RunRecord, runRecordOf, secondsOf, type SplitRecord } from './run-record';
