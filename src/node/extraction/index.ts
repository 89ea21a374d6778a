export {
  exportCsv,
  exportFeatures,
  exportNpy,
  featureFormats,
  type ExportedFeatures,
  type ExportFeaturesOptions,
  type FeatureFormat,
} from './export';
export { clipsToExtract, experimentFeatures, extractFeatures, featuresOnDisk } from './extract-features';
export type { ExtractProgress } from './jobs';
export { loadFrontEnd, loadKernel, loadReusingFrontEnd } from './load-kernel';
export { findNearDuplicates } from './near-duplicates';
export { recordingProfiles } from './clip-values';
export { openRowFile, writeRowFile } from './row-file';
export { openStore } from './store';
