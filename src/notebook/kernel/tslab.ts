import { createRequire } from 'node:module';
import { join } from 'node:path';
import type typescript from 'typescript';
import { projectRoot } from '../../node/files';
import { expandShorthand, withProjectTypes } from './compiler';
/** tslab's own modules, of the exact version in package.json, with its compiler told about this project. */
const projectRequire = createRequire(join(projectRoot, 'package.json'));
const tslabRequire = createRequire(projectRequire.resolve('tslab/package.json'));

// The compiler's exports are read-only, so the whole object is replaced before tslab asks for it.
const compilerPath = tslabRequire.resolve('@tslab/typescript-for-tslab');
const compiler = tslabRequire(compilerPath) as typeof typescript & Parameters<typeof withProjectTypes>[0];
tslabRequire.cache[compilerPath]!.exports = withProjectTypes(compiler, projectRoot);

export const { JupyterHandlerImpl, ZmqServer } = tslabRequire(
  './dist/jupyter.js',
) as typeof import('tslab/dist/jupyter');
const converter = tslabRequire('./dist/converter.js') as typeof import('tslab/dist/converter');

/** tslab's converter of cells to JavaScript, which also follows the variables of earlier cells into `{ name }`. */
export const createConverter: typeof converter.createConverter = (options) => {
  const made = converter.createConverter(options);
  return {
    ...made,
    convert: (earlier, source) => made.convert(earlier, expandShorthand(compiler, source)),
  };
};
export const { createExecutor } = tslabRequire('./dist/executor.js') as typeof import('tslab/dist/executor');

/** Where tslab's `display` function finds the cell to write to. */
export const displayTarget = tslabRequire('./dist/jupyter.js') as {
  lastWriteDisplayData: (
    content: { data: Record<string, unknown>; metadata: object; transient?: { display_id?: string } },
    update: boolean,
  ) => void;
};
