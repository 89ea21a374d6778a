import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  canonicalJson,
  formatCount,
  InvalidArgumentError,
  messageOf,
  printable,
  sha256Hex,
  shorten,
} from '../../core/base';
import {
  configDifferences,
  type DatasetConfig,
  experimentConfig,
  type OptionPath,
  optionsOf,
  valueText,
} from '../../core/config';
import { protocolMark } from '../../core/evaluation';
import type { EpochRecord } from '../../core/network';
import {
  explainFileError,
  openFolder,
  parquetBytes,
  paths,
  removeAbandoned,
  writeFileAtomic,
  writeNew,
} from '../files';
import { recordProblem } from './record-schema';
import { predictionsFileName, predictionsTable, type RunPredictions } from './run-predictions';
import type { RunRecord } from './run-record';

/** A run record and the name of its file. */
export type StoredRun = RunRecord & { file: string };

/**
 * Writes a run record to a new file, completely or not at all, after the predictions that belong to it. The file name contains start
 * time, preset (of an ensemble all presets) and config hash; an existing file is never overwritten.
 *
 * @param folder - default `runs/`, which git ignores
 * @param options.saveFirst - saves files that belong to the record, such as its models, before the record is written; called with the path
 *   of the record, and again with another path if another process has taken the first
 * @param options.predictions - stored as Parquet next to the record, which states their SHA-256
 * @param options.file - name of the file, if an earlier call was killed; an existing record of this name is complete and is kept
 * @returns path of the file
 * @throws WorkbenchError with path and remedy, for example if the disk is full
 */
export async function writeRunRecord(
  record: RunRecord,
  folder: string = paths.runs,
  {
    saveFirst,
    predictions,
    file,
  }: { saveFirst?: (path: string) => Promise<void>; predictions?: RunPredictions; file?: string } = {},
): Promise<string> {
  openFolder(folder);
  removeAbandoned(folder, olderTemporaryFiles);
  const bytes = predictions && (await parquetBytes(predictionsTable(predictions)));
  for (let copy = 1; ; copy++) {
    const path = join(folder, file ?? runFileName(record, copy));
    const predictionsPath = join(folder, predictionsFileName(basename(path)));
    const places = [path, path.replace(/\.json$/, ''), predictionsPath];
    if (file === undefined && places.some((place) => existsSync(place))) continue;
    if (file !== undefined && existsSync(path)) return path;
    await saveFirst?.(path);
    // The file of an earlier call that was killed is replaced.
    if (bytes && file !== undefined) await writeFileAtomic(predictionsPath, bytes);
    else if (bytes && !(await writeNew(predictionsPath, bytes))) continue;
    const stored = bytes && {
      predictions: {
        file: basename(predictionsPath),
        sha256: sha256Hex(bytes),
        rows: predictions.clips.length,
      },
    };
    const text = `${JSON.stringify({ ...record, ...stored }, nanToText, 2)}\n`;
    if ((await writeNew(path, text)) || file !== undefined) return path;
    if (bytes) await rm(predictionsPath);
  }
}

/** The name of a record's file; `copy` distinguishes runs of the same second. */
export function runFileName({ started, config, hash, members }: RunRecord, copy = 1): string {
  const presets = members
    ? [...new Set(members.map((member) => member.name)), 'ensemble'].join('-')
    : config.name;
  const time = started.slice(0, 19).replaceAll(':', '-');
  return `${time}-${presets}-${hash.slice(0, 8)}${copy > 1 ? `-${copy}` : ''}.json`;
}

/** Temporary files of records, as older versions named them. */
const olderTemporaryFiles = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/**
 * Reads the run records of a folder.
 *
 * @param folder - default `runs/`
 * @returns the records, oldest first, and the files that are not valid records, with the reason; both empty if the folder does not exist
 * @example
 * ```ts
 * const { records } = await readRunRecords();
 * ```
 */
export async function readRunRecords(
  folder: string = paths.runs,
): Promise<{ records: StoredRun[]; skipped: { file: string; reason: string }[] }> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw explainFileError(error, folder);
  });
  const records: StoredRun[] = [];
  const skipped: { file: string; reason: string }[] = [];
  for (const file of names.filter((name) => name.endsWith('.json')).sort()) {
    try {
      records.push({ ...checkRecord(await readJson(join(folder, file))), file });
    } catch (error) {
      skipped.push({ file, reason: shorten(printable(messageOf(error)), 300) });
    }
  }
  return { records: records.sort((a, b) => (a.started < b.started ? -1 : 1)), skipped };
}

