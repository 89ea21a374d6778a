import { type CorpusName, corpusNames } from '../../../core/base';
import { corpusCards } from '../cards';
import { compareWithManifest, type ManifestComparison, type ManifestEntry, readManifest } from '../manifest';
import { hashFiles } from './hash-files';
import { listAudio } from './list-audio';

/** What a folder holds of the four corpora, byte by byte. */
export interface Verification {
  /** one for each corpus of which anything is there, in the paper's order */
  corpora: { corpus: CorpusName; clips: number; comparison: ManifestComparison }[];
  /** audio that is of none of the four: a corpus of the user's own, or the synthetic demo */
  other: string[];
  unreadable: { path: string; reason: string }[];
}

/**
 * Hashes all audio below a folder and holds it against the manifests, in whatever layout it lies.
 *
 * @param manifests - default: the committed ones
 * @throws the signal's reason
 */
export async function verifyCorpora(
  directory: string,
  {
    manifests = corpusNames.map((corpus) => ({ corpus, entries: readManifest(corpus) })),
    onProgress,
    signal,
  }: {
    manifests?: readonly { corpus: CorpusName; entries: readonly ManifestEntry[] }[];
    onProgress?: (done: number, total: number) => void;
    signal?: AbortSignal;
  } = {},
): Promise<Verification> {
  const files = await listAudio(directory);
  const { hashed, unreadable } = await hashFiles(directory, files, { onProgress, signal });
  const compared = manifests.map(({ corpus, entries }) => ({
    corpus,
    clips: entries.length,
    comparison: compareWithManifest(hashed, entries),
  }));
  // What one manifest does not know may be another's: what none knows is left over.
  const unknown = new Map<string, number>();
  for (const path of compared.flatMap(({ comparison }) => comparison.unknown)) {
    unknown.set(path, (unknown.get(path) ?? 0) + 1);
  }
  const unclaimed = hashed.map(({ path }) => path).filter((path) => unknown.get(path) === manifests.length);
  const corpora = compared
    .filter(({ comparison }) => comparison.matching.length + comparison.altered.length > 0)
    .map(({ corpus, clips, comparison }) => {
      // In the corpus's own folder, an unknown file is the corpus's concern.
      const own = unclaimed.filter((path) => path.startsWith(`${corpusCards[corpus].folder}/`));
      return { corpus, clips, comparison: { ...comparison, unknown: own } };
    });
  const owned = new Set(corpora.flatMap(({ comparison }) => comparison.unknown));
  return { corpora, other: unclaimed.filter((path) => !owned.has(path)), unreadable };
}
