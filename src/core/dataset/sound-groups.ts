import type { Clip } from '../base';
import type { NearDuplicate } from './find-near-duplicates';

/**
 * Which clips are the same recording: those with the same bytes, and those that are said to sound the same.
 *
 * @param nearDuplicates - what `findNearDuplicates` found; paths of other clips do not matter
 * @returns for each clip its group's name, the first of its paths in order
 */
export function soundGroups(
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
