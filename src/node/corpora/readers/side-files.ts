import { InvalidFileError } from '../../../core/base';
import type { Remark, SkippedFile } from '../load-report';
import type { Groups } from './corpus-reader';
import { readers, type SideTables } from './read-names';

/**
 * Reads the side files of all corpora.
 *
 * @param files - paths below `root`; others are ignored
 */
export function readSideFiles(
  root: string,
  files: readonly string[],
): { tables: SideTables; skipped: SkippedFile[]; remarks: Remark[] } {
  const tables = new Map<string, Map<string, Groups | undefined>>();
  const skipped: SkippedFile[] = [];
  const remarks: Remark[] = [];
  for (const { reader } of readers) {
    const { name: corpus, sideFiles } = reader;
    if (!sideFiles) continue;
    const all = new Map<string, Groups | undefined>();
    tables.set(corpus, all);
    for (const file of files) {
      if (!sideFiles.pattern.test(file)) continue;
      try {
        const { groups, remarks: own } = sideFiles.read(root, file);
        remarks.push(...own.map((text) => ({ text, corpus })));
        for (const [key, value] of groups) {
          const differs = all.has(key) && all.get(key)?.emotion !== value.emotion;
          all.set(key, differs ? undefined : value);
        }
      } catch (error) {
        if (!(error instanceof InvalidFileError)) throw error;
        skipped.push({ path: file, reason: error.reason, corpus, kind: 'table' });
      }
    }
  }
  return { tables, skipped, remarks };
}
