import { dirname } from 'node:path/posix';
import { demoMarkerFile } from '../demo/marker';
import { listFiles } from '../list-files';

/**
 * Audio files below a folder, but for the synthetic demo's: its clips bear the names of the corpora's, and are none.
 *
 * @returns paths below `directory`, sorted
 */
export async function listAudio(directory: string): Promise<string[]> {
  const files = await listFiles(directory, /\.(wav|json)$/i);
  const demos = files
    .filter((path) => path === demoMarkerFile || path.endsWith(`/${demoMarkerFile}`))
    .map(dirname);
  const inDemo = (path: string) => demos.some((demo) => demo === '.' || path.startsWith(`${demo}/`));
  return files.filter((path) => /\.wav$/i.test(path) && !inDemo(path));
}
