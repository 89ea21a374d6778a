export { createBaseline, restoreBaseline, svmClassifier } from './baselines';
export { loadEngine } from './load';
export { measureNetwork } from './measure-network';
export { readEngineRecord } from './record';
export { setUpEngine } from './setup';
