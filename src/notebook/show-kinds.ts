import { type AudioData, toMono, type Waveform } from '../core/audio';
import { type Clip, countOf, isRecord } from '../core/base';
import { type ExperimentConfig, isPreset } from '../core/config';
import type { Audit, Split } from '../core/dataset';
import { type ComplexMatrix, type Matrix, powerToDb } from '../core/dsp';
import {
  type Abstention,
  type Calibration,
  type ClassificationReport,
  type ConditionsReport,
  type ConfusionMatrix,
  type EvaluationScores,
  formatClassificationReport,
  formatComparison,
  formatConditions,
  formatEvaluationScores,
  formatScoreReport,
  formatSlices,
  type Predictions,
  type ProtocolStep,
  type RunComparison,
  type ScoreReport,
  type Slices,
} from '../core/evaluation';
import type { FeatureSet } from '../core/features';
import { abstentionFigure, type Figure, matrixFigure, reliabilityFigure } from '../core/figures';
import type { ExperimentResult, Prediction } from '../core/prediction';
import { type Corpora, formatLoadReport } from '../node/corpora';
import { formatSkippedRecords, type StoredRun } from '../node/runs';
import { sweepTable } from '../node/sweep';
import { isFigure } from './figure';
import { predictionContents } from './recordings';
import { type DataFrameLike, tableBundle } from './table';
import {
  alignedContent,
  auditsContent,
  clipsContent,
  configContent,
  confusionContent,
  type Content,
  experimentContent,
  featureSetContent,
  maxRows,
  predictionsContent,
  runsContent,
  type ShowOptions,
  stepsContent,
  textContent,
  waveformContent,
} from './show-contents';

/** A kind of value, recognised by its structure. */
export interface Kind {
  /** in messages: `a waveform` */
  name: string;
  show: (value: unknown, options: ShowOptions) => Content | Content[] | Promise<Content[]>;
}

/** The kind of a value; undefined if it is none of them. */
export function kindOf(value: unknown): Kind | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return kinds.find(({ test }) => test(value));
  } catch {
    return undefined; // a getter or proxy threw
  }
}

type Test = (value: unknown) => boolean;

const isNumber: Test = (value) => typeof value === 'number';
const isText: Test = (value) => typeof value === 'string';
const isFloats: Test = (value) => value instanceof Float32Array;
const isIntegers: Test = (value) => value instanceof Int32Array;
const isFunction: Test = (value) => typeof value === 'function';
const isAnything: Test = (value) => value !== undefined;
const isList: Test = (value) => Array.isArray(value);
/** A non-empty list with items of one kind. */
const isListOf =
  (test: Test): Test =>
  (value) =>
    // The check of the first item also rejects arrays with millions of holes, which `every` skips one by one.
    Array.isArray(value) && value.length > 0 && test(value[0]) && value.every(test);
/** An object with these properties. */
const has =
  (properties: Readonly<Record<string, Test>>): Test =>
  (value) =>
    isRecord(value) && Object.entries(properties).every(([name, test]) => test(value[name]));

/** Whether a value is a danfojs DataFrame or Series. */
const isFrame = has({
  columns: isList,
  values: isList,
  index: isList,
  dtypes: isList,
  shape: isList,
});

const isShape =
  (dimensions: number): Test =>
  (value) =>
    Array.isArray(value) && value.length === dimensions && value.every(isNumber);

/** An object with a shape and, for each of these properties, as many values as the shape says. */
const isShaped = (dimensions: number, ...names: readonly string[]): Test => {
  const hasAll = has({
    shape: isShape(dimensions),
    ...Object.fromEntries(names.map((name) => [name, isFloats])),
  });
  return (value) => {
    if (!hasAll(value)) return false;
    const { shape, ...arrays } = value as { shape: number[] } & Record<string, Float32Array>;
    const size = shape.reduce((product, length) => product * length, 1);
    return names.every((name) => arrays[name].length === size);
  };
};

