export {
  type ColumnValues,
  type DataColumn,
  type DataTable,
  floatText,
  formatFor,
  parquetBytes,
  readParquet,
  type ReadTable,
  singleBlock,
  type TableFormat,
  tableFormats,
  writeTable,
} from './data-table';
export { decodeWithFfmpeg } from './ffmpeg';
export { explainFileError, fileErrorCode, fileErrorReason } from './file-errors';
export { bytesOf, integerArray, npyHeader, textArray, writeNpz } from './npz';
export { paths, projectRoot, userCacheDirectory } from './paths';
export {
  availableResources,
  describeResources,
  type Resources,
  limitGarbage,
  runDefaults,
  type RunDefaults,
} from './resources';
export {
  isOtherRunning,
  type Lock,
  openFolder,
  processIdentity,
  namesIn,
  removeAbandoned,
  removeTemporary,
  takeLock,
  waitForLock,
  temporaryPath,
} from './temporary-files';
export {
  endWithProcess,
  maxWorkers,
  moduleFile,
  moduleOptions,
  openWorkerProcess,
  runOnWorkers,
  runWorkerMain,
  startWorker,
  type WorkerProcess,
} from './workers';
export {
  createFileAtomic,
  foldersIn,
  newFolder,
  readFolder,
  readFolderSync,
  recoverFolder,
  replaceFolder,
  writeFileAtomic,
  writeFileAtomicSync,
  writeInFolder,
  writeNew,
  writeStreamAtomic,
} from './write-atomic';
