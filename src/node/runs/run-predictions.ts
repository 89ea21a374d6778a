import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clip, InvalidFileError, sha256Hex, WorkbenchError } from '../../core/base';
import {
  calibrateBySplit,
  caveatsOf,
  checkPredictions,
  predictedClasses,
  type Predictions,
  type SplitTemperature,
} from '../../core/evaluation';
import type { ExperimentResult } from '../../core/prediction';
import {
  type ColumnValues,
  type DataColumn,
  type DataTable,
  explainFileError,
  formatFor,
  paths,
  readParquet,
  type ReadTable,
  singleBlock,
  type TableFormat,
  tableFormats,
  writeTable,
} from '../files';
import type { RunRecord } from './run-record';

/** The predictions of a run, as they are stored next to its record. */
export interface RunPredictions extends Predictions {
  /** probabilities after temperature scaling fitted to validation rows; shape [rows, classes] */
  calibrated: Float32Array;
  /** the temperature of each fold's model */
  temperatures: readonly SplitTemperature[];
  /** the version of its clip that each row tests: `original`, or that of an augmented copy */
  versionOf: readonly string[];
}

/** The test rows of an experiment with their versions and calibrated probabilities. */
export function runPredictions(
  { folds, set: { versions } }: Pick<ExperimentResult, 'folds' | 'set'>,
  predictions: Predictions,
  validation: Predictions | undefined,
): RunPredictions {
  const { predictions: calibrated, temperatures } = calibrateBySplit(predictions, validation);
  return {
    ...predictions,
    calibrated: calibrated.probabilities,
    temperatures,
    versionOf: folds.flatMap(({ split }) => Array.from(split.test, (row) => versions[row % versions.length])),
  };
}

type ClipColumn = readonly [column: string, property: keyof Clip, type: DataColumn['type']];

/** Columns that identify a clip. */
const identity: readonly ClipColumn[] = [
  ['path', 'path', 'text'],
  ['sha256', 'sha256', 'text'],
  ['corpus', 'corpus', 'text'],
  ['speaker', 'speaker', 'text'],
  ['sentence', 'sentence', 'text'],
  ['sex', 'sex', 'text'],
];
/** Further properties of a clip. Scores by group are computed from them. */
const properties: readonly ClipColumn[] = [
  ['label', 'label', 'text'],
  ['age', 'age', 'double'],
  ['race', 'race', 'text'],
  ['ethnicity', 'ethnicity', 'text'],
  ['intensity', 'intensity', 'text'],
  ['take', 'take', 'double'],
  ['duration_sec', 'durationSec', 'double'],
  ['sample_rate', 'sampleRate', 'double'],
  ['channels', 'channels', 'double'],
];

/** Predictions as a table with one row per tested row; the columns are described in src/api/README.md. */
export function predictionsTable(predictions: RunPredictions): DataTable {
  const { clips, classes, actual, splits, splitOf, probabilities, calibrated, versionOf } = predictions;
  const ofClips = ([name, property, type]: ClipColumn): [DataColumn, ColumnValues] => [
    { name, type },
    type === 'text'
      ? clips.map((clip) => (clip[property] as string | undefined) ?? '')
      : Float64Array.from(clips, (clip) => Number(clip[property] ?? NaN)),
  ];
  const texts = (name: string, values: readonly string[]): [DataColumn, ColumnValues] => [
    { name, type: 'text' },
    values,
  ];
  const ofClasses = (prefix: string, values: Float32Array): [DataColumn, ColumnValues][] =>
    classes.map((name, k) => [
      { name: `${prefix}_${name}`, type: 'float' },
      Float32Array.from(clips, (_, row) => values[row * classes.length + k]),
    ]);
  const named = (indices: Int32Array): string[] => Array.from(indices, (k) => classes[k]);
  const columns = [
    ...identity.map(ofClips),
    texts('version', versionOf),
    texts(
      'split',
      clips.map(() => 'test'),
    ),
    texts(
      'fold',
      Array.from(splitOf, (k) => splits[k]),
    ),
    texts('actual', named(actual)),
    texts('predicted', named(predictedClasses(predictions))),
    ...ofClasses('p', probabilities),
    ...ofClasses('c', calibrated),
    ...properties.map(ofClips),
  ];
  return {
    columns: columns.map(([column]) => column),
    blocks: singleBlock(columns.map(([, values]) => values)),
    metadata: {
      classes: JSON.stringify(classes),
      protocol: predictions.protocol,
      temperatures: JSON.stringify(predictions.temperatures),
    },
  };
}

/** The name of the file with the predictions of a run, next to its record. */
export const predictionsFileName = (record: string): string =>
  record.replace(/(\.json)?$/, '.predictions.parquet');

