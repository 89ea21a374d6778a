import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../core/base';
import type { Sidecar } from './sidecar';

/** A sidecar's name is that of its figure and `.json`. */
const isSidecar = /\.(png|md)\.json$/;

/** Reads the sidecars of a gallery. @returns also its other files, and what is wrong with a sidecar that cannot be read */
export async function readSidecars(
  folder: string,
): Promise<{ sidecars: Sidecar[]; files: string[]; problems: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort();
  const sidecars: Sidecar[] = [];
  const problems: string[] = [];
  for (const name of names.filter((file) => isSidecar.test(file))) {
    try {
      const sidecar = JSON.parse(await readFile(join(folder, name), 'utf8')) as Sidecar;
      if (`${sidecar.figure}.json` !== name) problems.push(`${name} is of another figure: ${sidecar.figure}`);
      if (!Array.isArray(sidecar.files) || !Array.isArray(sidecar.records))
        throw new Error('it lacks its files or its records');
      sidecars.push(sidecar);
    } catch (error) {
      problems.push(`${name} is no sidecar: ${messageOf(error)}`);
    }
  }
  return { sidecars, files: names.filter((file) => !isSidecar.test(file)), problems };
}