/** Maximum size of a record; typical records have about 100 kB. */
const maxBytes = 50e6;

async function readJson(path: string): Promise<unknown> {
  try {
    const file = await stat(path);
    if (!file.isFile()) throw new Error('it is not a file');
    if (file.size > maxBytes)
      throw new Error(
        `it has ${formatCount(file.size)} bytes, and a record at most ${formatCount(maxBytes)}`,
      );
    return JSON.parse(await readFile(path, 'utf8'), textToNan);
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/** Options that an old config lacks have the default of its preset. */
function checkRecord(value: unknown): RunRecord {
  if (typeof value !== 'object' || value === null || !('format' in value))
    throw new Error('it is not a run record');
  const problem = recordProblem(value);
  if (problem !== undefined) throw new Error(`it is not a run record: ${problem}`);
  const record = value as RunRecord;
  return { ...record, config: experimentConfig(record.config) };
}

/** Lists skipped files in at most five lines; an empty string if there are none. */
export function formatSkippedRecords(skipped: readonly { file: string; reason: string }[]): string {
  if (skipped.length === 0) return '';
  const shown = skipped.slice(0, 3).map(({ file, reason }) => `  ${printable(file)}: ${reason}`);
  const more =
    skipped.length > shown.length ? [`  … and ${formatCount(skipped.length - shown.length)} more`] : [];
  const head = `${formatCount(skipped.length)} ${skipped.length === 1 ? 'file is not a' : 'files are not'} valid run record${skipped.length === 1 ? '' : 's'}:`;
  return [head, ...shown, ...more].join('\n');
}

// JSON has no NaN, for example for the interval of a single speaker.
const nanToText = (_key: string, value: unknown): unknown => (Number.isNaN(value) ? 'NaN' : value);
const textToNan = (_key: string, value: unknown): unknown => (value === 'NaN' ? NaN : value);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/**
 * Finds the first run with a given part in its file name, or by the path of its record.
 *
 * @throws {@link InvalidArgumentError} if there is none; lists the available runs
 */
export function findRun<Run extends { file: string }>(runs: readonly Run[], part: string): Run {
  const name = basename(part);
  const found = runs.find(({ file }) => file.includes(name));
  if (found) return found;
  const known = runs.map(({ file }) => file).join(', ') || 'there are none';
  throw new InvalidArgumentError('RUN', `part of the file name of a scored run (${known})`, part);
}

/** File systems allow 255 bytes, and temporary files have longer names. */
const maxNameBytes = 160;

/**
 * Converts the name of a split to a file name: `fold 1, sentences A` becomes `fold-1-sentences-A`. If characters other than spaces and commas
 * are replaced, or the name is shortened, part of the name's hash is appended, so that `Ann/Bob` and `Ann:Bob` differ.
 */
export function splitFileName(split: string): string {
  const name = split.replace(/[^\p{L}\p{N}_+-]+/gu, '-');
  const isLong = Buffer.byteLength(name) > maxNameBytes;
  if (/^[\p{L}\p{N}_+\-, ]+$/u.test(split) && !isLong) return name;
  const start = isLong ? name.slice(0, maxNameBytes / 4) : name; // a character has at most four bytes
  return `${start}-${createHash('sha256').update(split).digest('hex').slice(0, 8)}`;
}

/**
 * Compares runs in a table, one row per run: the options in which they differ (with several presets: the preset and its changed options), the
 * data if it differs, scores with their protocol, and the name of the record.
 *
 * @param runs - records from `readRunRecords`
 * @returns rows for `showTable`
 * @example
 * ```ts
 * ser.showTable(ser.runTable((await ser.readRunRecords()).records));
 * ```
 */
export function runTable(runs: readonly StoredRun[]): object[] {
  const hasOnePreset = new Set(runs.map(({ config }) => config.name)).size <= 1;
  const isShown = (option: OptionPath): boolean => option !== 'dataset.protocol'; // shown with the scores
  const differing = differingOptions(runs).filter(isShown);
  const setup = ({ config }: StoredRun): object =>
    hasOnePreset
      ? Object.fromEntries(differing.map((option) => [option, plainValue(optionsOf(config).get(option))]))
      : {
          preset: config.name,
          changes: configDifferences(config)
            .filter(({ option }) => isShown(option))
            .map(({ option, value }) => `${option}=${valueText(value)}`)
            .join(' '),
        };
  const data = new Set(runs.map((run) => run.data?.fingerprint));
  const areEnsembles = runs.some(({ members }) => members);
  return runs.map((run) => ({
    ...setup(run),
    ...(data.size > 1 && { data: run.data && `${run.data.source} (${run.data.fingerprint.slice(0, 6)})` }),
    ...(areEnsembles && { ensemble: run.members?.map(({ name, seed }) => `${name} ${seed}`).join(', ') }),
    uar: scoreOf(run, 'uar'),
    accuracy: scoreOf(run, 'accuracy'),
    protocol: run.report ? protocolMark(run.report) : run.config.dataset.protocol,
    validationUar: run.validation?.uar,
    macroF1: scoreOf(run, 'macroF1'),
    epochs: run.splits.reduce((sum, { history }) => sum + history.length, 0),
    seconds: run.seconds && Math.round(run.seconds.all),
    status: run.reason === undefined ? run.status : `${run.status}: ${run.reason}`,
    run: run.file.replace(/\.json$/, ''),
  }));
}

const scoreOf = ({ report }: StoredRun, metric: 'uar' | 'accuracy' | 'macroF1'): number | undefined =>
  report?.pooled.scores[metric]?.value;

/** Numbers unchanged, other values as text. */
const plainValue = (value: unknown): unknown => (typeof value === 'number' ? value : valueText(value));

/** The learning curve of one split of a run. */
export interface RunCurve {
  /** the options that distinguish the run, and the split if there are several */
  name: string;
  run: string;
  split: string;
  /** one record per epoch */
  history: readonly EpochRecord[];
}

/**
 * Collects the learning curves of all splits of several runs. Classifiers without epochs have none.
 *
 * @returns curves for `ser.figures.trainingCurves`, named by the options in which the runs differ
 */
export function runCurves(runs: readonly StoredRun[]): RunCurve[] {
  const differing = differingOptions(runs);
  return runs.flatMap(({ file, config, splits }) => {
    const options = optionsOf(config);
    const run = file.replace(/\.json$/, '');
    const label = differing.map((option) => `${option}=${valueText(options.get(option))}`).join(' ');
    return splits
      .filter(({ history }) => history.length > 0)
      .map(({ name, history }) => ({
        name: [label || run, ...(splits.length > 1 ? [name] : [])].join(', '),
        run,
        split: name,
        history,
      }));
  });
}

/** The options in which the runs differ. */
export function differingOptions(runs: readonly Pick<RunRecord, 'config'>[]): OptionPath[] {
  const all = runs.map(({ config }) => optionsOf(config));
  const paths = [...(all.at(0)?.keys() ?? [])];
  return paths.filter((path) => new Set(all.map((options) => canonicalJson(options.get(path)))).size > 1);
}

/** The recordings of a run as text: `RAVDESS, SAVEE, 1,920 clips` or `synthetic demo, 820 clips`. */
export function recordSource({
  data,
  config: { corpora, dataset },
}: Required<Pick<RunRecord, 'data'>> & Pick<RunRecord, 'config'>): string {
  const part = isWholeRun(dataset) ? '' : `, ${foldName(dataset)} only`;
  if (corpora === 'all') return `${data.source}${part}`;
  const kind = isSyntheticRun({ data })
    ? 'synthetic demo: '
    : data.source.includes('(sample)')
      ? 'samples of '
      : '';
  return `${kind}${corpora.join(', ')}, ${formatCount(data.clips)} clips${part}`;
}

/** Whether the run includes all folds of its protocol. */
export function isWholeRun({ fold, protocol }: DatasetConfig): boolean {
  return fold === 'all' || protocol === 'paper-rows' || protocol === 'cross-corpus';
}

/** The fold of a run of a single fold: `fold 2`, or a name. */
export function foldName({ fold }: DatasetConfig): string {
  return /^\d+$/.test(fold) ? `fold ${fold}` : fold;
}

/** Whether the run uses the synthetic demo corpus. */
export function isSyntheticRun({ data }: Pick<RunRecord, 'data'>): boolean {
  return data?.source.startsWith('synthetic demo') ?? false;
}
