export { type Engine, type EngineName, engineNames, type TensorFlow } from './engine';
export { loadEngine } from './load';
export { type EngineRecord, readEngineRecord } from './record';
export { type SetupOptions, setUpEngine } from './setup/setup-engine';
export * from './network';
