import { WorkbenchError } from '../core/base';
import { isDemoCorpusCurrent, locateData } from '../node/corpora';
import { paths } from '../node/files';
import { runData } from './data';

/**
 * Without any corpus, notebooks and training run on synthetic speech, which is made here.
 *
 * @returns what they run on, in words
 */
export async function ensureData(): Promise<string> {
  const { root, why } = locateData();
  if (root !== paths.demo) return `the recordings of ${why}`;
  const what = 'the synthetic demo corpus';
  if (isDemoCorpusCurrent(paths.demo)) return what;
  console.log(`data: making ${what} (${why})`);
  if ((await runData(['demo'])) !== 0) throw new WorkbenchError('the demo corpus could not be made');
  return what;
}
