import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError } from '../../core/base';
import { paths } from '../files';

/** Where a run's clips come from, and why from there. */
export interface DataLocation {
  root: string;
  why: string;
}

/**
 * Decides which data a run uses: `SER_DATA` if set, else `data/corpora/` if there is anything in it, else the demo corpus.
 *
 * @throws {@link InvalidArgumentError} if `SER_DATA` names no folder
 */
export function locateData(): DataLocation {
  const chosen = process.env.SER_DATA;
  if (chosen) {
    // npm runs scripts in the project's folder; the path was written where the user stands.
    const root = resolve(process.env.INIT_CWD ?? process.cwd(), chosen);
    if (!existsSync(root)) throw new InvalidArgumentError('SER_DATA', 'an existing folder', chosen);
    return { root, why: 'SER_DATA' };
  }
  const downloaded =
    existsSync(paths.corpora) && readdirSync(paths.corpora).some((name) => !name.startsWith('.'));
  return downloaded
    ? { root: paths.corpora, why: 'data/corpora' }
    : { root: paths.demo, why: 'no corpora in data/corpora, and SER_DATA is not set' };
}
