import { type Clip, type LeftOut, WorkbenchError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import { columnNames, featureConfig, type FeatureSet, flatPaperRow, frameCount } from '../../core/features';
import { corporaFor, type Corpora, makeSplits } from '../corpora';
import {
  bytesOf,
  type ColumnValues,
  type DataColumn,
  type DataTable,
  floatText,
  formatFor,
  integerArray,
  npyHeader,
  textArray,
  writeNpz,
  writeStreamAtomic,
  writeTable,
} from '../files';
import { extractFeatures } from './extract-features';
import type { ExtractProgress } from './jobs';
import { findNearDuplicates } from './near-duplicates';

/** Formats of {@link exportFeatures}. */
export const featureFormats = ['csv', 'parquet', 'npz'] as const;
export type FeatureFormat = (typeof featureFormats)[number];

/** Options of {@link exportFeatures}. */
export interface ExportFeaturesOptions {
  /** default: that of the file's extension */
  format?: FeatureFormat;
  /** one row per frame instead of one row per clip and version; CSV and Parquet only; default false */
  isLong?: boolean;
  /** clips whose features are in memory at the same time, and in a row group of Parquet; default 1024 */
  clipsPerBlock?: number;
  signal?: AbortSignal;
  onFeatures?: (progress: ExtractProgress) => void;
  /** folder of the feature store, or false for none; default `data/cache/features` */
  store?: string | false;
}

/** Result of {@link exportFeatures}. */
export interface ExportedFeatures {
  rows: number;
  /** columns with features */
  columns: number;
  /** clips without features */
  leftOut: LeftOut[];
}

/**
 * Writes the features of an experiment for other programs. Each row is one version of one clip: its path, SHA-256, corpus, speaker,
 * sentence, sex, emotion, version, the fold that tests it under the protocol of the config, and its number of frames; then one column per
 * coefficient and frame, such as `mfcc3@12`. Frames that a clip does not have are 0.
 *
 * Only a part of the features is in memory at any time. They are computed first, or read from the store, and then written.
 *
 * @param file - created or replaced; `.csv`, `.parquet` or `.npz`. An npz archive has the array `features`, shape [rows, columns], the names
 *   `columns`, and an array for each of the other columns
 * @throws {@link WorkbenchError} if no recording can be used, the protocol cannot split the clips, or the file cannot be written
 * @example
 * ```ts
 * await exportFeatures(corpora, experimentConfig('compact'), 'features.parquet'); // polars.read_parquet('features.parquet')
 * ```
 */
export async function exportFeatures(
  corpora: Corpora,
  config: Pick<ExperimentConfig, 'corpora' | 'labels' | 'features' | 'dataset'>,
  file: string,
  { format, isLong = false, ...options }: ExportFeaturesOptions = {},
): Promise<ExportedFeatures> {
  const chosen = formatFor(file, featureFormats, format);
  if (isLong && chosen === 'npz')
    throw new WorkbenchError('npz archives have one row per clip and version; write CSV or Parquet for one row per frame'); // prettier-ignore
  const wanted = corporaFor(corpora, config);
  const features = featureConfig(config.features);
  const { clips, leftOut } = await usableClips(wanted, features, options);
  const versions = Object.keys(features.versions);
  const rowsOf = await rowsWithFolds(clips, versions, { config, corpora: wanted, options });
  const source: Source = {
    clips,
    rowsOf,
    names: columnNames(features),
    frames: frameCount(features),
    sets: () => featureBlocks({ ...wanted, clips }, features, options),
  };
  const rows =
    chosen === 'npz'
      ? await writeArchive(file, source)
      : await writeTable(file, isLong ? longTable(source) : wideTable(source), chosen);
  return { rows, columns: source.names.length * (isLong ? 1 : source.frames), leftOut };
}

/** What is written. */
interface Source {
  clips: readonly Clip[];
  /** the rows of some clips, from `start` */
  rowsOf: (start: number, count: number) => LabelledRow[];
  /** of the coefficients */
  names: string[];
  /** frames of a full window */
  frames: number;
  /** the features of all clips, block by block */
  sets: () => AsyncGenerator<FeatureSet>;
}

/** A version of a clip. */
interface LabelledRow {
  clip: Clip;
  version: string;
  /** name of the fold that tests it; empty if none does */
  fold: string;
}

type BlockOptions = Omit<ExportFeaturesOptions, 'format' | 'isLong'>;

async function* featureBlocks(
  corpora: Pick<Corpora, 'clips' | 'fileOf'>,
  features: FeatureSet['config'],
  { clipsPerBlock = 1024, signal, onFeatures, store }: BlockOptions,
): AsyncGenerator<FeatureSet> {
  const { clips, fileOf } = corpora;
  for (let start = 0; start < clips.length; start += clipsPerBlock) {
    const block = { clips: clips.slice(start, start + clipsPerBlock), fileOf };
    yield await extractFeatures(block, features, {
      signal,
      store,
      onProgress: (progress) =>
        onFeatures?.({ ...progress, done: start + progress.done, total: clips.length }),
    });
  }
}

/** Computes all features once, so that they are in the store. */
async function usableClips(
  corpora: Corpora,
  features: FeatureSet['config'],
  options: BlockOptions,
): Promise<{ clips: Clip[]; leftOut: LeftOut[] }> {
  const clips: Clip[] = [];
  const leftOut: LeftOut[] = [];
  for await (const set of featureBlocks(corpora, features, options)) {
    clips.push(...set.clips);
    leftOut.push(...set.leftOut);
  }
  if (clips.length === 0) throw new WorkbenchError('none of the recordings could be used');
  return { clips, leftOut };
}

/** The rows with the folds that experiments with the same config have. */
async function rowsWithFolds(
  clips: Clip[],
  versions: string[],
  {
    config: { dataset },
    corpora,
    options: { signal, onFeatures },
  }: { config: Pick<ExperimentConfig, 'dataset'>; corpora: Corpora; options: BlockOptions },
): Promise<Source['rowsOf']> {
  const { protocol } = dataset;
  // Only these folds keep recordings with the same audio together.
  const nearDuplicates =
    protocol === 'clips' ? await findNearDuplicates({ clips }, corpora, { signal, onFeatures }) : undefined;
  const splits = makeSplits({ clips, versions }, { ...dataset, nearDuplicates });
  // Under paper-rows, versions of a clip are on both sides. Otherwise only originals are tested, and other versions belong to their fold.
  const unit = protocol === 'paper-rows' ? 1 : versions.length;
  const foldOf = new Map<number, string>();
  for (const { name, test } of splits) for (const row of test) foldOf.set(Math.floor(row / unit), name);
  return (start, count) =>
    clips.slice(start, start + count).flatMap((clip, i) =>
      versions.map((version, k) => {
        const row = (start + i) * versions.length + k;
        return { clip, version, fold: foldOf.get(Math.floor(row / unit)) ?? '' };
      }),
    );
}

/** Columns with labels, and their values. */
const labels: Readonly<Record<string, (row: LabelledRow) => string | undefined>> = {
  path: ({ clip }) => clip.path,
  sha256: ({ clip }) => clip.sha256,
  corpus: ({ clip }) => clip.corpus,
  speaker: ({ clip }) => clip.speaker,
  sentence: ({ clip }) => clip.sentence,
  sex: ({ clip }) => clip.sex,
  emotion: ({ clip }) => clip.emotion,
  version: ({ version }) => version,
  fold: ({ fold }) => fold,
};
const labelColumns = Object.keys(labels).map((name): DataColumn => ({ name, type: 'text' }));
const labelsOf = (rows: readonly LabelledRow[]): string[][] =>
  Object.values(labels).map((of) => rows.map((row) => of(row) ?? ''));

const wideNames = ({ names, frames }: Source): string[] =>
  Array.from({ length: frames }, (_, frame) => names.map((name) => `${name}@${frame}`)).flat();

/** One row per version of a clip. */
function wideTable(source: Source): DataTable {
  const names = wideNames(source);
  return {
    columns: [
      ...labelColumns,
      { name: 'frames', type: 'integer' },
      ...names.map((name): DataColumn => ({ name, type: 'float' })),
    ],
    blocks: (async function* () {
      let start = 0;
      for await (const { clips, data, frames } of source.sets()) {
        const rows = source.rowsOf(start, clips.length);
        yield [...labelsOf(rows), frames, ...columnsOf(data, names.length)];
        start += clips.length;
      }
    })(),
  };
}

/** One row per frame of each version of a clip. */
function longTable(source: Source): DataTable {
  const { names } = source;
  return {
    columns: [
      ...labelColumns,
      { name: 'frame', type: 'integer' },
      ...names.map((name): DataColumn => ({ name, type: 'float' })),
    ],
    blocks: (async function* () {
      let start = 0;
      for await (const { clips, data, frames, shape } of source.sets()) {
        const rows = source.rowsOf(start, clips.length);
        const repeated = rows.flatMap((row, i) => Array<LabelledRow>(frames[i]).fill(row));
        const values = new Float32Array(repeated.length * names.length);
        let at = 0;
        for (const [row, count] of frames.entries()) {
          const first = row * shape[2] * names.length;
          values.set(data.subarray(first, first + count * names.length), at);
          at += count * names.length;
        }
        const frame = Int32Array.from(Array.from(frames, (count) => [...Array(count).keys()]).flat());
        yield [...labelsOf(repeated), frame, ...columnsOf(values, names.length)];
        start += clips.length;
      }
    })(),
  };
}

/** The columns of a matrix. */
function columnsOf(data: Float32Array, width: number): ColumnValues[] {
  const rows = data.length / width;
  return Array.from({ length: width }, (_, column) => {
    const values = new Float32Array(rows);
    for (let row = 0; row < rows; row++) values[row] = data[row * width + column];
    return values;
  });
}

async function writeArchive(file: string, source: Source): Promise<number> {
  const rows = source.rowsOf(0, source.clips.length);
  const columns = wideNames(source);
  const frames = new Int32Array(rows.length);
  const features = async function* () {
    let row = 0;
    for await (const set of source.sets()) {
      frames.set(set.frames, row);
      row += set.frames.length;
      yield bytesOf(set.data);
    }
  };
  const texts = labelsOf(rows);
  await writeNpz(file, [
    { name: 'features', descr: '<f4', shape: [rows.length, columns.length], pieces: features() },
    textArray('columns', columns),
    ...Object.keys(labels).map((name, i) => textArray(name, texts[i])),
    integerArray('frames', frames), // after the features, which give their values
  ]);
  return rows.length;
}

/**
 * Writes the paper's feature table as CSV: a row for each version of each clip, with the values of `flatPaperLayout` in columns
 * 0, 1, 2… and the emotion in the last. The paper's configuration gives 2,377 columns.
 *
 * Numbers are exact (float32). The file is five times as large as that of {@link exportNpy} and takes a hundred times as long.
 *
 * @param path - created or replaced atomically, with its folder
 */
export async function exportCsv(set: FeatureSet, path: string): Promise<void> {
  await writeStreamAtomic(path, csvLines(set));
}

function* csvLines(set: FeatureSet): Generator<string> {
  const [clips, versions, frames, coefficients] = set.shape;
  const values = new Float32Array(frames * coefficients);
  yield `${[...values.keys(), 'emotion'].join()}\n`;
  for (let row = 0; row < clips * versions; row++) {
    flatPaperRow(set, row, values);
    const numbers = Array.from(values, floatText);
    yield `${numbers.join()},${set.clips[Math.floor(row / versions)].emotion}\n`;
  }
}

/** Values in a piece of the file: 4 MB. */
const pieceLength = 2 ** 20;

/**
 * Writes an array in NumPy's format: `np.load(path)` returns it as float32.
 *
 * @param array - a feature set, or any of its layouts
 * @example
 * ```ts
 * await exportNpy(await extractFeatures(corpora), 'features.npy');
 * ```
 */
export async function exportNpy(
  array: Pick<FeatureSet, 'data'> & { shape: readonly number[] },
  path: string,
): Promise<void> {
  await writeStreamAtomic(path, npyPieces(array.data, array.shape));
}

function* npyPieces(data: Float32Array, shape: readonly number[]): Generator<Uint8Array> {
  yield npyHeader('<f4', shape);
  for (let i = 0; i < data.length; i += pieceLength) yield bytesOf(data.subarray(i, i + pieceLength));
}
