import { existsSync, readdirSync, statSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Clip, corpusNames, formatCount, InvalidFileError, messageOf } from '../../core/base';
import {
  caveatsOf,
  checkPredictions,
  confusionMatrix,
  predictedClasses,
  scaleByTemperature,
  scoreReport,
  type SplitTemperature,
} from '../../core/evaluation';
import { manifestClips } from '../corpora';
import {
  type ColumnValues,
  type DataColumn,
  parquetBytes,
  readParquet,
  singleBlock,
  writeFileAtomic,
} from '../files';
import { predictionsFileName, readRunPredictions, type RunPredictions } from '../runs';
import type { FoundRun } from './figure-runs';
import { readSidecars } from './gallery-item';

/** Limits of the files in `figures/predictions`, bytes. */
const maxBytes = { each: 250_000, all: 8_000_000 };

/** Committed probabilities are multiples of 1 / this. */
const units = 10_000;

/** Folder of a gallery's run records. */
export const recordsIn = (folder: string): string => join(folder, 'records');

/** Folder of a gallery's predictions. */
const predictionsIn = (folder: string): string => join(folder, 'predictions');
/** The name of the committed predictions of a record. */
const compactName = (record: string): string => record.replace(/\.json$/, '.parquet');

/** The clips of the committed manifests, in order. */
const allManifestClips = (): Clip[] => corpusNames.flatMap((corpus) => manifestClips(corpus));

/**
 * Runs with their stored predictions, where there are any. Probabilities are rounded as in committed files, so that the same figures are
 * drawn before and after they are committed.
 */
export function withPredictions(runs: readonly FoundRun[]): Promise<FoundRun[]> {
  return Promise.all(
    runs.map(async (run) => {
      const stored = await predictionsOf(run);
      if (!stored) return run;
      const probabilities = Float32Array.from(roundedProbabilities(stored), (value) => value / units);
      return { ...run, stored: { ...stored, probabilities } };
    }),
  );
}

/**
 * The predictions of a run: those stored next to its record, or for a record in `figures/records` those in `figures/predictions`.
 *
 * @returns undefined if there are none
 * @throws {@link InvalidFileError} if they do not belong to the record
 */
async function predictionsOf(run: FoundRun): Promise<RunPredictions | undefined> {
  const folder = dirname(run.path);
  if (!run.report) return undefined;
  if (run.predictions && existsSync(join(folder, predictionsFileName(run.file))))
    return readRunPredictions(run, { records: folder });
  const compact = join(predictionsIn(dirname(folder)), compactName(run.file));
  return existsSync(compact) ? readCompact(compact, run) : undefined;
}

/**
 * Writes the predictions of a run to `predictions` in a gallery, compactly: clips by their row in the manifests, and probabilities to
 * 0.0001. The predicted classes, and so all scores, stay the same.
 *
 * @returns the path; undefined if a clip is in no manifest
 */
export async function writeCompact(
  predictions: RunPredictions,
  { file }: Pick<FoundRun, 'file'>,
  gallery: string,
): Promise<string | undefined> {
  const { classes, clips, actual, splits, splitOf, temperatures, versionOf } = predictions;
  const rowOf = new Map(allManifestClips().map(({ path, sha256 }, row) => [`${path} ${sha256}`, row]));
  const rows = clips.map(({ path, sha256 }) => rowOf.get(`${path} ${sha256}`) ?? -1);
  if (rows.includes(-1)) return undefined;
  const versions = [...new Set(versionOf)];
  const rounded = roundedProbabilities(predictions);
  const columns: [name: string, values: ColumnValues][] = [
    ['clip', Int32Array.from(rows)],
    ['version', Int32Array.from(versionOf, (name) => versions.indexOf(name))],
    ['fold', splitOf],
    ['actual', actual],
    // The last probability is the rest.
    ...classes
      .slice(0, -1)
      .map((name, k): [string, Int32Array] => [
        `p_${name}`,
        Int32Array.from(rows, (_, row) => rounded[row * classes.length + k]),
      ]),
  ];
  const bytes = await parquetBytes({
    columns: columns.map(([name]): DataColumn => ({ name, type: 'integer' })),
    blocks: singleBlock(columns.map(([, values]) => values)),
    metadata: { about: JSON.stringify({ classes, folds: splits, versions, temperatures }) },
  });
  const path = join(predictionsIn(gallery), compactName(file));
  await writeFileAtomic(path, bytes);
  return path;
}

/** Probabilities in units that sum to {@link units} in each row, with the same predicted class. */
function roundedProbabilities(predictions: Pick<RunPredictions, 'probabilities' | 'classes'>): Int32Array {
  const { probabilities, classes } = predictions;
  const size = classes.length;
  const out = new Int32Array(probabilities.length);
  for (const [row, best] of predictedClasses(predictions).entries()) {
    const given = probabilities.subarray(row * size, (row + 1) * size);
    const sum = given.reduce((total, value) => total + value, 0);
    const exact = Array.from(given, (value) => (value / sum) * units);
    const own = out.subarray(row * size, (row + 1) * size);
    own.set(exact.map(Math.floor));
    const order = [...exact.keys()].sort((a, b) => exact[b] - own[b] - (exact[a] - own[a]));
    const missing = units - own.reduce((total, value) => total + value, 0);
    for (let i = 0; i < missing; i++) own[order[i % size]]++;
    for (let highest = own.indexOf(Math.max(...own)); highest !== best;) {
      own[highest]--;
      own[best]++;
      highest = own.indexOf(Math.max(...own));
    }
  }
  return out;
}

