import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clip, type CorpusName, groupBy, InvalidFileError, messageOf } from '../../core/base';
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
import { labelByName } from './readers/read-names';

/** One original clip in a corpus's manifest. */
export interface ManifestEntry {
  /** canonical path with `/`, starting with the corpus folder: `ravdess/Actor_01/03-01-01-01-01-01-01.wav` */
  path: string;
  /** Hz */
  sampleRate: number;
  channels: number;
  /** samples per channel */
  frames: number;
  /** SHA-256 of the whole file, lower-case hex */
  sha256: string;
}

const header = ['path', 'sample_rate', 'channels', 'frames', 'sha256'];

/**
 * Reads the committed list of a corpus's original clips, in path order.
 *
 * @param directory - contains the `.tsv` files
 * @throws {@link InvalidFileError} if the file is missing or a line is not a manifest entry
 */
export function readManifest(corpus: CorpusName, directory = paths.manifests): ManifestEntry[] {
  const path = join(directory, `${corpusCards[corpus].folder}.tsv`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidFileError(path, `the manifest cannot be read: ${messageOf(error)}`);
  }
  const [first, ...lines] = text.replace(/\r/g, '').trimEnd().split('\n');
  if (first !== header.join('\t'))
    throw new InvalidFileError(path, `the first line must be ${header.join(', ')}`);
  return lines.map((line, index) => parseLine(line, path, index + 2));
}

function parseLine(line: string, path: string, lineNumber: number): ManifestEntry {
  const [clip = '', ...rest] = line.split('\t');
  const sha256 = rest[3] ?? '';
  const [sampleRate, channels, frames] = rest.slice(0, 3).map(Number);
  const counts = [sampleRate, channels, frames];
  const areValid = counts.every((count) => Number.isInteger(count) && count > 0);
  if (rest.length !== 4 || !clip.includes('/') || !areValid || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new InvalidFileError(
      path,
      `line ${lineNumber} is not a manifest entry: ${JSON.stringify(line.slice(0, 80))}`,
    );
  }
  return { path: clip, sampleRate, channels, frames, sha256 };
}

/**
 * The clips of a whole corpus from its manifest and file names, in path order; no audio is needed. Values from CREMA-D's tables
 * (age, race, ethnicity, votes) and `remark` are missing.
 *
 * @param directory - contains the manifests
 * @throws {@link InvalidFileError} if the manifest is missing or damaged
 */
export function manifestClips(corpus: CorpusName, directory?: string): Clip[] {
  return readManifest(corpus, directory).map(({ path, sampleRate, channels, frames, sha256 }) => ({
    ...labelByName(path)!.labels,
    path,
    corpus,
    sampleRate,
    channels,
    durationSec: frames / sampleRate,
    sha256,
  }));
}

/** Groups entries by content. A few hashes belong to two clips with the same audio. */
export const groupByHash = <T extends { sha256: string }>(entries: readonly T[]): Map<string, T[]> =>
  groupBy(entries, ({ sha256 }) => sha256);

/** A file on disk and the clip of the manifest that it matches. */
export interface ManifestMatch {
  /** path of the file */
  path: string;
  /** path in the manifest */
  clip: string;
}

/** Result of {@link compareWithManifest}. Each clip is `matching`, `altered` (without an intact copy) or `missing`. */
export interface ManifestComparison {
  /** one file for each clip that is present and byte-identical */
  matching: ManifestMatch[];
  /** clips without a file of their content or name */
  missing: string[];
  /** files with the name of a clip but different content: converted, cut short, or the audio of another clip */
  altered: ManifestMatch[];
  /** files with neither the content nor the name of a clip */
  unknown: string[];
  /** further copies of matched clips, as in Kaggle's mirrored folders */
  duplicates: ManifestMatch[];
  /** every clip is matched */
  complete: boolean;
}

/**
 * Compares files with a manifest by content, so that the folder layout does not matter. File names distinguish byte-identical clips
 * (RAVDESS and CREMA-D have some, with conflicting labels) and reveal wrong labels.
 *
 * @param files - path (with `/` or `\\`) and SHA-256 (lower-case hex) of each file
 */
export function compareWithManifest(
  files: readonly { path: string; sha256: string }[],
  manifest: readonly ManifestEntry[],
): ManifestComparison {
  const byHash = groupByHash(manifest);
  const byName = new Map(manifest.map((entry) => [fileName(entry.path), entry]));
  const found = new Set<string>();
  const result: ManifestComparison = {
    matching: [],
    missing: [],
    altered: [],
    unknown: [],
    duplicates: [],
    complete: false,
  };

  const renamed: { path: string; entries: ManifestEntry[] }[] = [];
  for (const { path, sha256 } of files) {
    const named = byName.get(fileName(path));
    if (named) {
      const match = { path, clip: named.path };
      if (named.sha256 !== sha256) result.altered.push(match);
      else place(match);
    } else {
      const entries = byHash.get(sha256);
      if (entries) renamed.push({ path, entries });
      else result.unknown.push(path);
    }
  }
  // Renamed copies come last, so that they never replace the file with the right name.
  for (const { path, entries } of renamed) {
    const entry = entries.find((candidate) => !found.has(candidate.path)) ?? entries[0];
    place({ path, clip: entry.path });
  }

  const altered = new Set(result.altered.map(({ clip }) => clip));
  result.missing = manifest.map(({ path }) => path).filter((path) => !found.has(path) && !altered.has(path));
  result.complete = result.matching.length === manifest.length;
  return result;

  function place(match: ManifestMatch): void {
    (found.has(match.clip) ? result.duplicates : result.matching).push(match);
    found.add(match.clip);
  }
}

function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase();
}

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
