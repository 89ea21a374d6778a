import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { type Clip, corpusOrder, InvalidArgumentError, WorkbenchError } from '../../core/base';
import { type CremadTables, readCremadTables, withCremadTables } from './cremad-tables';
import { readDemoMarker } from './demo/marker';
import { type Doubles, findDoubles } from './find-doubles';
import { indexFiles, type IndexOptions } from './index-files';
import type { FileFacts, FileProblem } from './inspect-file';
import { labelFiles } from './label-files';
import { listFiles } from './list-files';
import { describeSource, type LoadReport, reportOf } from './load-report';
import { locateData } from './locate';

/** Audio, also of kinds that are reported as not understood, and the labels of a user's own corpus. */
const loadable = /^clips\.csv$|\.(wav|wave|aiff?|aifc|mp3|flac|ogg|m4a)$/i;

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
  const synthetic = readDemoMarker(root) !== undefined;
  const files = await listFiles(root, loadable);
  const { labelled, notUnderstood, refused } = labelFiles(root, files, synthetic);

  const facts = await indexFiles(root, [...labelled.keys()], options);
  const found: Clip[] = [];
  const unreadable = [...refused];
  for (const [path, labels] of labelled) {
    const fact = facts.get(path)!;
    if ('problem' in fact) {
      unreadable.push({ path, reason: fact.problem, corpus: labels.corpus });
      continue;
    }
    const { sampleRate, channels, frames, sha256 } = fact;
    const remark = fact.silent ? 'digital silence' : undefined;
    found.push({ ...labels, path, sampleRate, channels, durationSec: frames / sampleRate, sha256, remark });
  }
  if (found.length === 0) {
    throw new WorkbenchError(
      `there is no clip of a known corpus in ${root} (chosen by ${why}); data/README.md says which layouts are understood`,
    );
  }

  const doubles = findDoubles(found);
  const dropped = new Set(doubles.copies.flatMap((group) => group.dropped));
  const kept = found.filter((clip) => !dropped.has(clip));
  const clips = inOrder(remarkDoubles(addCremadTables(root, kept), doubles));
  const silent = clips.map(({ path }) => path).filter((path) => isSilent(facts.get(path)));
  const report = reportOf({ root, why, synthetic, clips, doubles, silent, notUnderstood, unreadable });
  const source = describeSource(report);
  return { root, clips, report, source, synthetic, fileOf: ({ path }) => join(root, path) };
}

const isSilent = (fact: FileFacts | FileProblem | undefined): boolean =>
  fact !== undefined && 'silent' in fact && fact.silent;

/** CREMA-D's tables lie beside its folder of audio. */
function addCremadTables(root: string, clips: readonly Clip[]): Clip[] {
  const tables = new Map<string, CremadTables>();
  return clips.map((clip) => {
    if (!clip.corpus.endsWith('CREMA-D')) return clip;
    const folder = dirname(dirname(join(root, clip.path)));
    const known = tables.get(folder) ?? readCremadTables(folder);
    tables.set(folder, known);
    return withCremadTables(clip, known);
  });
}

/** Says of each clip that shares its audio with which others it does. */
function remarkDoubles(clips: readonly Clip[], { identical, conflicting }: Doubles): Clip[] {
  const remarks = new Map<string, string>();
  for (const group of [...identical, ...conflicting]) {
    for (const { path } of group) {
      const others = group.filter((other) => other.path !== path);
      const names = others.map((other) => `${posix.basename(other.path)} (${other.emotion})`);
      remarks.set(path, `same audio as ${names.join(', ')}`);
    }
  }
  return clips.map((clip) => {
    const both = [clip.remark, remarks.get(clip.path)].filter((remark) => remark !== undefined);
    return { ...clip, remark: both.length > 0 ? both.join('; ') : undefined };
  });
}

/** The paper's corpora in its order, then others by name; inside a corpus by path. */
function inOrder(clips: readonly Clip[]): Clip[] {
  const place = ({ corpus }: Clip): number => {
    const index = corpusOrder.indexOf(corpus);
    return index < 0 ? corpusOrder.length : index;
  };
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...clips].sort(
    (a, b) => place(a) - place(b) || compare(a.corpus, b.corpus) || compare(a.path, b.path),
  );
}
