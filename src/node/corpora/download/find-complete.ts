import { join } from 'node:path';
import { compareWithManifest, type ManifestEntry } from '../manifest';
import { hashFiles } from './hash-files';
import { listAudio } from './list-audio';

/**
 * Looks for a complete copy of a corpus, in whatever layout, among the files of a folder. Only files with a clip's name
 * are read (`DC_a01.wav`, or `DC/a01.wav` as SAVEE's publisher has it).
 *
 * @returns the folder that holds the copy, or undefined
 */
export async function findComplete(
  directory: string,
  manifest: readonly ManifestEntry[],
  { onProgress, signal }: { onProgress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<string | undefined> {
  const names = new Set(manifest.map(({ path }) => path.split('/').at(-1)?.toLowerCase()));
  const candidates = (await listAudio(directory)).filter((path) => {
    const [name, folder] = path.toLowerCase().split('/').reverse();
    return names.has(name) || names.has(`${folder}_${name}`);
  });
  if (candidates.length < manifest.length) return undefined;
  const { hashed } = await hashFiles(directory, candidates, { onProgress, signal });
  const { complete, matching } = compareWithManifest(hashed, manifest);
  if (!complete) return undefined;
  const folders = new Set(matching.map(({ path }) => path.split('/')[0]));
  return folders.size === 1 ? join(directory, ...folders) : directory;
}
