export { blockDiagramFigure } from './block-diagram';
export { abstentionFigure, reliabilityFigure } from './calibration';
export { classScoresFigure, confusionMatrixFigure } from './classification';
export { type ComparedConditions, conditionsFigure, slicesFigure } from './robustness';
export { emotionCountsFigure, emotionsByGroupFigure } from './corpus-counts';
export { ageSexFigure, durationsFigure, imbalanceFigure, sampleRatesFigure } from './corpus-statistics';
export {
  deletionCurvesFigure,
  occlusionMapFigure,
  type PredictedProbabilities,
  predictionFigure,
} from './prediction';
export { figureJson, plainText, type Figure, type Trace } from './figure';
export { matrixFigure, spectrogramFigure, spectrogramGridFigure } from './spectrograms';
export { parallelCoordinatesFigure, type SweepTrial } from './parallel-coordinates';
export { createEnvelope, type Envelope } from './envelope';
export { emotionTimelineFigure, type EmotionTimelineOptions } from './emotion-timeline';
export { humanLineFigure, protocolComparisonFigure, protocolWaterfallFigure } from './score-bars';
export { contoursFigure, meanSpectraFigure } from './contours';
export { waveformFigure, waveformGridFigure } from './signals';
export { speakerEmotionHeatmap } from './speaker-heatmap';
export { featureStagesFigure } from './feature-stages';
export { classColor, darkColors, emotionColors, fontFamily, fontStack, inks } from './theme';
export {
  runComparisonFigure,
  trainingCurvesFigure,
  type EpochScores,
  type TrainingCurvesOptions,
} from './training-curves';
