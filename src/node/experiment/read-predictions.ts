import { basename, extname } from 'node:path';
import {
  type Clip,
  intensities,
  type Intensity,
  countOf,
  firstOf,
  formatCount,
  InvalidFileError,
  orderClasses,
  printable,
  type Sex,
  quoted,
} from '../../core/base';
import type { TrainingOverlap } from '../../core/dataset';
import { type Predictions, underProtocol } from '../../core/evaluation';
import type { Corpora, TableLine } from '../corpora';
import {
  type ColumnRole,
  columnsOf,
  labelReader,
  probabilityColumns,
  readPredictionTable,
  readProbabilities,
  suggestion,
  testLines,
} from './prediction-table';
import { auditList, type FindClip, type RowNames, samePath, speakerName } from './training-list';

const maxClasses = 100;

/** Options of {@link readPredictions}. */
export interface ReadPredictionsOptions {
  /** file that lists the training clips or speakers, for the audit of the split */
  trainingList?: string;
  /** corpora that contain the clips: adds speakers, sentences and other properties that the file does not state */
  corpora?: Corpora;
  signal?: AbortSignal;
}

/** The predictions of another program. */
export interface ExternalPredictions {
  predictions: Predictions;
  /** what training and test data have in common; absent if nothing is known about the training data */
  overlap?: TrainingOverlap;
}

/**
 * Reads a table of predictions: one line per clip with its path or id, its actual class, and the predicted class or one probability per
 * class. The columns are `path` (or `file`, `clip`, `id`), `actual` (or `label`, `emotion`, `true`), `predicted`, `p_CLASS` (or `CLASS`), and
 * optionally `speaker`, `corpus`, `sentence`, `sex`, `age`, `sha256`, `fold`, `seed` and `split`; data/README.md describes them.
 *
 * @param path - a CSV or Parquet file
 * @throws {@link InvalidFileError} with line, column, value and remedy, if it cannot be scored
 * @example
 * ```ts
 * const { predictions, overlap } = await ser.readPredictions('predictions.csv', { trainingList: 'training.csv' });
 * console.log(ser.evaluation.formatPredictionScores(ser.evaluation.scorePredictions(predictions, { overlap })));
 * ```
 */
