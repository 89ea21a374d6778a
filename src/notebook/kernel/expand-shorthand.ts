import type ts from 'typescript';

/**
 * Writes `{ name }` as `{ name: name }`. tslab finds a variable of an earlier cell by the identifiers that name it, and
 * misses those in shorthand properties: `{ name }` alone fails with "name is not defined".
 *
 * @param compiler - the TypeScript that will read the result
 */
export function expandShorthand(compiler: typeof ts, source: string): string {
  const file = compiler.createSourceFile('cell.ts', source, compiler.ScriptTarget.Latest);
  const names: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (compiler.isShorthandPropertyAssignment(node)) names.push(node.name);
    compiler.forEachChild(node, visit);
  };
  visit(file);
  let expanded = source;
  for (const name of names.reverse()) {
    expanded = `${expanded.slice(0, name.end)}: ${name.text}${expanded.slice(name.end)}`;
  }
  return expanded;
}
