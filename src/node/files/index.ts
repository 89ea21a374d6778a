export { settingsFromEnvironment } from './environment';
export { paths, projectRoot, userCacheDirectory } from './paths';
export { shareOut } from './run-on-workers';
export { moduleFile, startWorker } from './start-worker';
export { serveOrders } from './worker-main';
export { openWorkerProcess, type WorkerProcess } from './worker-process';
export { writeStreamAtomic, writeFileAtomic } from './write-atomic';
