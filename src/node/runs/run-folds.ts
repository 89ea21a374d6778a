import { createHash } from 'node:crypto';
import type { NearDuplicate, Split } from '../../core/dataset';
import type { FeatureSet } from '../../core/features';

/** The folds of a run, to detect whether a later version of the code would split the clips differently. */
export interface FoldsRecord {
  /** SHA-256 of the rows in each part of each split */
  hash: string;
  /** names of the splits, in order */
  splits: string[];
  /** paths of near duplicates, which the splits keep together; absent if they were not searched for */
  nearDuplicates?: [string, string][];
}

/** Describes the folds of a run. */
export function foldsRecord(
  set: Pick<FeatureSet, 'clips' | 'versions'>,
  splits: readonly Split[],
  nearDuplicates?: readonly Pick<NearDuplicate, 'paths'>[],
): FoldsRecord {
  return {
    hash: foldsHash(set, splits),
    splits: splits.map(({ name }) => name),
    ...(nearDuplicates && { nearDuplicates: nearDuplicates.map(({ paths }) => paths) }),
  };
}

/**
 * A hash of the path and version of each training, validation and test row. It depends neither on the order of the clips nor on
 * the order of the splits.
 */
export function foldsHash(
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  splits: readonly Split[],
): string {
  const rowName = (row: number): string =>
    `${clips[Math.floor(row / versions.length)].path}\t${versions[row % versions.length]}`;
  const texts = splits.map(({ name, train, validation, test }) =>
    [`split ${name}`]
      .concat(
        Object.entries({ train, validation, test }).flatMap(([part, rows]) => [
          part,
          ...Array.from(rows, rowName).sort(),
        ]),
      )
      .join('\n'),
  );
  return createHash('sha256').update(texts.sort().join('\n')).digest('hex');
}
