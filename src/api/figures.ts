/**
 * Figures: functions that turn data into Plotly specifications.
 *
 * @example
 * ```ts
 * const figure = ser.figures.emotionCounts(corpora.clips, { source: corpora.source });
 * ```
 *
 * @module
 */

export {
  blockDiagramFigure as blockDiagram,
  type Block,
  type BlockDiagramOptions,
} from '../core/figures/block-diagram';
export {
  abstentionFigure as abstention,
  reliabilityFigure as reliability,
  type AbstentionCurve,
  type ReliabilityCurve,
} from '../core/figures/calibration';
export {
  classScoresFigure as classScores,
  confusionMatrixFigure as confusionMatrix,
} from '../core/figures/classification';
export {
  type ComparedConditions,
  conditionsFigure as conditions,
  type ConditionsOptions,
  slicesFigure as slices,
} from '../core/figures/robustness';
export {
  emotionCountsFigure as emotionCounts,
  emotionsByGroupFigure as emotionsByGroup,
  type ClipGroup,
  type EmotionsByGroupOptions,
} from '../core/figures/corpus-counts';
export { speakerEmotionHeatmap as speakerEmotions } from '../core/figures/speaker-heatmap';
export {
  ageSexFigure as ageSex,
  durationsFigure as durations,
  imbalanceFigure as imbalance,
  sampleRatesFigure as sampleRates,
  type AgeSexOptions,
  type DurationsOptions,
} from '../core/figures/corpus-statistics';
export type { Envelope } from '../core/figures/envelope';
export {
  emotionTimelineFigure as emotionTimeline,
  type EmotionTimelineOptions,
} from '../core/figures/emotion-timeline';
export {
  deletionCurvesFigure as deletionCurves,
  type DeletionCurvesOptions,
  occlusionMapFigure as occlusionMap,
  type OcclusionMapOptions,
  type PredictedProbabilities,
  predictionFigure as prediction,
  type PredictionFigureOptions,
} from '../core/figures/prediction';
export type {
  Annotation,
  Attributes,
  Axis,
  Figure,
  Layout,
  Title,
  Trace,
  Values,
} from '../core/figures/figure';
export {
  parallelCoordinatesFigure as parallelCoordinates,
  type ParallelCoordinatesOptions,
  type SweepTrial,
} from '../core/figures/parallel-coordinates';
export {
  humanLineFigure as humanLine,
  protocolComparisonFigure as protocolComparison,
  protocolWaterfallFigure as protocolWaterfall,
  type BarMetric,
  type ModelSteps,
  type ProtocolComparisonOptions,
  type ProtocolWaterfallOptions,
} from '../core/figures/score-bars';
export {
  contoursFigure as contours,
  meanSpectraFigure as meanSpectra,
  type Contour,
  type ContoursOptions,
  type MeanSpectraOptions,
  type MeanSpectrum,
} from '../core/figures/contours';
export {
  featureStagesFigure as featureStages,
  type FeatureStagesOptions,
} from '../core/figures/feature-stages';
export {
  waveformFigure as waveform,
  waveformGridFigure as waveformGrid,
  type WaveformGridOptions,
  type WaveformOptions,
  type WaveformPanel,
} from '../core/figures/signals';
export {
  spectrogramFigure as spectrogram,
  spectrogramGridFigure as spectrogramGrid,
  type SpectrogramGridOptions,
  type SpectrogramOptions,
  type SpectrogramPanel,
  type SpectrogramScale,
} from '../core/figures/spectrograms';
export { emotionColors } from '../core/figures/theme';
export {
  runComparisonFigure as runComparison,
  trainingCurvesFigure as trainingCurves,
  type ComparedRun,
  type EpochScores,
  type RunComparisonOptions,
  type TrainingCurvesOptions,
  type TrainingRun,
} from '../core/figures/training-curves';
