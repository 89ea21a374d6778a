import type { Clip } from '../base';
import type { NearDuplicate } from './duplicate-search';

/**
 * Groups clips that contain the same recording: identical bytes, or listed as near duplicates.
 *
 * @param nearDuplicates - pairs of clips; paths of other clips are ignored
 * @returns the group of each clip, named after its first path in sorted order
 */
export function audioGroups(
  clips: readonly Pick<Clip, 'path' | 'sha256'>[],
  nearDuplicates: readonly Pick<NearDuplicate, 'paths'>[] = [],
): string[] {
  const parent = clips.map((_, i) => i);
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const indexOf = new Map(clips.map(({ path }, i) => [path, i]));
  const firstOf = new Map<string, number>();
  for (const [i, { sha256 }] of clips.entries()) {
    const first = firstOf.get(sha256);
    if (first === undefined) firstOf.set(sha256, i);
    else parent[root(i)] = root(first);
  }
  for (const { paths } of nearDuplicates) {
    const [a, b] = paths.map((path) => indexOf.get(path));
    if (a !== undefined && b !== undefined) parent[root(b)] = root(a);
  }
  const names = new Map<number, string>();
  for (const [i, { path }] of clips.entries()) {
    const name = names.get(root(i));
    if (name === undefined || path < name) names.set(root(i), path);
  }
  return clips.map((_, i) => names.get(root(i))!);
}
