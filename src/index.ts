/**
 * The Speech Emotion Workbench: everything that a notebook imports. The main workflow is at the top level; the tools for its steps are in
 * the namespaces `audio`, `controls`, `dsp`, `dataset`, `evaluation`, `figures` and `models`.
 *
 * @example
 * ```ts
 * import * as ser from 'speech-emotion-workbench';
 * const corpora = await ser.loadCorpora();
 * const result = await ser.runExperiment(ser.experimentConfig('quick'), { corpora });
 * console.log(ser.evaluation.formatScoreReport(result.report!));
 * ```
 *
 * @packageDocumentation
 */
export * as audio from './api/audio';
export * as controls from './api/controls';
export * as dataset from './api/dataset';
export * as dsp from './api/dsp';
export * as evaluation from './api/evaluation';
export * as figures from './api/figures';
export * as models from './api/models';

export {
  InvalidArgumentError,
  InvalidFileError,
  WorkbenchError,
  createRandom,
  emotions,
  type Clip,
  type Emotion,
} from './core/base';
export { projectRoot } from './node/files';
export {
  loadCorpora,
  chooseCorpora,
  withLabels,
  formatLoadReport,
  clipTable,
  countTable,
  corpusCards,
  readAudio,
  type Corpora,
} from './node/corpora';
export { onePerEmotion, type ProtocolName } from './core/dataset';
export {
  experimentConfig,
  presets,
  formatConfig,
  configDifferences,
  configHash,
  formatOptions,
  describeOption,
  type ExperimentConfig,
  type ModelKind,
} from './core/config';
export { featureConfig, type FeatureConfig, type FeatureSet } from './core/features';
export {
  extractFeatures,
  experimentFeatures,
  loadFrontEnd,
  exportCsv,
  exportFeatures,
  exportNpy,
  type ExtractProgress,
} from './node/extraction';
export { loadEngine } from './node/engine';
export {
  runExperiment,
  runRecorded,
  evaluateExperiment,
  compareProtocols,
  evaluateConditions,
  evaluateModel,
  readPredictions,
  explainFold,
  settingsFromEnvironment,
} from './node/experiment';
export {
  loadMistakes,
  display,
  show,
  showAudio,
  showFigure,
  showHtml,
  showMarkdown,
  showPrediction,
  showProgress,
  showTable,
  leftOutTable,
  showTraining,
  liveDisplay,
  liveCurves,
  progress,
  cellSignal,
  interact,
  tune,
} from './notebook';
export { runSweep, sweepTable, sweepCoordinates } from './node/sweep';
export {
  readRunRecords,
  readRunPredictions,
  exportRunPredictions,
  joinRuns,
  runTable,
  runCurves,
  type RunPredictions,
  type RunRecord,
  type StoredRun,
} from './node/runs';
export { claimLedger, ledgerRun } from './node/paper';
export { createPredictor, loadModel, saveModel, type RecordingInput } from './node/models';
export { saveFigure } from './node/drawing';
export type { Waveform } from './core/audio';
export type { Engine } from './core/network';
export type { ExperimentResult, Model, Prediction, Predictor, PredictOptions } from './core/prediction';
