import { firstOf, InvalidFileError, type LeftOut, leftOutOf, nearestName, quoted } from '../../core/base';
import { readTable, type Table, type TableLine } from '../corpora';
import { readParquet } from '../files';

/** Names of the columns that are read, in any letter case; the first that is present is used. */
const predictionColumns = {
  id: ['path', 'file', 'filename', 'clip', 'id'],
  actual: ['actual', 'label', 'emotion', 'true', 'y_true', 'target'],
  predicted: ['predicted', 'prediction', 'pred', 'y_pred'],
  speaker: ['speaker', 'speaker_id'],
  corpus: ['corpus', 'dataset'],
  sentence: ['sentence'],
  fold: ['fold'],
  split: ['split'],
  seed: ['seed'],
  version: ['version'],
  sex: ['sex', 'gender'],
  age: ['age'],
  sha256: ['sha256'],
  race: ['race'],
  intensity: ['intensity'],
  duration: ['duration_sec', 'duration'],
} as const;
export type ColumnRole = keyof typeof predictionColumns;

/** A column of probabilities by its prefix: `p_angry`, `probability_angry`. */
const prefixed = /^(?:p|prob|proba|probability)[_ .:-](.+)$/;

/** Probabilities may be rounded to two digits. */
const sumTolerance = 0.02;

/** Reads the lines of a file of predictions; the only place that depends on its format. */
export async function readPredictionTable(path: string): Promise<Table> {
  const required = [predictionColumns.id, predictionColumns.actual];
  if (!/\.parquet$/i.test(path)) return readTable(path, { required, optional: 'all' });
  const { values, rows } = await readParquet(path);
  const columns = new Map([...values].map(([name, own]) => [name.toLowerCase(), own]));
  const missing = required.find((names) => !names.some((name) => columns.has(name)));
  if (missing)
    throw new InvalidFileError(
      path,
      `it must have the column ${missing.join(' or ')}, found: ${firstOf([...columns.keys()], 20)}`,
    );
  if (rows === 0) throw new InvalidFileError(path, 'it has no rows');
  const lines = Array.from({ length: rows }, (_, row): TableLine => ({
    line: row + 1,
    cell: (column) => {
      const value = columns.get(column)?.[row] ?? '';
      return Number.isNaN(value) ? '' : String(value);
    },
  }));
  return { columns: [...columns.keys()], lines, remarks: [] };
}

export type Columns = Partial<Record<ColumnRole, string>> & { id: string; actual: string };

export function columnsOf({ columns }: Table): Columns {
  const entries = Object.entries(predictionColumns).map(([role, names]) => [
    role,
    names.find((name) => columns.includes(name)),
  ]);
  return Object.fromEntries(entries.filter(([, name]) => name !== undefined)) as Columns;
}

const parts = new Map(
  Object.entries({
    train: ['train', 'training'],
    validation: ['validation', 'valid', 'val', 'dev', 'development'],
    test: ['test', 'testing', 'eval'],
  }).flatMap(([part, names]) => names.map((name): [string, string] => [name, part])),
);

/** The lines of test clips, and the column of the fold. A column `split` names the parts of a single split, or the folds. */
export function testLines(
  path: string,
  { lines }: Table,
  { split, fold, id }: Columns,
): { lines: readonly TableLine[]; leftOut: LeftOut[]; fold?: string } {
  if (split === undefined) return { lines, leftOut: [], fold };
  const partOf = (line: TableLine): string | undefined => parts.get(line.cell(split).toLowerCase());
  if (lines.some((line) => partOf(line) === undefined)) return { lines, leftOut: [], fold: fold ?? split };
  const test = lines.filter((line) => partOf(line) === 'test');
  if (test.length === 0)
    throw new InvalidFileError(path, 'it has no test rows: the column split must be test in some lines');
  const others = lines.filter((line) => partOf(line) !== 'test');
  const leftOut = leftOutOf(
    'rows of other parts than test',
    others.map((line) => ({ name: line.cell(id), reason: `split is ${partOf(line)}` })),
  );
  return { lines: test, leftOut, fold };
}

/** Labels are compared without letter case. */
export const labelReader = ({ actual, predicted }: Columns) => ({
  actual: (line: TableLine): string => line.cell(actual).toLowerCase(),
  predicted: (line: TableLine): string => (predicted === undefined ? '' : line.cell(predicted).toLowerCase()),
});

/**
 * The columns of probabilities by class: those with a prefix, otherwise those with the name of a class.
 *
 * @returns undefined if there are none, but a predicted class
 */
export function probabilityColumns(
  path: string,
  { columns }: Table,
  lines: readonly TableLine[],
  used: Columns,
  labels: ReturnType<typeof labelReader>,
): Map<string, string> | undefined {
  const taken = new Set<string>(Object.values(used));
  const free = columns.filter((name) => name !== '' && !taken.has(name));
  const marked = free.flatMap((column): [string, string][] => {
    const name = prefixed.exec(column)?.[1];
    return name === undefined ? [] : [[name.trim(), column]];
  });
  const known = new Set(lines.flatMap((line) => [labels.actual(line), labels.predicted(line)]));
  const plain = free.filter((name) => known.has(name)).map((name): [string, string] => [name, name]);
  const found = marked.length > 0 ? marked : plain;
  const result = new Map(found);
  if (result.size < found.length)
    throw new InvalidFileError(
      path,
      `two columns have probabilities of the same class: ${firstOf(columns, 20)}`,
    );
  if (found.length > 0) return result;
  if (used.predicted !== undefined) return undefined;
  throw new InvalidFileError(
    path,
    `it must have the column predicted, or one column of probabilities per class (p_${lines[0] ? labels.actual(lines[0]) : 'angry'}, …), ` +
      `found: ${firstOf(columns, 20)}`,
  );
}

/** @returns what is wrong with the probabilities of a line; undefined if nothing */
export function readProbabilities(
  line: TableLine,
  columns: ReadonlyMap<string, string>,
  classes: readonly string[],
  out: Float32Array,
): string | undefined {
  let sum = 0;
  for (const [k, name] of classes.entries()) {
    const column = columns.get(name)!;
    const text = line.cell(column);
    const value = text === '' ? NaN : Number(/^\d*,\d+$/.test(text) ? text.replace(',', '.') : text);
    if (!(value >= -1e-6 && Number.isFinite(value)))
      return (
        `${column} must be a probability from 0 to 1, got ${quoted(text)}` +
        (value < 0 ? '; convert logits with softmax' : '')
      );
    out[k] = Math.max(0, value);
    sum += out[k];
  }
  if (Math.abs(sum - 1) > sumTolerance) {
    const remedy =
      Math.abs(sum - 100) <= 100 * sumTolerance
        ? 'divide percentages by 100'
        : 'convert scores with softmax, and check that no class is missing (columns p_CLASS)';
    return `the probabilities (${firstOf([...columns.values()], 20)}) must sum to 1, got ${Number(sum.toPrecision(4))}; ${remedy}`;
  }
  for (let k = 0; k < out.length; k++) out[k] /= sum;
  return undefined;
}

export function suggestion(name: string, classes: readonly string[], before = ''): string | undefined {
  const nearest = nearestName(name, classes);
  return nearest === undefined ? undefined : `${before}did you mean ${nearest}?`;
}
