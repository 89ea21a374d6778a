/**
 * The Speech Emotion Workbench: everything that a notebook imports.
 *
 * @packageDocumentation
 */
export { corpusNames, corpusOrder, createRandom, demoName, emotions, intensities, InvalidArgumentError, InvalidFileError, isDemoName, type Random, WorkbenchError } from './core/base';
export { projectRoot } from './node/files';

export { AudioFormatError, decodeAudio, encodeWav, readAudioFormat, resample } from './core/audio';
export { chooseCorpora, clipTable, corpusCards, countTable, formatLoadReport, isDemoCorpusCurrent, loadCorpora, locateData, makeDemoCorpus, readAudio, toMono } from './node/corpora';
export type { AudioData, AudioFormat, EncodeWavOptions, ResampleOptions, SampleEncoding, Waveform } from './core/audio';

export { auditChecks, auditSplit, auditTable, classBalance, classesOf, featureTable, fillMissing, findNearDuplicates, fitOneHot, fitScaler, fitSpeakerScaler, formatAudit, gatherRows, makeSplits, missingValues, onePerEmotion, protocolCards, protocolNames, scalerOfRow, sentenceOf } from './core/dataset';
export type { Audit, AuditCheck, AuditFinding, AuditOptions, AuditRow, AuditStatement, AuditVerdict, ClassBalance, FeatureTable, FeatureTableOptions, FitScalerOptions, FitSpeakerScalerOptions, GatherOptions, MissingCount, NearDuplicate, OneHotEncoder, OneHotJson, OnePerEmotionOptions, Overlap, ProtocolCard, ProtocolName, ProtocolOptions, Scaler, ScalerJson, SpeakerScaler, SpeakerScalerJson, Split } from './core/dataset';
export type { AddNormalNoise, Clip, ClipLabels, CorpusName, Emotion, Intensity, Sex, VoiceVotes } from './core/base';
export type { ArchiveSource, Corpora, CorpusCard, CorpusFound, DataFrame, DataLocation, DemoCorpusReport, DemoMarker, Doubles, FilesSource, IndexOptions, LeftOut, LoadCorporaOptions, LoadReport, MakeDemoCorpusOptions, SideFile, Source } from './node/corpora';

export { addNoise, addPaperNoise, augment, dct, delta, f0Contour, fftFrequencies, hzToMel, istft, meanOverFrames, melBandCentres, melFilterBank, melFrequencies, melSpectrogram, melToHz, mfcc, mfccFromDb, paperVersions, phaseVocoder, pitchShift, powerSpectrogram, powerToDb, rms, roll, stft, timeStretch, zeroCrossingRate } from './core/dsp';
export type { Augmentation, ComplexMatrix, DctOptions, DeltaOptions, F0Contour, F0Options, FrameOptions, IstftOptions, LogMelOptions, Matrix, Measure, Measured, MeasureOptions, MelFilterBankOptions, MelFrequenciesOptions, MelOptions, MelScaleOptions, MelSpectrogramOptions, MfccFromDbOptions, MfccOptions, PadMode, PhaseVocoderOptions, PitchShiftOptions, PowerSpectrogramOptions, PowerToDbOptions, StftOptions, TimeStretchOptions, WindowName } from './core/dsp';



export { columnNames, featureConfig, featureNames, flatPaperLayout, frameLayout, functionals, loadFrontEnd, logMelLayout, paperFeatures, plainFrontEnd, rowMatrix } from './core/features';
export { experimentFeatures, exportCsv, exportNpy, extractFeatures } from './node/extraction';
export type { ExtractOptions, ExtractProgress } from './node/extraction';
export type { FeatureConfig, FeatureName, FeatureRows, FeatureSet, FrontEnd } from './core/features';

export { configDifferences, configHash, experimentConfig, formatConfig, headNames, modelKinds, modelLayouts, normalisationNames, optimizerNames, parseSettings, presetNames, presets, scheduleNames, settingsFromEnvironment } from './core/config';
export type { Changes, ConfigDifference, DatasetConfig, ExperimentChanges, ExperimentConfig, HeadName, ModelConfig, ModelKind, NormalisationName, OptimizerName, OptionPath, OptionValues, PathsIn, PresetName, RowLayout, ScheduleName, TrainingConfig } from './core/config';

export { bundleOf, findBundles, loadOneHot, loadScaler, newestBundle, publishModel, savePreparation } from './node/models';

export { buildModel, cnnLstm, compactCnn, createNetwork, engineNames, knnClassifier, layerTimes, logMelCnn, lstmStack, majorityClassifier, modelCost, paperCnn, predictRows } from './core/network';
export { createBaseline, loadEngine, measureNetwork, setUpEngine, svmClassifier } from './node/engine';
export type { Batch, BatchGradients, Classifier, ClassifierState, CompactCnnOptions, DropoutMask, Engine, EngineName, EpochRecord, LayerCost, LayerTime, LogMelCnnOptions, Network, NetworkOptions, NetworkShape, RecurrentOptions, StepOptions, TensorFlow, TrainingData, TrainingPlace } from './core/network';
export type { EngineRecord, NetworkCost, SetupOptions, SvmOptions } from './node/engine';


export { comparedProtocols, compareProtocols, evaluateExperiment, explainFold, fit, recallRun, runExperiment, runRecorded, runsAsOne } from './node/experiment';
export type { ComparedProtocol, CompareProtocolsOptions, Ensemble, EnsembleMember, EvaluateOptions, Evaluation, ExperimentOptions, ExperimentResult, ExplainedPrediction, ExplainOptions, Explanation, FitOptions, FitResult, FoldResult, ProtocolComparison, RecallOptions, RecordedOptions, RecordedResult, RunsAsOne, RunsAsOneOptions, SplitCallbacks, SplitPlace, SplitResult, StepProgress, Trained } from './node/experiment';

