import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Script } from 'node:vm';
import type { DiagnosticPos } from 'tslab/dist/converter';
import type typescript from 'typescript';
import { projectRoot } from '../../node/files';
import { interruptMessage } from './cell-failure';
import { expandShorthand, placeOf, type Watch, withProjectTypes } from './compiler';
import { type Help, helpAt } from './help';
import { clearerErrors } from './type-errors';

/** The modules of tslab (exact version in package.json), with a compiler configured for this project. */
const projectRequire = createRequire(join(projectRoot, 'package.json'));
const tslabRequire = createRequire(projectRequire.resolve('tslab/package.json'));

// The exports of the compiler are read-only, so the whole object is replaced before tslab loads it.
const compilerPath = tslabRequire.resolve('@tslab/typescript-for-tslab');
const compiler = tslabRequire(compilerPath) as typeof typescript & Parameters<typeof withProjectTypes>[0];
let watch: Watch | undefined;
tslabRequire.cache[compilerPath]!.exports = withProjectTypes(compiler, projectRoot, (started) => {
  watch = started;
});

export const { JupyterHandlerImpl, ZmqServer } = tslabRequire(
  './dist/jupyter.js',
) as typeof import('tslab/dist/jupyter');
const converter = tslabRequire('./dist/converter.js') as typeof import('tslab/dist/converter');

/** tslab's converter from cells to JavaScript; also finds variables of earlier cells in `{ name }`. */
export const createConverter: typeof converter.createConverter = (options) => {
  const made = converter.createConverter(options);
  const convert: typeof made.convert = (earlier, cell) => {
    const { source, offsetInCell } = expandShorthand(compiler, cell);
    const converted = made.convert(earlier, source);
    const inCell = (place: DiagnosticPos): DiagnosticPos => {
      const offset = offsetInCell(place.offset);
      return { offset, ...placeOf(cell, offset) };
    };
    // Further explanations of an error share its position, but have no file name.
    const files = new Map(converted.diagnostics.map(({ start, fileName }) => [start, fileName]));
    for (const { start, fileName } of converted.diagnostics) if (fileName) files.set(start, fileName);
    const diagnostics = converted.diagnostics.map((diagnostic) => {
      const { start, end } = diagnostic;
      const fileName = files.get(start);
      if (fileName) return { ...diagnostic, fileName };
      return { ...diagnostic, start: inCell(start), end: inCell(end) };
    });
    return { ...converted, diagnostics: clearerErrors(compiler, cell, diagnostics) };
  };
  const inspect: typeof made.inspect = (earlier, cell, position) => {
    const info = made.inspect(earlier, cell, position) as CellInfo | undefined;
    const help = helpIn(cell, position);
    // `info` may be undefined, contrary to tslab's type.
    return (help ? { ...info, help } : info) as CellInfo;
  };
  return { ...made, convert, inspect };
};

/** tslab's information about a position in a cell, with help. */
export type CellInfo = ReturnType<ReturnType<typeof createConverter>['inspect']> & { help?: Help };

/** Help for a position in the cell that was compiled last. */
function helpIn(cell: string, position: number): Help | undefined {
  const program = watch?.getProgram().getProgram();
  const file = program?.getSourceFile(join(projectRoot, '__tslab__.ts').replaceAll('\\', '/'));
  // tslab puts a line before the cell.
  return program && file && helpAt({ compiler, program, file }, position + file.text.length - cell.length);
}

const executors = tslabRequire('./dist/executor.js') as typeof import('tslab/dist/executor');

/** Ends the first of two calls that execute a cell. */
class Compiled extends Error {}

/**
 * Parses the script that tslab makes of a compiled cell, so that V8 finds it in its cache when tslab runs it: a signal that arrives while
 * tslab parses would be lost.
 */
function parse(code: string, isAsync = false): void {
  const start = `(${isAsync ? 'async ' : ''}function(exports, require) { `;
  try {
    new Script(`${start}${code}\n})(__tslab__.exports, __tslab__.require)`);
  } catch {
    // tslab reports the error when it runs the cell.
  }
}

/**
 * tslab's executor, which compiles a cell in one turn of the event loop and runs it in a later one. Otherwise an interrupt that arrives
 * during the compilation would be lost: Node removes the handlers of SIGINT while it runs a script, with the signals that they have not
 * handled yet.
 */
export const createExecutor: typeof executors.createExecutor = (root, { node, ...others }, console) => {
  let compiled: { cell: string; output: ReturnType<typeof node.convert> } | undefined;
  const convert: typeof node.convert = (earlier, cell) => {
    if (compiled?.cell === cell) return compiled.output;
    const output = node.convert(earlier, cell);
    compiled = { cell, output };
    if (output.output) parse(output.output, output.hasToplevelAwait);
    throw new Compiled();
  };
  let isInterrupted = false;
  const wasInterrupted = (): boolean => isInterrupted;
  const executor = executors.createExecutor(root, { ...others, node: { ...node, convert } }, console);
  return {
    ...executor,
    interrupt: () => {
      isInterrupted = true;
      executor.interrupt();
    },
    execute: async (cell) => {
      compiled = undefined;
      isInterrupted = false;
      try {
        return await executor.execute(cell);
      } catch (error) {
        if (!(error instanceof Compiled)) throw error;
      }
      // The first turn may end without reading signals.
      for (let turn = 0; turn < 2; turn++) await setImmediate();
      if (!wasInterrupted()) return executor.execute(cell);
      console.error(new Error(interruptMessage));
      return false;
    },
  };
};

/** tslab's `display` function writes to this target. */
export const displayTarget = tslabRequire('./dist/jupyter.js') as {
  lastWriteDisplayData: (
    content: { data: Record<string, unknown>; metadata: object; transient?: { display_id?: string } },
    update: boolean,
  ) => void;
};
