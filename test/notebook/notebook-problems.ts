import ts from 'typescript';
import { projectRoot } from '../../src/node/files';
import { kernelName, type Notebook, publicationProblems } from '../../src/notebook';
import { type Cell, joinLines } from '../../src/notebook/notebook-file';

const maxFunctionLines = 5;

/** Lists violations of the rules for notebooks, one line each. */
export function notebookProblems(notebook: Notebook): string[] {
  const { cells, metadata, nbformat_minor: minor } = notebook;
  const problems: string[] = [];
  if (minor !== 5) problems.push(`nbformat is 4.${minor}, not 4.5`);
  const kernel = (metadata.kernelspec as { name?: string } | undefined)?.name;
  if (kernel !== kernelName) problems.push(`its kernel is ${String(kernel)}, not ${kernelName}`);
  const ids = cells.map(({ id }) => id);
  if (ids.some((id) => !id)) problems.push('a cell has no id');
  if (new Set(ids).size < ids.length) problems.push('two cells have the same id');
  const first = cells.at(0);
  if (first?.cell_type !== 'markdown' || !joinLines(first.source).startsWith('# ')) {
    problems.push('it does not open with a heading');
  }
  const code = cells.filter((cell) => cell.cell_type === 'code');
  const imports = code.flatMap((cell) => parse(cell).statements.filter(ts.isImportDeclaration));
  const modules = imports.map(({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral).text);
  if (modules.join() !== 'speech-emotion-workbench') {
    problems.push(`it imports ${modules.join(', ') || 'nothing'}, instead of only the library`);
  }
  for (const cell of code) problems.push(...cellProblems(cell, cells.indexOf(cell) + 1));
  return [...problems, ...publicationProblems(notebook)];
}

function cellProblems(cell: Cell, number: number): string[] {
  const problems: string[] = [];
  const file = parse(cell);
  const visit = (node: ts.Node): void => {
    const { line: end } = file.getLineAndCharacterOfPosition(node.end);
    const { line: start } = file.getLineAndCharacterOfPosition(node.getStart(file));
    if (ts.isFunctionLike(node) && !isRow(node) && end - start + 1 > maxFunctionLines) {
      problems.push(`cell ${number}: a function of ${end - start + 1} lines belongs in src/`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return problems;
}

/** An arrow function that only names the columns of a table row may be longer. */
function isRow(node: ts.SignatureDeclaration): boolean {
  if (!ts.isArrowFunction(node) || !ts.isParenthesizedExpression(node.body)) return false;
  return ts.isObjectLiteralExpression(node.body.expression);
}

/**
 * Type errors in the cells of notebooks, found by the project's TypeScript. Each notebook is compiled as one module against the
 * sources of the library.
 *
 * @param notebooks - by file name
 */
export function typeProblems(notebooks: ReadonlyMap<string, Notebook>): string[] {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(`${projectRoot}/tsconfig.json`, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    projectRoot,
  );
  const checked: ts.CompilerOptions = {
    ...options,
    types: ['node'],
    // A cell may end in an expression, and variables may remain unused.
    noUnusedLocals: false,
    paths: { 'speech-emotion-workbench': [`${projectRoot}/src/index.ts`] },
  };
  const host = ts.createCompilerHost(checked);
  // ES modules allow await at the top level.
  const sources = new Map(
    [...notebooks].map(([name, notebook]) => [
      `${projectRoot}/notebooks/${name}.mts`,
      concatenated(notebook),
    ]),
  );
  const onDisk = ts.createCompilerHost(checked);
  host.fileExists = (path) => sources.has(path) || onDisk.fileExists(path);
  host.readFile = (path) => sources.get(path) ?? onDisk.readFile(path);
  host.getSourceFile = (path, language, ...rest) => {
    const text = sources.get(path);
    return text === undefined
      ? onDisk.getSourceFile(path, language, ...rest)
      : ts.createSourceFile(path, text, language);
  };
  const program = ts.createProgram([...sources.keys()], checked, host);
  return [...sources.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      (diagnostic) => `${path.slice(projectRoot.length + 1)}: ${describe(diagnostic)}`,
    );
  });
}

function concatenated({ cells }: Notebook): string {
  const code = cells.map((cell, i) => ({ cell, text: `// cell ${i + 1}\n${joinLines(cell.source)}\n;` }));
  return code.flatMap(({ cell, text }) => (cell.cell_type === 'code' ? [text] : [])).join('\n');
}

/** The message with its source line. */
function describe({ messageText, file, start = 0 }: ts.Diagnostic): string {
  const line = file?.text.slice(file.text.lastIndexOf('\n', start) + 1).split('\n')[0] ?? '';
  return `${ts.flattenDiagnosticMessageText(messageText, ' ')} (${line.trim()})`;
}

function parse(cell: Cell): ts.SourceFile {
  return ts.createSourceFile('cell.ts', joinLines(cell.source), ts.ScriptTarget.ES2022, true);
}
