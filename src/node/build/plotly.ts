import { open, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { messageOf, WorkbenchError } from '../../core/base';
import { projectRoot, writeFileAtomic } from '../files';

/** Minified Plotly, relative to the project root. JupyterLab and the HTML pages of notebooks load it. */
export const plotlyFile = 'dist/plotly.min.js';

/**
 * Minifies the installed `plotly.js-dist` (11 MB to 5 MB, in about two seconds) into {@link plotlyFile}. Does nothing if the file
 * was made from the installed version.
 *
 * @returns whether the file was written
 * @throws {@link WorkbenchError} if esbuild or the package is missing or fails
 */
export async function buildPlotly(): Promise<boolean> {
  try {
    const require = createRequire(__filename);
    const { version } = require('plotly.js-dist/package.json') as { version: string };
    const banner = `/* plotly.js-dist ${version}, minified; MIT license, (c) Plotly, Inc. */`;
    const output = join(projectRoot, plotlyFile);
    if ((await startOf(output, banner.length)) === banner) return false;
    const source = await readFile(require.resolve('plotly.js-dist'), 'utf8');
    const { transform } = await import('esbuild');
    const { code } = await transform(source, { banner, charset: 'utf8', legalComments: 'eof', minify: true });
    await writeFileAtomic(output, code);
    return true;
  } catch (error) {
    throw new WorkbenchError(`${plotlyFile}: cannot be made from plotly.js-dist: ${messageOf(error)}`);
  }
}

/** The first bytes of a file; undefined if there is no such file. */
async function startOf(path: string, bytes: number): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

if (require.main === module) {
  buildPlotly().catch((error: unknown) => {
    console.error(messageOf(error));
    process.exitCode = 1;
  });
}
