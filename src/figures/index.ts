export type { Annotation, Attributes, Axis, Figure, Layout, Title, Trace, Values } from './figure';
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
