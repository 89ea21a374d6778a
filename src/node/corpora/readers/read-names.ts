import { type ClipLabels, corpusNames } from '../../../core/base';
import { type CompiledReader, compileReader, type Groups, type NameLabels } from './corpus-reader';
import { dialogueCorpora } from './dialogue-corpora';
import { type KnownCorpus, namedCorpora } from './other-corpora';
import { paperCorpora } from './paper-corpora';

/** The corpora beyond those of the paper that are recognised by their file names, by name. They have no manifest and no committed folds. */
export const knownCorpora: ReadonlyMap<string, KnownCorpus> = new Map(
  [...namedCorpora, ...dialogueCorpora]
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
    .map((corpus) => [corpus.name, corpus]),
);

export const readers: readonly CompiledReader[] = [
  ...corpusNames.map((name) => paperCorpora[name]),
  ...knownCorpora.values(),
].map(compileReader);

/**
 * File name extensions of audio files, including formats that cannot be decoded: such files are reported with the command that converts
 * them.
 */
export const audioFileName =
  /\.(wave?|w64|rf64|bw64|bwf|aiff?|aifc|caf|au|snd|mp[23]|flac|og[ga]|opus|m4a|mp4|aac|wma|web[am]|mka|amr|3gp|ac3|wv|ape|sph|voc)$/i;

/** Whether a file is a table of a published corpus with the labels of its clips. */
export const isSideFile = (path: string): boolean =>
  readers.some(({ reader }) => reader.sideFiles?.pattern.test(path));

/** File names of side files and others in their folders, for listing. */
export const sideFileName = /^(?:train|dev|test)_sent_emo\.csv$|^Ses\d\d[FM]_\w+\.txt$/i;

/** What the side files of each corpus state, by corpus and key; undefined if two of them differ. */
export type SideTables = ReadonlyMap<string, ReadonlyMap<string, Groups | undefined>>;

/**
 * Reads a clip's corpus and labels from its file name, by the naming rules of published corpora, and from their side files. Copies in
 * other formats have the same labels.
 *
 * @param path - with `/`
 * @returns undefined if the name does not follow the rule of a known corpus
 */
export function readName(path: string, tables?: SideTables): NameLabels | undefined {
  const name = path.normalize('NFC').replace(audioFileName, '');
  for (const { reader, match, labelsOf } of readers) {
    const groups = match(name);
    if (!groups) continue;
    const { sideFiles, name: corpus } = reader;
    if (!sideFiles) return labelsOf(groups);
    const own = tables?.get(corpus);
    const key = sideFiles.keyOf(groups);
    const found = own?.get(key);
    if (found) return labelsOf({ ...groups, ...found });
    const problem = own?.has(key)
      ? `two tables of ${corpus} give it different labels; delete one of them`
      : `no table of ${corpus} lists it; its emotion is in ${sideFiles.missing}`;
    return { corpus, problem };
  }
  return undefined;
}

/**
 * Reads a clip's corpus and labels from its file name alone.
 *
 * @param path - with `/`
 * @returns undefined if the name does not follow the rule of a known corpus, or does not contain all labels
 */
export function labelByName(path: string): { labels: ClipLabels; corpus: string } | undefined {
  const found = readName(path);
  return found && 'labels' in found ? found : undefined;
}
