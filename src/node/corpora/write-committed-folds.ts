import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CorpusName } from '../../core/base';
import { committedFoldOptions, speakerFolds } from '../../core/dataset';
import { committedFoldsFile, foldsText } from './committed-folds';
import { manifestClips } from './manifest-clips';

/**
 * Makes the folds of a whole corpus from its manifest, without audio, and writes them: the same bytes each time.
 *
 * @param directory - default `data/folds`
 * @returns the file, and how many speakers and clips each fold has
 */
export function writeCommittedFolds(
  corpus: CorpusName,
  directory?: string,
): { file: string; folds: { fold: number; speakers: string[]; clips: number }[] } {
  const clips = manifestClips(corpus);
  const foldOf = speakerFolds(clips, committedFoldOptions);
  const file = committedFoldsFile(corpus, directory);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    foldsText(
      corpus,
      clips.map(({ path }, i) => ({ path, fold: foldOf[i] })),
    ),
  );
  const folds = Array.from({ length: committedFoldOptions.folds }, (_, i) => {
    const own = clips.filter((_, clip) => foldOf[clip] === i + 1);
    return { fold: i + 1, speakers: [...new Set(own.map(({ speaker }) => speaker!))], clips: own.length };
  });
  return { file, folds };
}