/** Options of {@link readRunPredictions}. */
export interface ReadPredictionsOptions {
  /** folder of the run records; default `runs` */
  records?: string;
}

/**
 * Reads the stored predictions of a run: one row per tested row, with probabilities before and after calibration. All scores of its record
 * can be computed again from them, without training.
 *
 * @param run - a record from `readRunRecords`
 * @throws {@link WorkbenchError} if the run has no stored predictions, or their file is missing
 * @throws {@link InvalidFileError} if the file is not the one that was written with the record
 * @example
 * ```ts
 * const { records } = await readRunRecords();
 * const predictions = await readRunPredictions(records.at(-1)!);
 * console.log(ser.evaluation.formatScoreReport(ser.evaluation.scoreReport(predictions)));
 * ```
 */
export async function readRunPredictions(
  run: RunRecord & { file: string },
  { records = paths.runs }: ReadPredictionsOptions = {},
): Promise<RunPredictions> {
  const { predictions: stored, report } = run;
  if (!stored || !report) {
    const reason =
      run.status === 'finished'
        ? 'it was written by an older version; run it again to store them'
        : 'no fold was finished';
    throw new WorkbenchError(`${run.file}: no predictions are stored: ${reason}`);
  }
  // A copied or renamed record has its predictions under its own new name.
  const path = join(records, predictionsFileName(run.file));
  const bytes = await readFile(path).catch((error: unknown) => {
    throw explainFileError(error, path);
  });
  if (sha256Hex(bytes) !== stored.sha256)
    throw new InvalidFileError(
      path,
      `is not the file that was written with ${run.file}: its SHA-256 differs`,
    );
  const { protocol, protocolLabel, isLeaky } = report;
  const read = fromTable(path, await readParquet(path, bytes));
  const predictions = { ...read, protocol, protocolLabel, isLeaky, ...caveatsOf(run) };
  checkPredictions(predictions);
  return predictions;
}

function fromTable(
  path: string,
  { values, rows, metadata }: ReadTable,
): Omit<RunPredictions, 'protocol' | 'protocolLabel' | 'isLeaky'> {
  const column = (name: string): ColumnValues => {
    const found = values.get(name);
    if (!found) throw new InvalidFileError(path, `has no column ${name}`);
    return found;
  };
  const texts = (name: string): readonly string[] => Array.from(column(name), String);
  const classes = JSON.parse(metadata.classes) as string[];
  const folds = texts('fold');
  const splits = [...new Set(folds)];
  const ofClasses = (prefix: string): Float32Array => {
    const out = new Float32Array(rows * classes.length);
    for (const [k, name] of classes.entries()) {
      const own = column(`${prefix}_${name}`) as Float32Array;
      for (let row = 0; row < rows; row++) out[row * classes.length + k] = own[row];
    }
    return out;
  };
  const clipColumns = [...identity, ...properties].map(
    ([name, property]) => [property, column(name)] as const,
  );
  const indexOf = new Map(classes.map((name, k) => [name, k]));
  const actual = texts('actual');
  return {
    classes,
    clips: actual.map((emotion, row): Clip => {
      const cells = clipColumns.map(([property, own]) => [property, own[row]] as const);
      const known = cells.filter(([, value]) => value !== '' && !Number.isNaN(value));
      return { ...(Object.fromEntries(known) as unknown as Clip), emotion };
    }),
    actual: Int32Array.from(actual, (name) => indexOf.get(name) ?? -1),
    probabilities: ofClasses('p'),
    calibrated: ofClasses('c'),
    temperatures: JSON.parse(metadata.temperatures) as SplitTemperature[],
    splitOf: Int32Array.from(folds, (name) => splits.indexOf(name)),
    splits,
    versionOf: texts('version'),
  };
}

/** Options of {@link exportRunPredictions}. */
export interface ExportPredictionsOptions extends ReadPredictionsOptions {
  /** default: that of the file's extension */
  format?: TableFormat;
}

/**
 * Writes the stored predictions of a run as CSV or Parquet: one row per tested row, with clip, fold, actual and predicted class, and the
 * probabilities before (`p_angry`, …) and after calibration (`c_angry`, …).
 *
 * @param file - created or replaced; `.csv` or `.parquet`
 * @returns number of rows
 * @throws the errors of {@link readRunPredictions}
 * @example
 * ```ts
 * await exportRunPredictions(records.at(-1)!, 'predictions.csv'); // pandas.read_csv('predictions.csv')
 * ```
 */
export async function exportRunPredictions(
  run: RunRecord & { file: string },
  file: string,
  { format, ...options }: ExportPredictionsOptions = {},
): Promise<number> {
  const chosen = formatFor(file, tableFormats, format);
  return writeTable(file, predictionsTable(await readRunPredictions(run, options)), chosen);
}
