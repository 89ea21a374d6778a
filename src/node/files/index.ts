export { paths, projectRoot, userCacheDirectory } from './paths';
export { runOnWorkers } from './run-on-workers';
export { moduleFile, startWorker } from './start-worker';
export { runWorkerMain } from './worker-main';
export { openWorkerProcess, type WorkerProcess } from './worker-process';
export { writeStreamAtomic, writeFileAtomic } from './write-atomic';
