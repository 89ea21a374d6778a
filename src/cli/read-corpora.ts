import { type Corpora, loadCorpora } from '../node/corpora';
import type { TerminalProgress } from './terminal-progress';

/** The corpora that are there, with a bar while their files are read. */
export function readCorpora(progress: TerminalProgress, signal?: AbortSignal): Promise<Corpora> {
  return loadCorpora({
    signal,
    onProgress: (done, total) => {
      progress.update('reading', done, total, 'files');
    },
  });
}
