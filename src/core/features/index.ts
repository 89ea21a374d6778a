export { allTasks, windowFeatures, windowRows } from './clip-features';
export { columnNames, frameCount } from './columns';
export {
  featureConfig,
  featureNames,
  featureOptions,
  paperFeatures,
  type FeatureConfig,
  type FeatureName,
} from './config';
export { createRows, type FeatureTask } from './create-rows';
export type { FeatureRows, FeatureSet } from './feature-set';
export { flatPaperLayout, flatPaperRow } from './flat-paper-layout';
export { frameLayout } from './frame-layout';
export { createFrontEnd, plainFrontEnd, type FrontEnd } from './front-end';
export { functionals } from './functionals';
export { logMelLayout } from './log-mel-layout';
export { rowMatrix } from './row-matrix';
export { sampleFeature } from './sample-features';
export { decodeWindow, planWindows, toRate, type Window, type WindowPlace } from './windows';
