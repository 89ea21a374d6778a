/**
 * Figures: functions that turn data into Plotly specifications.
 *
 * @example
 * const figure = ser.figures.emotionCounts(corpora.clips, { source: corpora.source });
 *
 * @module
 */

export { blockDiagramFigure as blockDiagram, type Block, type BlockDiagramOptions } from './block-diagram';
export {
  abstentionFigure as abstention,
  reliabilityFigure as reliability,
  type AbstentionCurve,
  type ReliabilityCurve,
} from './calibration';
export { classScoresFigure as classScores, confusionMatrixFigure as confusionMatrix } from './classification';
export {
  emotionCountsFigure as emotionCounts,
  emotionsByGroupFigure as emotionsByGroup,
  speakerEmotionHeatmap as speakerEmotions,
  type ClipGroup,
  type EmotionsByGroupOptions,
} from './corpus-counts';
export {
  ageSexFigure as ageSex,
  durationsFigure as durations,
  imbalanceFigure as imbalance,
  sampleRatesFigure as sampleRates,
  type AgeSexOptions,
  type DurationsOptions,
} from './corpus-statistics';
export {
  deletionCurvesFigure as deletionCurves,
  occlusionMapFigure as occlusionMap,
  type DeletionCurvesOptions,
  type OcclusionMapOptions,
} from './explanation';
export type { Annotation, Attributes, Axis, Figure, Layout, Title, Trace, Values } from './figure';
export {
  parallelCoordinatesFigure as parallelCoordinates,
  type ParallelCoordinatesOptions,
  type SweepTrial,
} from './parallel-coordinates';
export {
  predictionFigure as prediction,
  predictionTimelineFigure as predictionTimeline,
  type PredictedProbabilities,
  type PredictionFigureOptions,
} from './prediction';
export {
  humanLineFigure as humanLine,
  protocolWaterfallFigure as protocolWaterfall,
  type BarMetric,
  type ProtocolWaterfallOptions,
} from './score-bars';
export {
  contoursFigure as contours,
  meanSpectraFigure as meanSpectra,
  waveformFigure as waveform,
  waveformGridFigure as waveformGrid,
  type Contour,
  type ContoursOptions,
  type MeanSpectraOptions,
  type MeanSpectrum,
  type WaveformGridOptions,
  type WaveformOptions,
  type WaveformPanel,
} from './signals';
export { slicesFigure as slices } from './slices';
export {
  spectrogramFigure as spectrogram,
  spectrogramGridFigure as spectrogramGrid,
  type SpectrogramGridOptions,
  type SpectrogramOptions,
  type SpectrogramPanel,
  type SpectrogramScale,
} from './spectrograms';
export { emotionColors } from './theme';
export {
  runComparisonFigure as runComparison,
  trainingCurvesFigure as trainingCurves,
  type ComparedRun,
  type EpochScores,
  type RunComparisonOptions,
  type TrainingCurvesOptions,
  type TrainingRun,
} from './training-curves';
