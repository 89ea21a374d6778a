import { existsSync, readdirSync } from 'node:fs';
import { UsageError } from './usage-error';

/** The notebooks of a folder, in order. */
export function notebookFiles(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.ipynb'))
        .sort()
    : [];
}

/**
 * Those of a folder's notebooks that are named, by the start or any part of a name; all without a name.
 *
 * @returns their files in order
 * @throws {@link UsageError} if there are none
 */
export function chooseNotebooks(names: readonly string[], folder: string): string[] {
  const all = notebookFiles(folder);
  const matches = (name: string): string[] => {
    const starting = all.filter((file) => file.startsWith(name));
    return starting.length > 0
      ? starting
      : all.filter((file) => file.toLowerCase().includes(name.toLowerCase()));
  };
  const unknown = names.filter((name) => matches(name).length === 0);
  if (all.length === 0) throw new UsageError(`there are no notebooks in ${folder}`);
  if (unknown.length > 0) {
    const known = all.map((file) => `  ${file}`).join('\n');
    throw new UsageError(`no notebook matches ${unknown.join(', ')}. There are:\n${known}`);
  }
  const wanted = new Set(names.flatMap(matches));
  return names.length === 0 ? all : all.filter((file) => wanted.has(file));
}