const isClip = has({ path: isText, corpus: isText, emotion: isText, sampleRate: isNumber, sha256: isText });
const isScores = has({ protocol: isText, protocolLabel: isText });
const under = (properties: Readonly<Record<string, Test>>): Test => {
  const rest = has(properties);
  return (value) => isScores(value) && rest(value);
};
const isScoreReport = under({ metrics: isList, pooled: isRecord, perCorpus: isList, perSplit: isList });
const isAudit = has({ protocol: isText, findings: isRecord, scaler: isRecord, selection: isRecord });
const isRun = has({ format: isNumber, started: isText, status: isText, config: isRecord, splits: isList });

/** Declares a kind; `show` receives values for which `test` is true. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- T states what `test` implies
function kind<T>(
  name: string,
  test: Test,
  show: (value: T, options: ShowOptions) => Content | Content[] | Promise<Content[]>,
): Kind & { test: Test } {
  return { name, test, show: (value, options) => show(value as T, options) };
}

const kinds: readonly (Kind & { test: Test })[] = [
  kind<Figure>('a figure', isFigure, (figure) => figure),
  kind<Waveform>('a waveform', has({ samples: isFloats, sampleRate: isNumber }), waveformContent),
  kind<AudioData>('audio', has({ channels: isListOf(isFloats), sampleRate: isNumber }), (audio, options) =>
    waveformContent(toMono(audio), options),
  ),
  kind<Matrix>('a matrix', isShaped(2, 'data'), (matrix, { title = 'Matrix' }) =>
    matrixFigure(matrix, { title }),
  ),
  kind<ComplexMatrix>(
    'a spectrum',
    isShaped(2, 'real', 'imag'),
    ({ real, imag, shape }, { title = 'Power (dB relative to the maximum)' }) => {
      const power = { data: real.map((re, i) => re * re + imag[i] * imag[i]), shape };
      return matrixFigure(powerToDb(power, { ref: 'max' }), { title });
    },
  ),
  kind<FeatureSet>('features', has({ data: isFloats, shape: isShape(4), clips: isList }), featureSetContent),
  kind<DataFrameLike>('a data frame', isFrame, (frame, options) =>
    tableBundle(frame, { maxRows, ...options }),
  ),
  kind<Clip[]>('clips', isListOf(isClip), clipsContent),
  kind<Clip>('a clip', isClip, (clip, options) => clipsContent([clip], options)),
  kind<Corpora>(
    'corpora',
    has({ clips: isList, report: isRecord, fileOf: isFunction, source: isText }),
    ({ report }) => textContent(formatLoadReport(report)),
  ),
  kind<Corpora['report']>(
    'a load report',
    has({ corpora: isList, unreadable: isList, copies: isList }),
    (report) => textContent(formatLoadReport(report)),
  ),
  kind<Predictions>(
    'predictions',
    under({ classes: isList, clips: isList, actual: isIntegers, probabilities: isFloats }),
    predictionsContent,
  ),
  kind<ScoreReport>('a score report', isScoreReport, (report) => alignedContent(formatScoreReport(report))),
  kind<ProtocolStep[]>(
    'protocols',
    isListOf(has({ report: isScoreReport, siblingShare: isAnything })),
    stepsContent,
  ),
  kind<{ steps: ProtocolStep[] }>(
    'protocols',
    has({ steps: isListOf(has({ report: isScoreReport })), skipped: isList }),
    (comparison, options) => stepsContent(comparison.steps, options),
  ),
  kind<ClassificationReport>(
    'a classification report',
    under({ classes: isList, macro: isRecord, weighted: isRecord }),
    (report) => alignedContent(formatClassificationReport(report)),
  ),
  kind<ConfusionMatrix>(
    'a confusion matrix',
    under({ classes: isList, counts: isIntegers }),
    confusionContent,
  ),
  kind<EvaluationScores>(
    'scores',
    has({
      report: isScoreReport,
      classification: isRecord,
      matrix: isRecord,
      calibration: isRecord,
      slices: isList,
    }),
    (scores) => alignedContent(formatEvaluationScores(scores)),
  ),
  kind<Calibration>('a calibration', under({ bins: isList, ece: isNumber }), (calibration, options) =>
    reliabilityFigure([{ name: 'model', calibration }], {
      source: countOf(calibration.rows, 'prediction'),
      ...options,
    }),
  ),
  kind<Abstention>(
    'an abstention curve',
    under({ coverage: isAnything, aurc: isNumber }),
    (abstention, options) =>
      abstentionFigure([{ name: 'model', abstention }], {
        source: countOf(abstention.rows, 'prediction'),
        ...options,
      }),
  ),
  kind<Slices>('slices', under({ by: isText, groups: isList, overall: isRecord }), (slices) =>
    alignedContent(formatSlices(slices)),
  ),
  kind<RunComparison>(
    'a comparison',
    under({ metric: isText, pooled: isRecord, mcNemar: isRecord }),
    (comparison) => alignedContent(formatComparison(comparison)),
  ),
  kind<ConditionsReport>(
    'conditions',
    under({ split: isText, threshold: isNumber, rows: isList, skipped: isList }),
    (report) => alignedContent(formatConditions(report)),
  ),
  kind<Split[]>(
    'splits',
    isListOf(has({ name: isText, train: isIntegers, validation: isIntegers, test: isIntegers })),
    (splits, options) =>
      tableBundle(
        splits.map(({ name, train, validation, test }) => ({
          split: name,
          'training rows': train.length,
          'validation rows': validation.length,
          'test rows': test.length,
        })),
        { maxRows, ...options },
      ),
  ),
  kind<Audit>('an audit', isAudit, (audit, options) => auditsContent([audit], options)),
  kind<Audit[]>('audits', isListOf(isAudit), auditsContent),
  kind<ExperimentConfig>(
    'a config',
    has({
      name: isPreset,
      features: isRecord,
      dataset: isRecord,
      model: isRecord,
      training: isRecord,
    }),
    configContent,
  ),
  kind<Prediction>(
    'a prediction',
    under({ probabilities: isList, timeline: isList, segments: isList, durationSec: isNumber }),
    (prediction, { title }) => predictionContents(prediction, { source: title ?? 'recording' }),
  ),
  kind<ExperimentResult>(
    'an experiment',
    has({ config: isRecord, folds: isList, set: isRecord, outcome: isText }),
    experimentContent,
  ),
  kind<StoredRun[]>('runs', isListOf(isRun), runsContent),
  kind<StoredRun>('a run', isRun, (run, options) => [
    ...runsContent([run], options),
    ...(run.report ? [alignedContent(formatScoreReport(run.report))] : []),
  ]),
  kind<{ records: StoredRun[]; skipped: { file: string; reason: string }[] }>(
    'runs',
    has({ records: isListOf(isRun), skipped: isList }),
    ({ records, skipped }, options) => [
      ...runsContent(records, options),
      ...(skipped.length > 0 ? [textContent(formatSkippedRecords(skipped))] : []),
    ],
  ),
  kind<Parameters<typeof sweepTable>[0]>(
    'a sweep',
    has({ space: isRecord, trials: isListOf(has({ status: isText, values: isRecord })) }),
    (sweep, options) => tableBundle(sweepTable(sweep), { maxRows, ...options }),
  ),
  kind<{ result: ExperimentResult }>(
    'a run',
    has({ result: has({ folds: isList, set: isRecord }) }),
    ({ result }) => experimentContent(result),
  ),
  kind<{ dtype: string; shape: number[]; toString(): string }>(
    'a tensor',
    has({ dtype: isText, shape: isList, dataSync: isFunction }),
    (tensor) =>
      textContent(
        `tensor of ${tensor.dtype}, shape [${tensor.shape.join(', ')}]\n${String(tensor).split('\n').slice(1, 40).join('\n')}`,
      ),
  ),
];
