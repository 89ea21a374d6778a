import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../core/base';
import { protocolMark } from '../../core/evaluation';
import { plainText } from '../../core/figures';
import type { Corpora } from '../corpora';
import { dataFingerprint, type Environment, recordSource } from '../runs';
import type { FoundRun } from './figure-runs';
import { type Drawing, type GalleryItem, textsOf } from './gallery-item';

/** Content of the file next to each figure or table: how it was made and what it shows. */
export interface Sidecar {
  figure: string;
  title?: string;
  source?: string;
  /** name of the gallery item; absent for a picture made by hand */
  item?: string;
  /** all files of the item, `figure` first */
  files: string[];
  command: string;
  /** seed of the augmentation or training; null if nothing was random */
  seed: number | null;
  /** null if it shows no recordings */
  corpora: CorporaFacts | null;
  /** empty if it shows no scores */
  protocols: string[];
  records: RecordFacts[];
  commit?: string;
  /** the working tree differed from the commit */
  changed?: boolean;
}

/** The recordings that a figure shows. The same recordings with the same labels have the same fingerprint. */
export interface CorporaFacts {
  source: string;
  clips: number;
  fingerprint: string;
}

/** A run record that a figure was drawn from, with its main results. */
export interface RecordFacts {
  /** name in the gallery's folder `records` */
  file: string;
  sha256: string;
  /** config hash */
  hash: string;
  preset: string;
  seed: number;
  protocol: string;
  rows: number;
  accuracy: number;
  uar: number;
}

/** Sources of a drawing. */
export interface DrawnFrom {
  corpora?: Pick<Corpora, 'source' | 'clips'>;
  runs?: readonly FoundRun[];
}

/** Describes a drawing, without the commit: only the commit may differ when the item is drawn again. */
export function factsOf(
  item: GalleryItem,
  drawing: Drawing,
  { corpora, runs = [] }: DrawnFrom,
): Omit<Sidecar, 'commit' | 'changed'> {
  const { figure, table } = drawing;
  const texts = Object.keys(textsOf(item.name, drawing));
  const files = figure ? [`${item.name}.png`, ...texts] : texts;
  const records = runs.map(recordFacts);
  return {
    figure: files[0],
    title: figure ? plainText(figure.layout.title?.text ?? '') : table.title,
    source: figure ? plainText(figure.layout.title?.subtitle?.text ?? '') : table.source,
    item: item.name,
    files,
    command: `npm run figures -- --only ${item.name}`,
    seed: item.from === 'clips' ? (item.seed ?? null) : (records.at(0)?.seed ?? null),
    corpora: corporaFacts(item, corpora, runs),
    protocols: [...new Set(records.map(({ protocol }) => protocol))],
    records,
  };
}

function corporaFacts(
  item: GalleryItem,
  corpora: DrawnFrom['corpora'],
  [run]: readonly FoundRun[],
): CorporaFacts | null {
  if (item.from === 'clips' && corpora) {
    const { source, clips } = corpora;
    return { source, clips: clips.length, fingerprint: dataFingerprint(clips) };
  }
  if (item.from !== 'runs') return null;
  const { config, data } = run;
  return {
    source: recordSource({ config, data: data! }),
    clips: data!.clips,
    fingerprint: data!.fingerprint,
  };
}

function recordFacts({ file, sha256, hash, config, report }: FoundRun): RecordFacts {
  const { rows, scores } = report!.pooled;
  return {
    ...{ file, sha256, hash, preset: config.name, seed: config.seed },
    ...{ protocol: protocolMark(report!), rows },
    ...{ accuracy: scores.accuracy!.value, uar: scores.uar!.value },
  };
}

/** Adds the state of the code to the facts of a drawing. */
export function withCommit(
  facts: Omit<Sidecar, 'commit' | 'changed'>,
  { commit, changed }: Pick<Environment, 'commit' | 'changed'>,
): Sidecar {
  return { ...facts, ...(commit !== undefined && { commit, changed }) };
}

/**
 * Reads the sidecars of a gallery.
 *
 * @returns the sidecars, the names of all other files, and the problems of invalid sidecars
 */
export async function readSidecars(
  folder: string,
): Promise<{ sidecars: Sidecar[]; files: string[]; problems: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort();
  const sidecars: Sidecar[] = [];
  const problems: string[] = [];
  for (const name of names.filter((file) => isSidecar.test(file))) {
    try {
      const sidecar = checkedSidecar(JSON.parse(await readFile(join(folder, name), 'utf8')));
      if (`${sidecar.figure}.json` !== name)
        problems.push(`${name} belongs to another figure: ${sidecar.figure}`);
      sidecars.push(sidecar);
    } catch (error) {
      problems.push(`${name} is not a sidecar: ${messageOf(error)}`);
    }
  }
  return { sidecars, files: names.filter((file) => !isSidecar.test(file)), problems };
}

/** @throws Error that names the first field with a wrong type */
function checkedSidecar(value: unknown): Sidecar {
  const { figure, item, files, protocols, records, corpora } = (value ?? {}) as Record<string, unknown>;
  const isText = (text: unknown): text is string => typeof text === 'string';
  const isListOf = <Item>(list: unknown, isItem: (one: unknown) => one is Item): list is Item[] =>
    Array.isArray(list) && list.every(isItem);
  const hasTexts =
    (names: readonly string[]) =>
    (one: unknown): one is object =>
      typeof one === 'object' &&
      one !== null &&
      names.every((name) => isText((one as Record<string, unknown>)[name]));
  const invalid =
    (!isText(figure) && 'figure') ||
    (item !== undefined && !isText(item) && 'item') ||
    (!isListOf(files, isText) && 'files') ||
    (protocols !== undefined && !isListOf(protocols, isText) && 'protocols') ||
    (!isListOf(records, hasTexts(['file', 'sha256'])) && 'records') ||
    ((corpora ?? null) !== null && !hasTexts(['source', 'fingerprint'])(corpora) && 'corpora');
  if (invalid) throw new Error(`${invalid} is missing or has a wrong type`);
  return value as Sidecar;
}

/** A sidecar is named after its figure, with `.json` appended. */
const isSidecar = /\.(png|md)\.json$/;
