import { open, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { messageOf, WorkbenchError } from '../../core/base';
import { projectRoot, writeFileAtomic } from '../files';

/**
 * Minified Plotly, relative to the project root. Loaded by the HTML pages of notebooks, and by notebooks on a Jupyter server
 * that was started in `notebooks/` or above. Jupyter would not serve a hidden folder.
 */
export const plotlyFile = 'notebooks/assets/plotly.min.js';

/** Copies of {@link plotlyFile}, relative to the project root: Jupyter serves the files of a kernelspec to notebooks in any folder. */
const copies = ['src/notebook/jupyter/kernels/speech-emotion-workbench/plotly.min.js'];

/**
 * Minifies the installed `plotly.js-dist` (11 MB to 5 MB, in about two seconds) into {@link plotlyFile} and its copy in the kernelspec. Does
 * nothing if both were made from the installed version.
 *
 * @returns whether a file was written
 * @throws {@link WorkbenchError} if esbuild or the package is missing or fails
 */
export async function buildPlotly(): Promise<boolean> {
  try {
    const require = createRequire(__filename);
    const { version } = require('plotly.js-dist/package.json') as { version: string };
    const banner = `/* plotly.js-dist ${version}, minified; MIT license, (c) Plotly, Inc. */`;
    const isCurrent = async (file: string): Promise<boolean> =>
      (await startOf(file, banner.length)) === banner;
    const output = join(projectRoot, plotlyFile);
    let isChanged = false;
    if (!(await isCurrent(output))) {
      const source = await readFile(require.resolve('plotly.js-dist'), 'utf8');
      const { transform } = await import('esbuild');
      const { code } = await transform(source, {
        banner,
        charset: 'utf8',
        legalComments: 'eof',
        minify: true,
      });
      await writeFileAtomic(output, code);
      isChanged = true;
    }
    for (const copy of copies.map((file) => join(projectRoot, file))) {
      if (await isCurrent(copy)) continue;
      await writeFileAtomic(copy, await readFile(output));
      isChanged = true;
    }
    return isChanged;
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
