import { existsSync, lstatSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, nameKey, WorkbenchError } from '../../../core/base';
import {
  explainFileError,
  newFolder,
  recoverFolder,
  removeTemporary,
  replaceFolder,
  takeLock,
} from '../../files';
import { loadCorpora } from '../load-corpora';
import type { LoadReport } from '../load-report';

/** A corpus that was changed. */
export interface ChangedCorpus<Result> {
  corpus: string;
  folder: string;
  result: Result;
  /** how the workbench loads the corpus */
  report: LoadReport;
}

/**
 * Changes the folder of a corpus completely or not at all: its new version is assembled next to it, loaded as a check, and then put in
 * its place.
 *
 * @param directory - parent of the folder
 * @param name - name of the folder; an existing folder may have another letter case
 * @param assemble - writes the new version to `complete`; `folder` is the existing one, if there is one
 * @throws {@link WorkbenchError} if another process is changing the corpus, or the new version has no clip
 * @throws the signal's reason if it is aborted
 */
export async function changeCorpus<Result>(
  directory: string,
  name: string,
  assemble: (folders: { folder: string; complete: string }) => Promise<Result>,
  signal?: AbortSignal,
): Promise<ChangedCorpus<Result>> {
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const corpus = names.find((other) => nameKey(other) === nameKey(name)) ?? name;
  const folder = join(directory, corpus);
  const lock = takeLock(join(directory, `.${corpus}.lock`));
  if ('heldBy' in lock)
    throw new WorkbenchError(`${lock.heldBy} is adding to it; wait until it has finished`);
  // `staging/corpus` becomes the folder: loaded from there, the corpus has its final name.
  const staging = newFolder(folder);
  const complete = join(staging, corpus);
  try {
    const result = await assemble({ folder: recoverFolder(folder), complete });
    const { report } = await loadCorpora({
      root: staging,
      cacheDirectory: join(staging, '.cache'),
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw new WorkbenchError(messageOf(error).replaceAll(`${staging}/`, ''));
    });
    const unfinished = newFolder(folder);
    rmdirSync(unfinished);
    renameSync(complete, unfinished);
    replaceFolder(folder, unfinished);
    return { corpus, folder, result, report: { ...report, root: directory, reason: 'added' } };
  } catch (error) {
    throw explainFileError(error);
  } finally {
    removeTemporary(staging);
    lock.release();
  }
}

/**
 * All files and folders of a corpus.
 *
 * @throws {@link WorkbenchError} if one is a link, because files outside the corpus are not changed
 */
export function filesWithoutLinks(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const link = paths.find((path) => lstatSync(join(folder, path)).isSymbolicLink());
  if (link === undefined) return paths;
  throw new WorkbenchError(
    `${folder}: it contains the link ${link}, and files outside the corpus are not changed; replace the link with a copy of its target, or choose another name with --name`,
  );
}
