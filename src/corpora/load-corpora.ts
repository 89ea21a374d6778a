import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { InvalidArgumentError, WorkbenchError } from '../errors';
import { type Clip, type ClipLabels, corpusNames } from './clip';
import { parseCremad } from './cremad';
import { readCremadTables, withCremadTables } from './cremad-tables';
import { readDemoMarker } from './demo';
import { findDoubles } from './find-doubles';
import { indexFiles, type IndexOptions } from './index-files';
import { listFiles } from './list-files';
import { describeSource, type LoadReport, reportOf } from './load-report';
import { locateData } from './locate';
import { ownCorpusFile, readOwnCorpus } from './own-corpus';
import { parseRavdess } from './ravdess';
import { parseSavee } from './savee';
import { parseTess } from './tess';

/** Audio, also of kinds that are reported as not understood, and the labels of a user's own corpus. */
const loadable = /^clips\.csv$|\.(wav|wave|aiff?|aifc|mp3|flac|ogg|m4a)$/i;

const parsers = { RAVDESS: parseRavdess, 'CREMA-D': parseCremad, TESS: parseTess, SAVEE: parseSavee };

export interface LoadCorporaOptions extends IndexOptions {
  /** folder of the corpora; by default `SER_DATA`, `data/corpora/` or the demo corpus */
  root?: string;
}

/** The clips of a data folder, with what was found while loading them. */
export interface Corpora {
  root: string;
  /** in the order corpus, path */
  clips: Clip[];
  report: LoadReport;
  /** which data this is, for titles: the corpora and number of clips, or "synthetic demo" */
  source: string;
  /** the clips were spoken by a synthesiser */
  synthetic: boolean;
  /** the file of a clip */
  fileOf(clip: Pick<Clip, 'path'>): string;
}

/**
 * Loads every clip below a folder: RAVDESS, CREMA-D, TESS and SAVEE in Kaggle's or their publishers' layouts, recognised
 * by their file names, and corpora of the user's own by their `clips.csv`. A file whose name is not understood is
 * reported and never labelled by guess; a file that cannot be read is reported and left out; a copy counts once.
 *
 * Files are read once (all 12,162 take some ten seconds) and remembered in `data/cache/`.
 *
 * @throws {@link InvalidArgumentError} if the folder does not exist
 * @throws {@link WorkbenchError} if there is no clip in it
 */
export async function loadCorpora({ root: chosen, ...options }: LoadCorporaOptions = {}): Promise<Corpora> {
  const { root, why } = chosen === undefined ? locateData() : { root: chosen, why: 'root' };
  if (!existsSync(root)) {
    if (chosen !== undefined) throw new InvalidArgumentError('root', 'an existing folder', chosen);
    throw new WorkbenchError('there are no corpora, and no demo corpus yet: run `npm run data -- demo`');
  }
  const files = await listFiles(root, loadable);
  const present = new Set(files);
  const own = files
    .filter((file) => posix.basename(file) === ownCorpusFile)
    .map((file) => ({ folder: dirname(file), ...readOwnCorpus(root, file) }));
  const labelled = new Map<string, ClipLabels & { corpus: string }>();
  const notUnderstood: string[] = [];
  const unreadable = own.flatMap(({ refused }) => refused);
  const synthetic = readDemoMarker(root) !== undefined;

  for (const { name, labels } of own) {
    for (const [path, label] of labels) {
      if (present.has(path)) labelled.set(path, { ...label, corpus: name });
      else unreadable.push({ path, reason: 'there is no such file' });
    }
  }
  for (const path of files.filter((file) => !file.toLowerCase().endsWith('.csv'))) {
    if (labelled.has(path) || own.some(({ folder }) => folder === '.' || path.startsWith(`${folder}/`)))
      continue;
    const found = corpusNames.flatMap((corpus) => {
      const labels = parsers[corpus](path);
      return labels ? [{ ...labels, corpus: synthetic ? `${corpus} (synthetic demo)` : corpus }] : [];
    });
    if (found.length === 1) labelled.set(path, found[0]);
    else notUnderstood.push(path);
  }

  const facts = await indexFiles(root, [...labelled.keys()], options);
  const clips: Clip[] = [];
  const silent: string[] = [];
  for (const [path, labels] of labelled) {
    const fact = facts.get(path)!;
    if ('problem' in fact) {
      unreadable.push({ path, reason: fact.problem });
      continue;
    }
    const { sampleRate, channels, frames, sha256 } = fact;
    if (fact.silent) silent.push(path);
    const remark = fact.silent ? 'digital silence' : undefined;
    clips.push({ ...labels, path, sampleRate, channels, durationSec: frames / sampleRate, sha256, remark });
  }
  if (clips.length === 0) {
    throw new WorkbenchError(
      `there is no clip of a known corpus in ${root} (chosen by ${why}); data/README.md says which layouts are understood`,
    );
  }

  const doubles = findDoubles(clips);
  const dropped = new Set(doubles.copies.flatMap((group) => group.dropped));
  const kept = addSideTables(
    root,
    clips.filter((clip) => !dropped.has(clip)),
  );
  for (const group of [...doubles.identical, ...doubles.conflicting]) {
    for (const { path } of group) {
      const clip = kept.find((candidate) => candidate.path === path)!;
      const others = group.filter((other) => other.path !== path);
      clip.remark = `same audio as ${others.map((other) => `${posix.basename(other.path)} (${other.emotion})`).join(', ')}`;
    }
  }
  kept.sort(
    (a, b) =>
      corpusOrder(a.corpus) - corpusOrder(b.corpus) || compare(a.corpus, b.corpus) || compare(a.path, b.path),
  );
  const report = reportOf({ root, why, synthetic, clips: kept, doubles, silent, notUnderstood, unreadable });
  const source = describeSource(report);
  return { root, clips: kept, report, source, synthetic, fileOf: ({ path }) => join(root, path) };
}

function addSideTables(root: string, clips: Clip[]): Clip[] {
  const tables = new Map<string, ReturnType<typeof readCremadTables>>();
  return clips.map((clip) => {
    if (!clip.corpus.startsWith('CREMA-D')) return { ...clip };
    const folder = dirname(dirname(join(root, clip.path))); // beside AudioWAV/
    const known = tables.get(folder) ?? readCremadTables(folder);
    tables.set(folder, known);
    return withCremadTables(clip, known);
  });
}

const corpusOrder = (corpus: string): number => {
  const index = corpusNames.findIndex((name) => corpus.startsWith(name));
  return index < 0 ? corpusNames.length : index;
};
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
