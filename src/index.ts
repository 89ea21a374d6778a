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
  Matrix,
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
  functionals,
  logMelLayout,
  paperFeatures,
} from './features';
export type { ExtractOptions, ExtractProgress, FeatureConfig, FeatureName, FeatureSet } from './features';

export {
  configDifferences,
  configHash,
  experimentConfig,
  formatConfig,
  headNames,
  modelKinds,
  normalisationNames,
  optimizerNames,
  parseSettings,
  presetNames,
  presets,
  scheduleNames,
  settingsFromEnvironment,
} from './config';
export type {
  ConfigDifference,
  DatasetConfig,
  ExperimentChanges,
  ExperimentConfig,
  HeadName,
  ModelConfig,
  ModelKind,
  NormalisationName,
  OptimizerName,
  OptionPath,
  OptionValues,
  PresetName,
  ScheduleName,
  TrainingConfig,
} from './config';

export {
  classesOf,
  fitOneHot,
  fitScaler,
  fitSpeakerScaler,
  gatherRows,
  loadOneHot,
  loadScaler,
  makeSplits,
  protocolCards,
  protocolNames,
  savePreparation,
  scalerOfRow,
  sentenceOf,
} from './dataset';
export type {
  FitScalerOptions,
  FitSpeakerScalerOptions,
  GatherOptions,
  OneHotEncoder,
  OneHotJson,
  Overlap,
  ProtocolCard,
  ProtocolName,
  ProtocolOptions,
  Scaler,
  ScalerJson,
  SpeakerScaler,
  SpeakerScalerJson,
  Split,
} from './dataset';

export { engineNames, loadEngine, setUpEngine } from './engine';
export type { Engine, EngineName, EngineRecord, SetupOptions, TensorFlow } from './engine';

export {
  baselineKinds,
  createBaseline,
  knnClassifier,
  majorityClassifier,
  restoreBaseline,
  svmClassifier,
} from './models';
export type { BaselineKind, Classifier, ClassifierState, SvmOptions } from './models';

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