export { claimLedger, formatLedger, ledgerRun, recordedLedgerRun } from './node/paper';
export { abstention, averagePredictions, calibrateBySplit, calibration, checkFaithfulness, checkPredictions, classificationReport, classScores, coefficientGroups, committedNotebook, compareRuns, confusionMatrix, daggerNote, evaluationScores, faithfulnessVerdict, fitTemperature, formatCalibration, formatClassificationReport, formatComparison, formatConfusionMatrix, formatEvaluationScores, formatProtocols, formatScore, formatScoreReport, formatSlices, humanLine, joinSeeds, markdownTable, mcNemarTest, metricNames, metricOf, metrics, mostConfidentMistakes, mostConfusedPairs, occlude, paper, predictedClasses, predictionTable, protocolMark, protocolTable, protocolText, reportOfMatrix, rowShares, scaleByTemperature, scoreReport, selectCorpus, selectRows, siblingShare, signFlipTest, sliceNames, sliceScores, spreadOf, statedSlices, temperatureFor, thresholdFor, underProtocol, usualSlices, wilsonLimits, withTemperature } from './core/evaluation';
export { createPredictor, loadBundle, loadModel, modelInput, saveBundle, saveEnsemble } from './core/prediction';
export { dataFingerprint, environmentNow, paperFigures, readRunRecords, recordSource, runCurves, runRecordOf, runTable, writeRunRecord } from './node/runs';
export { gridPlan, halvingRungs, parseSweepSpace, randomPlan, runSweep, sweepCoordinates, sweepMethods, sweepTable } from './node/sweep';
export { cellSignal, display, hearMistakes, liveCurves, liveDisplay, progress, showAudio, showFigure, showHtml, showMarkdown, showPrediction, showProgress, showTable, showTraining } from './notebook';
export type { BundleCard, EmotionProbability, EnsembleBundle, ModelBundle, ModelInput, Normaliser, Prediction, PredictOptions, Predictor, RecordingInput, TimelineEntry } from './core/prediction';
export type { ClaimLedger, LedgerRow, LedgerRun } from './node/paper';
export type { EndedTrial, Rung, RunningTrial, RunTrial, SweepAxis, SweepMethod, SweepOptions, SweepProgress, SweepResult, SweepSpace } from './node/sweep';
export type { Environment, MemberRecord, PaperFigures, RunCurve, RunRecord, SplitRecord, StoredRun } from './node/runs';
export type { Abstention, Binning, BootstrapOptions, Calibration, CalibrationOptions, ClassificationReport, ClassMeans, ClassScores, CoefficientGroup, CompareRunsOptions, ConfidenceBin, ConfusedPair, ConfusionMatrix, EvaluationScores, ExplainedRow, Faithfulness, FaithfulnessOptions, GroupScores, HumanLine, HumanRecall, Interval, IntervalMethod, IntervalOptions, McNemarTest, Metric, MetricName, Mistake, Occlusion, OcclusionOptions, PairedDifference, PredictBatch, PredictionRow, Predictions, ProtocolRow, ProtocolStep, Published, PublishedSource, RunComparison, Score, ScoreReport, ScoreReportOptions, SeedRun, SignFlipOptions, Slice, SliceName, Slices, SlicesOptions, SplitTemperature, Spread, Tally, Temperature, TemperatureOptions, UnderProtocol } from './core/evaluation';
export type { FoundBundle, PublishOptions } from './node/models';
export type { AudioOptions, DataFrameLike, DisplayOptions, HeardMistake, HeardMistakes, LiveCurves, LiveDisplay, MimeBundle, Progress, ShowFigureOptions, ShowPredictionOptions, TableLike, TableOptions, TrainingCallbacks } from './notebook';


export { abstentionFigure, ageSexFigure, blockDiagramFigure, classScoresFigure, confusionMatrixFigure, contoursFigure, deletionCurvesFigure, durationsFigure, emotionColors, emotionCountsFigure, emotionsByGroupFigure, humanLineFigure, imbalanceFigure, meanSpectraFigure, occlusionMapFigure, parallelCoordinatesFigure, predictionFigure, predictionTimelineFigure, protocolWaterfallFigure, reliabilityFigure, runComparisonFigure, sampleRatesFigure, slicesFigure, speakerEmotionHeatmap, spectrogramFigure, spectrogramGridFigure, trainingCurvesFigure, waveformFigure, waveformGridFigure } from './core/figures';
export { renderPng, renderSvg, saveFigure } from './node/drawing';
export type { AbstentionCurve, AgeSexOptions, Annotation, Attributes, Axis, BarMetric, Block, BlockDiagramOptions, ClipGroup, ComparedRun, Contour, ContoursOptions, DeletionCurvesOptions, DurationsOptions, EmotionsByGroupOptions, EpochScores, Figure, Layout, MeanSpectraOptions, MeanSpectrum, OcclusionMapOptions, ParallelCoordinatesOptions, PredictedProbabilities, PredictionFigureOptions, ProtocolWaterfallOptions, ReliabilityCurve, RunComparisonOptions, SpectrogramGridOptions, SpectrogramOptions, SpectrogramPanel, SpectrogramScale, SweepTrial, Title, Trace, TrainingCurvesOptions, TrainingRun, Values, WaveformGridOptions, WaveformOptions, WaveformPanel } from './core/figures';
export type { PictureSize, PngSize, SaveFigureOptions } from './node/drawing';

