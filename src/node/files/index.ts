export { decodeWithFfmpeg } from './ffmpeg';
export { explainFileError, fileErrorCode, fileErrorReason } from './file-errors';
export { paths, projectRoot, userCacheDirectory } from './paths';
export {
  isOtherRunning,
  type Lock,
  openFolder,
  processIdentity,
  namesIn,
  removeAbandoned,
  removeTemporary,
  takeLock,
  temporaryPath,
} from './temporary-files';
export {
  endWithProcess,
  maxWorkers,
  moduleFile,
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
  writeStreamAtomic,
} from './write-atomic';
