import { dirname, posix } from 'node:path';
import { type ClipLabels, demoName, InvalidFileError, isDemoName } from '../../core/base';
import { parseCremad } from './cremad';
import type { LeftOut } from './load-report';
import { ownCorpusFile, readOwnCorpus } from './own-corpus';
import { parseRavdess } from './ravdess';
import { parseSavee } from './savee';
import { parseTess } from './tess';

/** Corpora that are told by their file names. The paper's four have manifests and committed folds; one that is added needs none. */
const parsers: Readonly<Record<string, (path: string) => ClipLabels | undefined>> = {
  RAVDESS: parseRavdess,
  'CREMA-D': parseCremad,
  TESS: parseTess,
  SAVEE: parseSavee,
};

/** What names and tables say of a folder's files. */
export interface LabelledFiles {
  /** labels and corpus by path */
  labelled: Map<string, ClipLabels & { corpus: string }>;
  /** audio files whose names say nothing that is understood */
  notUnderstood: string[];
  /** lines of a user's own corpus that cannot be used, and audio that it does not list */
  refused: LeftOut[];
}

/**
 * Labels the files of a data folder: by the `clips.csv` above them where there is one, else by their names.
 *
 * @param files - paths below `root`, audio and `clips.csv` alike
 * @param synthetic - the files are the synthetic demo's, and their corpora are named so
 * @throws {@link InvalidFileError} if a `clips.csv` is no table with the columns it must have, or its folder is named as another
 *   corpus is
 */
export function labelFiles(root: string, files: readonly string[], synthetic: boolean): LabelledFiles {
  const result: LabelledFiles = { labelled: new Map(), notUnderstood: [], refused: [] };
  const tables = files.filter((file) => posix.basename(file) === ownCorpusFile);
  const present = new Set(files);
  const tableOf = new Map<string, string>();
  for (const table of tables) {
    const { name, labels, refused } = readOwnCorpus(root, table);
    checkName(name, table, tableOf);
    tableOf.set(name, table);
    result.refused.push(...refused);
    for (const [path, label] of labels) {
      const before = result.labelled.get(path);
      if (before) {
        const reason = `${table} lists it, and so does ${tableOf.get(before.corpus)}, whose labels are kept`;
        result.refused.push({ path, reason, corpus: name });
      } else if (present.has(path)) result.labelled.set(path, { ...label, corpus: name });
      else result.refused.push({ path, reason: 'there is no such file', corpus: name });
    }
  }
  const refused = new Set(result.refused.map(({ path }) => path));
  for (const path of files) {
    if (tables.includes(path) || result.labelled.has(path) || refused.has(path)) continue;
    const own = [...tableOf].find(([, one]) => dirname(one) === '.' || path.startsWith(`${dirname(one)}/`));
    if (own) {
      const [corpus, table] = own;
      result.refused.push({ path, reason: `${table} does not list it`, corpus });
      continue;
    }
    const found = labelByName(path);
    if (!found) result.notUnderstood.push(path);
    else {
      const name = synthetic ? demoName : (original: string) => original;
      const { labels, corpus } = found;
      result.labelled.set(path, {
        ...labels,
        corpus: name(corpus),
        speaker: labels.speaker && name(labels.speaker),
      });
    }
  }
  return result;
}

/** A corpus is known by its name alone: two of one name would be taken for one, and their speakers for the same people. */
function checkName(name: string, table: string, tableOf: ReadonlyMap<string, string>): void {
  const other = tableOf.get(name);
  const known = Object.keys(parsers).find((corpus) => corpus.toLowerCase() === name.toLowerCase());
  if (other === undefined && known === undefined && !isDemoName(name)) return;
  const whose = other ?? (known ? `the corpus ${known}` : 'the synthetic demo');
  throw new InvalidFileError(table, `its folder must have another name than that of ${whose}, got "${name}"`);
}

/** What a file's name says, if it is that of a known corpus. */
export function labelByName(path: string): { labels: ClipLabels; corpus: string } | undefined {
  for (const [corpus, parse] of Object.entries(parsers)) {
    const labels = parse(path);
    if (labels) return { labels, corpus };
  }
  return undefined;
}