/** What the columns refer to. */
interface CompactMetadata {
  classes: string[];
  folds: string[];
  versions: string[];
  temperatures: SplitTemperature[];
}

async function readCompact(path: string, run: FoundRun): Promise<RunPredictions> {
  const { values, rows, metadata } = await readParquet(path, await readFile(path));
  const { classes, folds, versions, temperatures } = JSON.parse(metadata.about) as CompactMetadata;
  const column = (name: string): Int32Array => {
    const found = values.get(name);
    if (found instanceof Int32Array) return found;
    throw new InvalidFileError(path, `has no column ${name} with integers`);
  };
  const clips = allManifestClips();
  const [clipOf, actual, splitOf, version] = ['clip', 'actual', 'fold', 'version'].map(column);
  const ofClasses = classes.slice(0, -1).map((name) => column(`p_${name}`));
  const probabilities = new Float32Array(rows * classes.length);
  for (let row = 0; row < rows; row++) {
    let rest = units;
    for (const [k, own] of ofClasses.entries()) {
      probabilities[row * classes.length + k] = own[row] / units;
      rest -= own[row];
    }
    probabilities[(row + 1) * classes.length - 1] = rest / units;
  }
  const { protocol, protocolLabel, isLeaky } = run.report!;
  const temperatureOf = new Map(temperatures.map(({ split, temperature }) => [split, temperature]));
  const predictions: RunPredictions = {
    ...{ protocol, protocolLabel, isLeaky, ...caveatsOf(run) },
    ...{ classes, actual, splitOf, splits: folds, probabilities, temperatures },
    clips: Array.from(clipOf, (clip, row) => ({ ...clips[clip], emotion: classes[actual[row]] })),
    calibrated: Float32Array.from(
      Array.from(splitOf, (fold, row) => {
        const own = probabilities.subarray(row * classes.length, (row + 1) * classes.length);
        return [...scaleByTemperature(own, classes.length, temperatureOf.get(folds[fold]) ?? 1)];
      }).flat(),
    ),
    versionOf: Array.from(version, (k) => versions[k]),
  };
  checkPredictions(predictions);
  return predictions;
}

/**
 * Checks the predictions in a gallery: each file belongs to a record, is small enough, and gives exactly the scores, intervals and
 * confusion matrix of the record.
 *
 * @returns one line per problem
 */
export async function predictionProblems(gallery: string, runs: readonly FoundRun[]): Promise<string[]> {
  const folder = predictionsIn(gallery);
  if (!existsSync(folder)) return [];
  const problems: string[] = [];
  let total = 0;
  for (const name of readdirSync(folder).sort()) {
    const { size } = statSync(join(folder, name));
    total += size;
    const report = (problem: string): void => void problems.push(`predictions/${name}: ${problem}`);
    if (size > maxBytes.each)
      report(`it has ${formatCount(size)} bytes, and may have ${formatCount(maxBytes.each)}`);
    const run = runs.find(({ file }) => compactName(file) === name);
    if (!run) report('there is no record with this name in records/');
    else
      try {
        const problem = scoreProblem(run, await readCompact(join(folder, name), run));
        if (problem !== undefined) report(problem);
      } catch (error) {
        report(messageOf(error));
      }
  }
  if (total > maxBytes.all)
    problems.push(
      `predictions: all files have ${formatCount(total)} bytes, and may have ${formatCount(maxBytes.all)}`,
    );
  return problems;
}

function scoreProblem({ report, figures }: FoundRun, predictions: RunPredictions): string | undefined {
  if (!report || !figures) return 'its record has no scores';
  const { metrics, level, resamples } = report;
  const again = scoreReport(predictions, { metrics, level, resamples });
  for (const part of ['pooled', 'perCorpus', 'perSplit'] as const)
    if (!isDeepStrictEqual(again[part], report[part]))
      return `the scores of its record (${part}) do not follow from these predictions`;
  const isSame = isDeepStrictEqual([...confusionMatrix(predictions).counts], figures.confusion);
  return isSame ? undefined : 'the confusion matrix of its record does not follow from these predictions';
}

/**
 * Removes the records that no figure shows any more, with their predictions, unless they are listed in `figures.json` or a sidecar cannot be
 * read.
 *
 * @param list - the text of `figures.json`
 */
export async function removeUnusedRecords(gallery: string, list: string): Promise<void> {
  const { sidecars, problems } = await readSidecars(gallery);
  if (problems.length > 0) return;
  const used = new Set(sidecars.flatMap(({ records }) => records.map(({ file }) => file)));
  for (const file of await readdir(recordsIn(gallery)).catch(() => [])) {
    if (!file.endsWith('.json') || used.has(file) || list.includes(`"${file}"`)) continue;
    await rm(join(predictionsIn(gallery), compactName(file)), { force: true });
    await rm(join(recordsIn(gallery), file));
  }
}