export async function readPredictions(
  path: string,
  { trainingList, corpora, signal }: ReadPredictionsOptions = {},
): Promise<ExternalPredictions> {
  const table = await readPredictionTable(path);
  const columns = columnsOf(table);
  const { lines, leftOut, fold } = testLines(path, table, columns);
  const labels = labelReader(columns);
  const classColumns = probabilityColumns(path, table, lines, columns, labels);
  const classes = orderClasses(
    classColumns?.keys() ?? lines.flatMap((line) => [labels.actual(line), labels.predicted(line)]),
  ).filter((name) => name !== '');
  if (classes.length > maxClasses)
    throw new InvalidFileError(
      path,
      `it must have at most ${maxClasses} classes, got ${formatCount(classes.length)} (${firstOf(classes, 5)}); ` +
        `is ${columns.actual} the column of the actual class?`,
    );

  const corpusName = basename(path, extname(path));
  const find = corpora && clipFinder(corpora);
  const clips: Clip[] = [];
  const names = new Map<Clip, RowNames>();
  const probabilities = new Float32Array(lines.length * classes.length);
  const problems: string[] = [];
  const lineOfKey = new Map<string, TableLine>();
  const labelOfClip = new Map<string, { label: string; line: number }>();
  let disagreeing = 0;
  let relabelled = 0;
  let matched = 0;
  const splits: string[] = [];
  const splitOf = new Int32Array(lines.length);
  const seedOf = new Int32Array(lines.length);
  const cell = (line: TableLine, role: ColumnRole): string =>
    columns[role] === undefined ? '' : line.cell(columns[role]);
  for (const [row, line] of lines.entries()) {
    const report = (problem: string): void => void problems.push(`line ${line.line}: ${problem}`);
    if (line.problem !== undefined) report(line.problem);
    const id = cell(line, 'id').replaceAll('\\', '/').replace(/^\.\//, '');
    if (id === '') report(`${columns.id} must not be empty`);
    const actual = labels.actual(line);
    if (actual === '') report(`${columns.actual} must not be empty`);
    else if (!classes.includes(actual))
      report(
        `${columns.actual} must be a class with a column of probabilities (${firstOf(classes, 20)}), got ${quoted(actual)}; ` +
          (suggestion(actual, classes) ?? `add the column p_${actual}, or leave out the clip`),
      );
    const own = probabilities.subarray(row * classes.length, (row + 1) * classes.length);
    const predicted = labels.predicted(line);
    if (classColumns) {
      const problem = readProbabilities(line, classColumns, classes, own);
      if (problem !== undefined) report(problem);
      else if (predicted !== '') {
        const k = classes.indexOf(predicted);
        if (k < 0)
          report(
            `${columns.predicted} must be a class with a column of probabilities (${firstOf(classes, 20)}), got ${quoted(predicted)}` +
              (suggestion(predicted, classes, '; ') ?? ''),
          );
        else if (own[k] < Math.max(...own)) disagreeing++;
      }
    } else if (predicted === '') report(`${columns.predicted} must not be empty`);
    else own[classes.indexOf(predicted)] = 1;

    const foldName = fold === undefined ? 'all' : line.cell(fold);
    if (foldName === '') report(`${fold} must not be empty`);
    if (!splits.includes(foldName)) splits.push(foldName);
    splitOf[row] = splits.indexOf(foldName);
    const seed = Number(cell(line, 'seed') || 0);
    if (!Number.isSafeInteger(seed)) report(`seed must be an integer, got ${quoted(cell(line, 'seed'))}`);
    seedOf[row] = seed;
    const key = JSON.stringify([id, foldName, seed, cell(line, 'version')]);
    const before = lineOfKey.get(key);
    if (before)
      report(
        `${columns.id} ${quoted(id)} is the same as in line ${before.line}; each clip may occur once, or once per fold and seed ` +
          '(columns fold and seed)',
      );
    lineOfKey.set(key, line);
    const labelled = labelOfClip.get(id);
    if (labelled && labelled.label !== actual)
      report(
        `${columns.actual} of ${quoted(id)} must be ${labelled.label} as in line ${labelled.line}, got ${quoted(actual)}`,
      );
    labelOfClip.set(id, { label: actual, line: line.line });

    const found = find?.(id, cell(line, 'sha256'));
    if (found) {
      matched++;
      if (found.emotion !== actual) relabelled++;
    }
    const corpus = cell(line, 'corpus') || (found?.corpus ?? corpusName);
    const speaker = cell(line, 'speaker');
    const raw = { speaker, corpus: cell(line, 'corpus'), sentence: cell(line, 'sentence'), found };
    const clip: Clip = {
      sampleRate: NaN,
      channels: NaN,
      durationSec: NaN,
      sha256: cell(line, 'sha256').toLowerCase(),
      ...found,
      path: id,
      label: actual,
      emotion: actual,
      corpus,
      ...(speaker !== '' && { speaker: speakerName(raw.speaker, raw.corpus) }),
      ...(raw.sentence !== '' && { sentence: raw.sentence }),
      ...sexOf(cell(line, 'sex')),
      ...ageOf(cell(line, 'age')),
      ...othersOf(cell(line, 'race'), cell(line, 'intensity'), Number(cell(line, 'duration'))),
    };
    clips.push(clip);
    names.set(clip, raw);
  }
  if (problems.length > 0)
    throw new InvalidFileError(
      path,
      problems.slice(0, 3).join('; ') +
        (problems.length > 3 ? `; and ${countOf(problems.length - 3, 'more problem')}` : ''),
    );
  if (find && matched === 0)
    throw new InvalidFileError(
      path,
      `none of its clips (${clips[0].path}, …) is in the chosen corpora; leave out --corpora, or use their paths`,
    );
  const actualClasses = new Set(clips.map(({ emotion }) => emotion));
  const wrong = classColumns ? [] : classes.filter((name) => !actualClasses.has(name));
  const warnings = [
    ...table.remarks,
    ...(disagreeing > 0
      ? [
          `in ${countOf(disagreeing, 'row')} ${columns.predicted} is not the class with the highest probability, which is scored; ` +
            'leave out the columns of probabilities to score the predicted class',
        ]
      : []),
    ...(wrong.length > 0
      ? [`predicted, but never the actual class: ${firstOf(wrong.map(printable), 7)}`]
      : []),
    ...(actualClasses.size === 1 ? [`all clips are labelled ${[...actualClasses].join()}`] : []),
    ...(relabelled > 0 ? [`${countOf(relabelled, 'clip')} have another label in the corpora`] : []),
    ...(find && matched < clips.length
      ? [`${countOf(clips.length - matched, 'row')} of clips that are not in the chosen corpora`]
      : []),
  ];
  const predictions: Predictions = {
    ...underProtocol('external'),
    classes,
    clips,
    actual: Int32Array.from(clips, ({ emotion }) => classes.indexOf(emotion)),
    probabilities,
    splitOf,
    splits,
    ...(new Set(seedOf).size > 1 && { seedOf }),
    ...(!classColumns && { isHard: true }),
    ...(leftOut.length > 0 && { leftOut }),
    ...(warnings.length > 0 && { warnings }),
  };
  const overlap = await auditList(predictions, names, { file: path, trainingList, corpora, find, signal });
  if (!overlap) return { predictions };
  return { predictions: { ...predictions, isLeaky: overlap.audit.isLeaky }, overlap };
}

function sexOf(text: string): { sex?: Sex } {
  const letter = text.toLowerCase().at(0);
  if (letter === 'f' || letter === 'w') return { sex: 'female' };
  return letter === 'm' ? { sex: 'male' } : {};
}

const ageOf = (text: string): { age?: number } =>
  text !== '' && Number(text) >= 0 && Number(text) <= 120 ? { age: Number(text) } : {};

const othersOf = (race: string, intensity: string, durationSec: number): Partial<Clip> => ({
  ...(race !== '' && { race }),
  ...((intensities as readonly string[]).includes(intensity) && { intensity: intensity as Intensity }),
  ...(durationSec > 0 && { durationSec }),
});

/** Finds clips by SHA-256, or by a path that may start at another folder. */
function clipFinder({ clips }: Corpora): FindClip {
  const byHash = new Map(clips.map((clip) => [clip.sha256, clip]));
  const byPath = samePath(clips.map(({ path }) => path));
  const clipAt = new Map(clips.map((clip) => [clip.path, clip]));
  return (id, sha256) => {
    const path = byPath(id);
    return (path === undefined ? undefined : clipAt.get(path)) ?? byHash.get(sha256.toLowerCase());
  };
}
