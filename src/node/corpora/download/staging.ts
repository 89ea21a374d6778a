import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../files';
import { groupByHash, type ManifestEntry } from '../manifest';
import { hashFiles } from './hash-files';

/** The part of a corpus that is there so far, every clip verified, in a folder that the scanner does not see. */
export interface Staging {
  /** clips still to come, in manifest order */
  missing: () => ManifestEntry[];
  /** clips that are there */
  count: () => number;
  /**
   * Keeps the bytes if they are a clip that is still missing (or two clips, where their audio is the same).
   *
   * @returns what the bytes are: a new clip, one that is there already, or nothing of this corpus
   */
  place: (bytes: Buffer) => Promise<'placed' | 'duplicate' | 'unknown'>;
}

/**
 * Opens the staging folder; clips that an earlier download left there count if their content still matches.
 *
 * @param folder - the manifest's paths go below it
 * @param sideFiles - kept too where they turn up, but not counted
 */
export async function openStaging(
  folder: string,
  manifest: readonly ManifestEntry[],
  sideFiles: readonly { path: string; sha256: string }[],
  signal?: AbortSignal,
): Promise<Staging> {
  const byHash = groupByHash([...manifest, ...sideFiles]);
  const expected = new Map(manifest.map(({ path, sha256 }) => [path, sha256]));
  const present = new Set<string>();
  const { hashed } = await hashFiles(folder, [...expected.keys()], { signal });
  for (const { path, sha256 } of hashed) {
    if (expected.get(path) === sha256) present.add(path);
    else await rm(join(folder, path));
  }
  return {
    missing: () => manifest.filter(({ path }) => !present.has(path)),
    count: () => [...present].filter((path) => expected.has(path)).length,
    place: async (bytes) => {
      const entries = byHash.get(createHash('sha256').update(bytes).digest('hex'));
      if (!entries) return 'unknown';
      const absent = entries.filter(({ path }) => !present.has(path));
      // Claimed before the first wait: two requests may bring the same audio at the same time.
      for (const { path } of absent) present.add(path);
      try {
        for (const { path } of absent) await writeFileAtomic(join(folder, path), bytes);
      } catch (error) {
        for (const { path } of absent) present.delete(path);
        throw error;
      }
      return absent.length > 0 ? 'placed' : 'duplicate';
    },
  };
}
