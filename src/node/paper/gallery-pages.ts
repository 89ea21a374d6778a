import { readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { paths, projectRoot, writeFileAtomic } from '../files';

/** The pages that show tables of `figures`. */
export const galleryPages: readonly string[] = [paths.readme, join(paths.figures, 'README.md')];

const tableMarkers = /(<!-- figures\/(\S+\.md) -->\n)[^]*?(<!-- \/figures\/\2 -->)/g;

/**
 * Updates the tables in a page: the text between `<!-- figures/NAME.md -->` and `<!-- /figures/NAME.md -->` is replaced by that
 * file of the gallery. A marker without such a file keeps its text.
 *
 * @returns whether the page changed
 */
export async function refreshPage(path: string, folder: string): Promise<boolean> {
  const page = await readFile(path, 'utf8');
  const fresh = await withTables(page, folder);
  if (fresh !== page) await writeFileAtomic(path, fresh);
  return fresh !== page;
}

/**
 * Checks that the tables in a page are those of the gallery.
 *
 * @returns one line per problem; empty if there is none
 */
export async function pageProblems(path: string, folder: string): Promise<string[]> {
  const page = await readFile(path, 'utf8');
  const agrees = (await withTables(page, folder)) === page;
  const where = relative(projectRoot, path).startsWith('..') ? basename(path) : relative(projectRoot, path);
  return agrees ? [] : [`${where}: its tables differ from those in ${basename(folder)}; run npm run figures`];
}

async function withTables(page: string, folder: string): Promise<string> {
  const names = [...page.matchAll(tableMarkers)].map(([, , name]) => name);
  const texts = await Promise.all(
    names.map((name) => readFile(join(folder, name), 'utf8').catch(() => undefined)),
  );
  const tables = new Map(names.map((name, i) => [name, texts[i]]));
  return page.replace(tableMarkers, (before, opening: string, name: string, closing: string) => {
    const table = tables.get(name);
    return table === undefined ? before : `${opening}${unformatted(table)}${closing}`;
  });
}

/** Keeps Prettier from reformatting the table. */
const unformatted = (table: string): string =>
  `<!-- prettier-ignore-start -->\n\n${table}\n<!-- prettier-ignore-end -->\n`;
