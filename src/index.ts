/**
 * The Speech Emotion Workbench: everything that a notebook imports.
 *
 * @packageDocumentation
 */
export { InvalidArgumentError, InvalidFileError, WorkbenchError } from './errors';
export { createRandom, type Random } from './random';
export { projectRoot } from './paths';

export { decodeAudio, encodeWav, readAudio, readAudioFormat, resample, toMono } from './audio';
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
  countTable,
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
  Corpora,
  CorpusCard,
  CorpusFound,
  CorpusName,
  DataFrame,
  DataLocation,
  Doubles,
  Emotion,
  IndexOptions,
  Intensity,
  LoadCorporaOptions,
  LoadReport,
  OnePerEmotionOptions,
  Sex,
  VoiceVotes,
} from './corpora';

export { loadEngine, setUpEngine } from './engine';
export type { Engine, EngineName, EngineRecord, SetupOptions, TensorFlow } from './engine';

export {
  ageSexFigure,
  durationsFigure,
  emotionColors,
  emotionCountsFigure,
  emotionsByGroupFigure,
  imbalanceFigure,
  renderPng,
  renderSvg,
  sampleRatesFigure,
  saveFigure,
  speakerEmotionHeatmap,
  waveformFigure,
  waveformGridFigure,
} from './figures';
export type { Figure, SaveFigureOptions, WaveformGridOptions, WaveformPanel } from './figures';

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
