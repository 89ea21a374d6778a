export { blockDiagramFigure, type Block, type BlockDiagramOptions } from './block-diagram';
export {
  abstentionFigure,
  reliabilityFigure,
  type AbstentionCurve,
  type ReliabilityCurve,
} from './calibration';
export { classScoresFigure, confusionMatrixFigure } from './classification';
export {
  emotionCountsFigure,
  emotionsByGroupFigure,
  speakerEmotionHeatmap,
  type ClipGroup,
  type EmotionsByGroupOptions,
} from './corpus-counts';
export {
  ageSexFigure,
  durationsFigure,
  imbalanceFigure,
  sampleRatesFigure,
  type AgeSexOptions,
  type DurationsOptions,
} from './corpus-statistics';
export {
  deletionCurvesFigure,
  occlusionMapFigure,
  type DeletionCurvesOptions,
  type OcclusionMapOptions,
} from './explanation';
export {
  figureJson,
  type Annotation,
  type Attributes,
  type Axis,
  type Figure,
  type Layout,
  type Title,
  type Trace,
  type Values,
} from './figure';
export {
  parallelCoordinatesFigure,
  type ParallelCoordinatesOptions,
  type SweepTrial,
} from './parallel-coordinates';
export {
  predictionFigure,
  predictionTimelineFigure,
  type PredictedProbabilities,
  type PredictionFigureOptions,
} from './prediction';
export {
  humanLineFigure,
  protocolWaterfallFigure,
  type BarMetric,
  type ProtocolWaterfallOptions,
} from './score-bars';
export {
  contoursFigure,
  meanSpectraFigure,
  waveformFigure,
  waveformGridFigure,
  type Contour,
  type ContoursOptions,
  type MeanSpectraOptions,
  type MeanSpectrum,
  type WaveformGridOptions,
  type WaveformOptions,
  type WaveformPanel,
} from './signals';
export { slicesFigure } from './slices';
export {
  spectrogramFigure,
  spectrogramGridFigure,
  type SpectrogramGridOptions,
  type SpectrogramOptions,
  type SpectrogramPanel,
  type SpectrogramScale,
} from './spectrograms';
export { emotionColors, fontFamily } from './theme';
export {
  runComparisonFigure,
  trainingCurvesFigure,
  type ComparedRun,
  type EpochScores,
  type RunComparisonOptions,
  type TrainingCurvesOptions,
  type TrainingRun,
} from './training-curves';
