export { exportCsv, exportNpy } from './export';
export {
  exportFeatures,
  featureFormats,
  type ExportedFeatures,
  type ExportFeaturesOptions,
  type FeatureFormat,
} from './export-features';
export { experimentFeatures, extractFeatures, type ExtractProgress } from './extract-features';
export { loadFrontEnd, loadKernel } from './load-kernel';
export { findNearDuplicates } from './near-duplicates';
export { recordingProfiles } from './clip-values';
export { openStore } from './store';
