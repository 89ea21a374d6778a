export { createBaseline, restoreBaseline, svmClassifier, type SvmOptions } from './baselines';
export { loadEngine } from './load';
export { measureNetwork, type NetworkCost } from './measure-network';
export { readEngineRecord, type EngineRecord } from './record';
export { setUpEngine, type SetupOptions } from './setup';
