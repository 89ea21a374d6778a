import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clip, type CorpusName, InvalidFileError, messageOf } from '../../core/base';
import {
  committedFoldOptions,
  makeSplits as makeSplitsFrom,
  type ProtocolOptions,
  speakerFolds,
  type Split,
} from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import { paths, writeFileAtomicSync } from '../files';
import { corpusCards } from './cards';
import { manifestClips } from './manifest';

/**
 * Splits the rows of a feature set by a protocol. The default options use the committed folds in `data/folds/`, so that a sample of a
 * corpus has the same speakers in each fold as the whole corpus.
 *
 * @param options - protocol, number of folds, seed, and share of the training rows used for validation
 * @returns one split per fold, with row indices for training, validation and test
 * @throws WorkbenchError if the protocol cannot split the clips
 * @throws InvalidArgumentError if an option is out of range
 * @example
 * ```ts
 * const splits = ser.dataset.makeSplits(set, { protocol: 'speakers', folds: 5, seed: 42 });
 * ```
 */
export function makeSplits(set: Pick<FeatureSet, 'clips' | 'versions'>, options: ProtocolOptions): Split[] {
  return makeSplitsFrom(set, { committedFolds: readCommittedFolds, ...options });
}

/**
 * Reads the committed speaker folds of a corpus.
 *
 * @returns the fold of each speaker, from 1
 * @throws {@link InvalidFileError} if the file is missing, does not match its hash or the corpus's manifest, or has a speaker in
 *   two folds
 */
export function readCommittedFolds(corpus: CorpusName, directory?: string): Map<string, number> {
  const file = committedFoldsFile(corpus, directory);
  const refuse = (reason: string): never => {
    throw new InvalidFileError(file, `${reason}; create it again with npm run data -- folds`);
  };
  let text = '';
  try {
    text = readFileSync(file, 'utf8').replaceAll('\r', '');
  } catch (error) {
    refuse(`the folds cannot be read: ${messageOf(error)}`);
  }
  const rows = text
    .split('\n')
    .slice(2, -1)
    .map((line) => {
      const comma = line.lastIndexOf(',');
      return { path: line.slice(0, comma), fold: Number(line.slice(comma + 1)) };
    });
  if (text !== foldsText(corpus, rows)) refuse('the folds do not match the hash in the first line');
  const clips = manifestClips(corpus);
  const isWhole = rows.length === clips.length && rows.every(({ path }, i) => path === clips[i].path);
  if (!isWhole) refuse('the folds do not match the clips of the manifest');
  const foldOf = new Map<string, number>();
  for (const [i, { fold }] of rows.entries()) {
    const speaker = clips[i].speaker!;
    if ((foldOf.get(speaker) ?? fold) !== fold) refuse(`${speaker} is in two folds`);
    foldOf.set(speaker, fold);
  }
  return foldOf;
}

/**
 * Computes the speaker folds of a whole corpus from its manifest, without audio, and writes them. The result is deterministic.
 *
 * @param directory - default `data/folds`
 * @returns the file, and the speakers and number of clips of each fold
 */
export function writeCommittedFolds(
  corpus: CorpusName,
  directory?: string,
): { file: string; folds: { fold: number; speakers: string[]; clips: number }[] } {
  const clips = manifestClips(corpus);
  // The published folds of CREMA-D were computed without the sex of the actors.
  const known = corpus === 'CREMA-D' ? clips.map((clip): Clip => ({ ...clip, sex: undefined })) : clips;
  const foldOf = speakerFolds(known, committedFoldOptions);
  const file = committedFoldsFile(corpus, directory);
  const rows = clips.map(({ path }, i) => ({ path, fold: foldOf[i] }));
  writeFileAtomicSync(file, foldsText(corpus, rows));
  const folds = Array.from({ length: committedFoldOptions.folds }, (_, i) => {
    const own = clips.filter((_, clip) => foldOf[clip] === i + 1);
    return { fold: i + 1, speakers: [...new Set(own.map(({ speaker }) => speaker!))], clips: own.length };
  });
  return { file, folds };
}

/** The file of a corpus's folds. */
export function committedFoldsFile(corpus: CorpusName, directory: string = paths.folds): string {
  return join(directory, `${corpusCards[corpus].folder}.csv`);
}

/** The content of a folds file: a comment with the SHA-256 of the rest, the heading, and a line for each clip. */
export function foldsText(corpus: CorpusName, rows: readonly { path: string; fold: number }[]): string {
  const body = ['path,fold', ...rows.map(({ path, fold }) => `${path},${fold}`), ''].join('\n');
  const { folds, seed } = committedFoldOptions;
  const hash = createHash('sha256').update(body).digest('hex');
  return `# ${corpus}, ${folds} folds of speakers, seed ${seed}, made by npm run data -- folds; sha256 of what follows ${hash}\n${body}`;
}
