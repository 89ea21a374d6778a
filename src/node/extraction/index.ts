export { experimentFeatures } from './experiment-features';
export { exportCsv } from './export-csv';
export { exportNpy } from './export-npy';
export { extractFeatures, type ExtractOptions, type ExtractProgress } from './extract-features';
export { loadFrontEnd, loadKernel } from './load-kernel';
export { nearDuplicatesOf } from './near-duplicates';
export { openStore } from './open-store';
