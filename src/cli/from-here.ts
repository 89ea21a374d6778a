import { resolve } from 'node:path';

/** npm runs scripts in the project's folder; a path is meant from where the user stands. */
export function fromHere(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}
