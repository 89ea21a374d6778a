/**
 * The Speech Emotion Workbench: everything that a notebook imports.
 *
 * @packageDocumentation
 */
export { InvalidArgumentError, InvalidFileError, WorkbenchError } from './errors';
export { createRandom, type Random } from './random';
export { projectRoot } from './paths';

export {
  AudioFormatError,
  decodeAudio,
  encodeWav,
  readAudio,
  readAudioFormat,
  resample,
  toMono,
} from './audio';
export type {
  AudioData,
  AudioFormat,
  EncodeWavOptions,
  ResampleOptions,
  SampleEncoding,
  Waveform,
} from './audio';

export {
  classBalance,
  clipTable,
  corpusCards,
  corpusNames,
  corpusOrder,
  countTable,
  demoName,
  emotions,
  formatLoadReport,
  isDemoCorpusCurrent,
  loadCorpora,
  locateData,
  makeDemoCorpus,
  onePerEmotion,
} from './corpora';
export type {
  ClassBalance,
  Clip,
  ClipLabels,
  ArchiveSource,
  Corpora,
  CorpusCard,
  CorpusFound,
  CorpusName,
  DataFrame,
  DataLocation,
  DemoCorpusReport,
  DemoMarker,
  Doubles,
  Emotion,
  FilesSource,
  IndexOptions,
  Intensity,
  LoadCorporaOptions,
  LoadReport,
  MakeDemoCorpusOptions,
  OnePerEmotionOptions,
  Sex,
  SideFile,
  Source,
  VoiceVotes,
} from './corpora';

export {
  dct,
  delta,
  f0Contour,
  fftFrequencies,
  hzToMel,
  istft,
  meanOverFrames,
  melBandCentres,
  melFilterBank,
  melFrequencies,
  melSpectrogram,
  melToHz,
  mfcc,
  mfccFromDb,
  phaseVocoder,
  pitchShift,
  powerSpectrogram,
  powerToDb,
  rms,
  roll,
  stft,
  timeStretch,
  zeroCrossingRate,
} from './dsp';
export type {
  ComplexMatrix,
  DctOptions,
  DeltaOptions,
  F0Contour,
  F0Options,
  FrameOptions,
  IstftOptions,
  LogMelOptions,
  Matrix,
  Measure,
  Measured,
  MeasureOptions,
  MelFilterBankOptions,
  MelFrequenciesOptions,
  MelOptions,
  MelScaleOptions,
  MelSpectrogramOptions,
  MfccFromDbOptions,
  MfccOptions,
  PadMode,
  PhaseVocoderOptions,
  PitchShiftOptions,
  PowerSpectrogramOptions,
  PowerToDbOptions,
  StftOptions,
  TimeStretchOptions,
  WindowName,
} from './dsp';

export type { AddNormalNoise } from './normal-noise';

export { addNoise, addPaperNoise, augment, paperVersions } from './augment';
export type { Augmentation } from './augment';

export {
  columnNames,
  exportCsv,
  exportNpy,
  extractFeatures,
  featureConfig,
  featureNames,
  flatPaperLayout,
  frameLayout,
  loadFrontEnd,
  logMelLayout,
  paperFeatures,
  plainFrontEnd,
  rowMatrix,
} from './features';
export type {
  ExtractOptions,
  ExtractProgress,
  FeatureConfig,
  FeatureName,
  FeatureSet,
  FrontEnd,
} from './features';

export { engineNames, loadEngine, setUpEngine } from './engine';
export type { Engine, EngineName, EngineRecord, SetupOptions, TensorFlow } from './engine';

export {
  ageSexFigure,
  contoursFigure,
  durationsFigure,
  emotionColors,
  emotionCountsFigure,
  emotionsByGroupFigure,
  imbalanceFigure,
  meanSpectraFigure,
  renderPng,
  renderSvg,
  sampleRatesFigure,
  saveFigure,
  speakerEmotionHeatmap,
  spectrogramFigure,
  spectrogramGridFigure,
  waveformFigure,
  waveformGridFigure,
} from './figures';
export type {
  AgeSexOptions,
  Annotation,
  Attributes,
  Axis,
  ClipGroup,
  Contour,
  ContoursOptions,
  DurationsOptions,
  EmotionsByGroupOptions,
  Figure,
  Layout,
  MeanSpectraOptions,
  MeanSpectrum,
  PictureSize,
  PngSize,
  SaveFigureOptions,
  SpectrogramGridOptions,
  SpectrogramOptions,
  SpectrogramPanel,
  SpectrogramScale,
  Title,
  Trace,
  Values,
  WaveformGridOptions,
  WaveformOptions,
  WaveformPanel,
} from './figures';

export {
  cellSignal,
  display,
  liveDisplay,
  progress,
  showAudio,
  showFigure,
  showHtml,
  showMarkdown,
  showProgress,
  showTable,
} from './notebook';
export type {
  AudioOptions,
  DataFrameLike,
  DisplayOptions,
  LiveDisplay,
  MimeBundle,
  Progress,
  ShowFigureOptions,
  TableLike,
  TableOptions,
} from './notebook';
