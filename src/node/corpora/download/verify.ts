import { type CorpusName, corpusNames, countOf, formatCount, printable } from '../../../core/base';
import { hashFiles, type IndexOptions, listAudio } from '../audio-files';
import { corpusCards } from '../cards';
import {
  compareWithManifest,
  type ManifestComparison,
  type ManifestEntry,
  readManifest,
} from '../committed-files';

/** The result of {@link verifyCorpora}. */
export interface Verification {
  /** each corpus with at least one file, in the paper's order */
  corpora: { corpus: CorpusName; clips: number; comparison: ManifestComparison }[];
  /** audio files of none of the four corpora */
  other: string[];
  unreadable: { path: string; reason: string }[];
}

/**
 * Hashes all audio files below a folder, in any layout, and compares them with the manifests. The synthetic demo is skipped.
 *
 * @param directory - folder with corpora
 * @param options - `manifests` to compare with; default the committed ones
 * @throws the signal's reason if it is aborted
 * @example
 * ```ts
 * const { lines, isComplete } = describeVerification(await verifyCorpora('data/corpora'));
 * ```
 */
export async function verifyCorpora(
  directory: string,
  {
    manifests = corpusNames.map((corpus) => ({ corpus, entries: readManifest(corpus) })),
    onProgress,
    signal,
  }: {
    manifests?: readonly { corpus: CorpusName; entries: readonly ManifestEntry[] }[];
  } & Pick<IndexOptions, 'onProgress' | 'signal'> = {},
): Promise<Verification> {
  const problems: { path: string; reason: string }[] = [];
  const files = await listAudio(directory, {
    onProblem: (path, reason) => problems.push({ path, reason }),
  });
  const { hashed, unreadable: unhashed } = await hashFiles(directory, files, { onProgress, signal });
  const unreadable = [...problems, ...unhashed];
  const compared = manifests.map(({ corpus, entries }) => ({
    corpus,
    clips: entries.length,
    comparison: compareWithManifest(hashed, entries),
  }));
  // Files that are unknown to every manifest.
  const timesUnknown = new Map<string, number>();
  for (const path of compared.flatMap(({ comparison }) => comparison.unknown)) {
    timesUnknown.set(path, (timesUnknown.get(path) ?? 0) + 1);
  }
  const unknown = hashed
    .map(({ path }) => path)
    .filter((path) => timesUnknown.get(path) === manifests.length);
  const corpora = compared
    .filter(({ comparison }) => comparison.matching.length + comparison.altered.length > 0)
    .map(({ corpus, clips, comparison }) => {
      // Unknown files in the folder of a corpus are reported with the corpus.
      const own = unknown.filter((path) => path.startsWith(`${corpusCards[corpus].folder}/`));
      return { corpus, clips, comparison: { ...comparison, unknown: own } };
    });
  const owned = new Set(corpora.flatMap(({ comparison }) => comparison.unknown));
  return { corpora, other: unknown.filter((path) => !owned.has(path)), unreadable };
}

/** Maximum number of file names that are listed per kind; the others are counted. */
const maxListed = 10;

/**
 * Describes a verification: a line for each corpus with the names of problematic files, and the total.
 *
 * @returns the lines; `isComplete` is true if every corpus that was found is complete and unaltered
 */
export function describeVerification({ corpora, other, unreadable }: Verification): {
  lines: string[];
  isComplete: boolean;
} {
  const lines = corpora.flatMap(({ corpus, clips, comparison }) => [
    `${corpus.padEnd(8)} ${describeComparison(comparison, clips)}`,
    ...listNames(
      'altered',
      comparison.altered.map(({ path }) => path),
    ),
    ...listNames('unknown', comparison.unknown),
    // For a sample, the list would be too long.
    ...(comparison.missing.length <= clips / 10 ? listNames('missing', comparison.missing) : []),
  ]);
  const matching = sum(corpora.map(({ comparison }) => comparison.matching.length));
  const clips = sum(corpora.map((corpus) => corpus.clips));
  if (corpora.length === 0) lines.push('none of the four corpora was found');
  if (corpora.length > 1) {
    const state = matching === clips ? 'complete' : 'a sample';
    lines.push(`total    ${formatCount(matching)} of ${formatCount(clips)} clips: ${state}`);
  }
  if (other.length > 0)
    lines.push(`audio files of none of the four corpora: ${countOf(other.length, 'file')}`);
  lines.push(
    ...listNames(
      'unreadable',
      unreadable.map(({ path, reason }) => `${path}: ${reason}`),
    ),
  );
  const areUnaltered = corpora.every(
    ({ comparison }) => comparison.complete && comparison.altered.length === 0,
  );
  return { lines, isComplete: areUnaltered && corpora.length > 0 && unreadable.length === 0 };
}

function describeComparison(
  { matching, missing, altered, duplicates, complete }: ManifestComparison,
  clips: number,
): string {
  const parts = [];
  if (complete) parts.push('complete');
  else if (missing.length > clips / 10) parts.push('a sample');
  else if (missing.length > 0) parts.push(`${formatCount(missing.length)} missing`);
  if (altered.length > 0) parts.push(`${formatCount(altered.length)} altered`);
  if (duplicates.length > 0) parts.push(`${formatCount(duplicates.length)} duplicates`);
  return `${formatCount(matching.length)} of ${formatCount(clips)} clips: ${parts.join(', ')}`;
}

function listNames(kind: string, paths: readonly string[]): string[] {
  const rest = paths.length - maxListed;
  const lines = paths.slice(0, maxListed).map((path) => `  ${kind}: ${printable(path)}`);
  return rest > 0 ? [...lines, `  … and ${formatCount(rest)} more ${kind}`] : lines;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
