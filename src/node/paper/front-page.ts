import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const included = /(<!-- figures\/(\S+\.md) -->\n)[^]*?(<!-- \/figures\/\2 -->)/g;

/**
 * A page with the gallery's tables in it: what stands between `<!-- figures/NAME.md -->` and `<!-- /figures/NAME.md -->`
 * becomes that table; a table that is not in the folder leaves its place as it is.
 */
async function withTables(page: string, folder: string): Promise<string> {
  const names = [...page.matchAll(included)].map(([, , name]) => name);
  const texts = await Promise.all(
    names.map((name) => readFile(join(folder, name), 'utf8').catch(() => undefined)),
  );
  const tables = new Map(names.map((name, i) => [name, texts[i]]));
  return page.replace(included, (before, opening: string, name: string, closing: string) => {
    const table = tables.get(name);
    return table === undefined ? before : `${opening}${asItIs(table)}${closing}`;
  });
}

/** The formatter leaves it alone. */
const asItIs = (table: string): string =>
  `<!-- prettier-ignore-start -->\n\n${table}\n<!-- prettier-ignore-end -->\n`;

/** Puts the gallery's tables into a page. @returns whether that changed it */
export async function refreshPage(path: string, folder: string): Promise<boolean> {
  const page = await readFile(path, 'utf8');
  const fresh = await withTables(page, folder);
  if (fresh !== page) await writeFile(path, fresh);
  return fresh !== page;
}

/** Checks that a page's tables are the gallery's. @returns what is wrong, a line each; none if all is well */
export async function pageProblems(path: string, folder: string): Promise<string[]> {
  const page = await readFile(path, 'utf8');
  const agrees = (await withTables(page, folder)) === page;
  return agrees
    ? []
    : [`${basename(path)} does not show the tables of ${basename(folder)}: run npm run figures`];
}
