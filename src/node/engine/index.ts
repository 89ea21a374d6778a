export { createBaseline, restoreBaseline } from './baseline';
export { loadEngine } from './load';
export { measureNetwork, type NetworkCost } from './measure-network';
export { readEngineRecord, type EngineRecord } from './record';
export { setUpEngine, type SetupOptions } from './setup/setup-engine';
export { svmClassifier, type SvmOptions } from './svm';
