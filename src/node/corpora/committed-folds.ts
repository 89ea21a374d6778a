import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CorpusName, InvalidFileError, messageOf } from '../../core/base';
import {
  committedFoldOptions,
  makeSplits as makeSplitsFrom,
  type ProtocolOptions,
  type Split,
} from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import { paths } from '../files';
import { corpusCards } from './cards';
import { manifestClips } from './manifest-clips';

/** The file of a corpus's folds. */
export function committedFoldsFile(corpus: CorpusName, directory: string = paths.folds): string {
  return join(directory, `${corpusCards[corpus].folder}.csv`);
}

/** The text of a file of folds: what it is with a hash of all that follows, the names of the columns, then a line a clip. */
export function foldsText(corpus: CorpusName, rows: readonly { path: string; fold: number }[]): string {
  const body = ['path,fold', ...rows.map(({ path, fold }) => `${path},${fold}`), ''].join('\n');
  const { folds, seed } = committedFoldOptions;
  const hash = createHash('sha256').update(body).digest('hex');
  return `# ${corpus}, ${folds} folds of speakers, seed ${seed}, made by npm run data -- folds; sha256 of what follows ${hash}\n${body}`;
}

/**
 * The committed folds of a corpus's speakers.
 *
 * @returns the fold of each speaker, from 1
 * @throws {@link InvalidFileError} if the file is absent, is not as its hash says, does not list the corpus's manifest, or has
 *   a speaker in two folds
 */
export function readCommittedFolds(corpus: CorpusName, directory?: string): Map<string, number> {
  const file = committedFoldsFile(corpus, directory);
  const refuse = (reason: string): never => {
    throw new InvalidFileError(file, `${reason}; npm run data -- folds makes it anew`);
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
  if (text !== foldsText(corpus, rows)) refuse('the folds are not what the hash in the first line says');
  const clips = manifestClips(corpus);
  const isWhole = rows.length === clips.length && rows.every(({ path }, i) => path === clips[i].path);
  if (!isWhole) refuse('the folds are not of the clips in the manifest');
  const foldOf = new Map<string, number>();
  for (const [i, { fold }] of rows.entries()) {
    const speaker = clips[i].speaker!;
    if ((foldOf.get(speaker) ?? fold) !== fold) refuse(`${speaker} is in two folds`);
    foldOf.set(speaker, fold);
  }
  return foldOf;
}

/** `makeSplits` of the core with the folds of `data/folds/`. */
export function makeSplits(set: Pick<FeatureSet, 'clips' | 'versions'>, options: ProtocolOptions): Split[] {
  return makeSplitsFrom(set, { committedFolds: readCommittedFolds, ...options });
}
