import { relative, resolve } from 'node:path';
import { projectRoot } from '../node/files';

/** npm runs scripts in the project's folder; a path is meant from where the user stands. */
export function fromHere(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** A path as it is shown: inside the project from its folder on. */
export function shown(path: string): string {
  const inside = relative(projectRoot, path);
  return inside.startsWith('..') ? path : inside;
}
