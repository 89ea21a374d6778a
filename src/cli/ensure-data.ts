import { isDemoCorpusCurrent, locateData } from '../corpora';
import { WorkbenchError } from '../errors';
import { paths } from '../paths';
import { runData } from './data';

/** Without any corpus, notebooks and training run on synthetic speech, which is made here. */
export async function ensureData(): Promise<void> {
  const { root, why } = locateData();
  if (root !== paths.demo || isDemoCorpusCurrent(paths.demo)) return;
  console.log(`data: making the synthetic demo corpus (${why})`);
  if ((await runData(['demo'])) !== 0) throw new WorkbenchError('the demo corpus could not be made');
}
