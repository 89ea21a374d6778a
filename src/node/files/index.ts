export { explainFileError, fileErrorCode, fileErrorReason } from './file-errors';
export { paths, projectRoot, userCacheDirectory } from './paths';
export { runWorkerMain } from './worker-main';
export { moduleFile, openWorkerProcess, runOnWorkers, startWorker, type WorkerProcess } from './workers';
export { writeFileAtomic, writeFileAtomicSync, writeStreamAtomic } from './write-atomic';
