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
export { runWorkerMain } from './worker-main';
export {
  endWithProcess,
  maxWorkers,
  moduleFile,
  openWorkerProcess,
  runOnWorkers,
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
