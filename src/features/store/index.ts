export { type FeatureStore, openStore } from './open-store';
export type { StoredFeature } from './shard';
