export { windowFeatures, windowRows } from './clip-features';
export { featureConfig, featureOptions, paperFeatures, type FeatureConfig, type FeatureName } from './config';
export {
  allTasks,
  columnNames,
  createRows,
  type FeatureRows,
  type FeatureSet,
  type FeatureTask,
  featureWidth,
  frameCount,
  type RowSource,
  sampleFeature,
} from './feature-set';
export {
  flatPaperLayout,
  flatPaperRow,
  frameLayout,
  functionals,
  logMelLayout,
  readRows,
  requireInMemory,
  rowMatrix,
} from './layouts';
export { createFrontEnd, plainFrontEnd, type FrontEnd } from './front-end';
export {
  byMeasure,
  describeUnusual,
  profileMeasures,
  profileWindow,
  type RecordingProfile,
  recordingProfile,
  type RecordingRanges,
  recordingRanges,
  type UnusualMeasure,
  unusualMeasures,
} from './recording-profile';
export {
  decodeWindow,
  planWindows,
  resampleTo,
  type Window,
  windowFrames,
  type WindowPlace,
} from './windows';
export * as option from './options';
export { type Equal, type Option, type OptionTypes, type SweepAxis, UnknownNameError } from './options';
