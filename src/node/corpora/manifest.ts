import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CorpusName, InvalidFileError, messageOf } from '../../core/base';
import { paths } from '../files';
import { corpusCards } from './cards';

/** What is known of one original clip without having it. */
export interface ManifestEntry {
  /** canonical path, corpus folder first, with `/`: `ravdess/Actor_01/03-01-01-01-01-01-01.wav` */
  path: string;
  /** Hz */
  sampleRate: number;
  channels: number;
  /** samples a channel */
  frames: number;
  /** SHA-256 of the whole file, lower-case hex */
  sha256: string;
}

const header = ['path', 'sample_rate', 'channels', 'frames', 'sha256'];

/**
 * The committed list of a corpus's original clips, in path order: what "complete" and "unaltered" mean here.
 *
 * @param directory - where the `.tsv` files lie
 * @throws InvalidFileError when the file is absent, or a line of it is not a manifest entry
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
  const sound = counts.every((count) => Number.isInteger(count) && count > 0);
  if (rest.length !== 4 || !clip.includes('/') || !sound || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new InvalidFileError(
      path,
      `line ${lineNumber} is not a manifest entry: ${JSON.stringify(line.slice(0, 80))}`,
    );
  }
  return { path: clip, sampleRate, channels, frames, sha256 };
}

/** Entries under their content's hash; a few hashes stand for two clips, because their audio is the same. */
export function groupByHash<T extends { sha256: string }>(entries: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const twins = groups.get(entry.sha256);
    if (twins) twins.push(entry);
    else groups.set(entry.sha256, [entry]);
  }
  return groups;
}

/** A file on disk, and the manifest's clip that it stands for. */
export interface ManifestMatch {
  /** the file, as given */
  path: string;
  /** the manifest's path */
  clip: string;
}

/** Files held against a manifest. A clip is in one of `matching`, `altered` (with no good copy) and `missing`. */
export interface ManifestComparison {
  /** one file for each clip that is there, byte for byte */
  matching: ManifestMatch[];
  /** clips with neither their content nor their name among the files */
  missing: string[];
  /** files with a clip's name and other content: changed, cut short, or another clip's audio under a wrong label */
  altered: ManifestMatch[];
  /** files whose content and name the manifest does not have */
  unknown: string[];
  /** further copies of clips already matched, as in Kaggle's mirrored folders */
  duplicates: ManifestMatch[];
  /** every clip matched */
  complete: boolean;
}

/**
 * Compares files with a manifest by content, so that any layout verifies; the file name is the second witness, which
 * settles byte-identical clips (RAVDESS and CREMA-D have some, with conflicting labels) and exposes wrong labels.
 *
 * @param files - path (any separator) and SHA-256 (lower-case hex) of each file
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
  // Last, so that a renamed copy never takes the place of the file that has the right name.
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
