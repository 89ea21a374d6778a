export type { Annotation, Attributes, Axis, Figure, Layout, Title, Trace, Values } from './figure';
export { reducePng } from './reduce-png';
export { type PngSize, renderPng } from './render-png';
export { type PictureSize, renderSvg } from './render-svg';
export { type SaveFigureOptions, saveFigure } from './save-figure';
export { figureJson } from './figure-json';
export {
  type Caption,
  baseLayout,
  colorsOfCorpora,
  emotionColors,
  inks,
  plainAxis,
  sequentialScale,
  valueAxis,
} from './theme';
export { type Block, blockDiagramFigure, type BlockDiagramOptions } from './block-diagram';
export { type AgeSexOptions, ageSexFigure } from './age-sex';
export { type DurationsOptions, durationsFigure } from './durations';
export { emotionCountsFigure } from './emotion-counts';
export { type ClipGroup, type EmotionsByGroupOptions, emotionsByGroupFigure } from './emotions-by-group';
export { imbalanceFigure } from './imbalance';
export { sampleRatesFigure } from './sample-rates';
export { speakerEmotionHeatmap } from './speaker-emotion-heatmap';
export { type Envelope, waveformEnvelope } from './envelope';
export { type WaveformOptions, waveformFigure } from './waveform';
export { type WaveformGridOptions, type WaveformPanel, waveformGridFigure } from './waveform-grid';
export { type Contour, type ContoursOptions, contoursFigure } from './contours';
export { type SpectrogramOptions, spectrogramFigure } from './spectrogram';
export {
  type SpectrogramGridOptions,
  type SpectrogramPanel,
  spectrogramGridFigure,
} from './spectrogram-grid';
export type { SpectrogramScale } from './spectrogram-trace';
export { type MeanSpectraOptions, type MeanSpectrum, meanSpectraFigure } from './mean-spectra';
export { type AbstentionCurve, abstentionFigure } from './abstention';
export { classScoresFigure } from './class-scores';
export { confusionMatrixFigure } from './confusion-matrix';
export { type DeletionCurvesOptions, deletionCurvesFigure } from './deletion-curves';
export { humanLineFigure } from './human-line';
export { type OcclusionMapOptions, occlusionMapFigure } from './occlusion-map';
export {
  type ParallelCoordinatesOptions,
  parallelCoordinatesFigure,
  type SweepTrial,
} from './parallel-coordinates';
export {
  type PredictedProbabilities,
  predictionFigure,
  type PredictionFigureOptions,
  predictionTimelineFigure,
} from './prediction';
export { protocolWaterfallFigure, type ProtocolWaterfallOptions } from './protocol-waterfall';
export { type ReliabilityCurve, reliabilityFigure } from './reliability';
export { type ComparedRun, runComparisonFigure, type RunComparisonOptions } from './run-comparison';
export type { BarMetric } from './score-bars';
export { slicesFigure } from './slices';
export {
  type EpochScores,
  trainingCurvesFigure,
  type TrainingCurvesOptions,
  type TrainingRun,
} from './training-curves';
