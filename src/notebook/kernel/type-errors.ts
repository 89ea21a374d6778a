import type { Diagnostic } from 'tslab/dist/converter';
import type ts from 'typescript';
import { messageOf, nearestName } from '../../core/base';
import { checkPath } from '../../core/config';

/**
 * Replaces the compiler's explanations of two frequent mistakes by the message that the library would give: an unknown option, and an
 * unknown name as a value.
 *
 * @param diagnostics - of the cell; explanations of one error have the same start
 */
export function clearerErrors(
  compiler: typeof ts,
  cell: string,
  diagnostics: readonly Diagnostic[],
): Diagnostic[] {
  const file = compiler.createSourceFile('cell.ts', cell, compiler.ScriptTarget.Latest, true);
  const replaced = new Set<number>();
  return diagnostics.flatMap((diagnostic, i) => {
    const { fileName, start, messageText } = diagnostic;
    if (fileName) return [diagnostic];
    if (replaced.has(start.offset)) return [];
    const same = diagnostics
      .slice(i)
      .filter((other) => !other.fileName && other.start.offset === start.offset);
    const unknown = same.map(({ messageText: text }) => unknownProperty.exec(text)).find(Boolean);
    const message = unknown ? unknownOption(compiler, file, start.offset, unknown) : undefined;
    if (message === undefined) return [{ ...diagnostic, messageText: withNearestValue(messageText) }];
    replaced.add(start.offset);
    return [{ ...diagnostic, messageText: message }];
  });
}

const unknownProperty =
  /^Object literal may only specify known properties, (?:and|but) '(.+?)' does not exist in type '[^]*'\.(?: Did you mean to write '(.+)'\?)?$/;

function unknownOption(
  compiler: typeof ts,
  file: ts.SourceFile,
  offset: number,
  [, quoted, suggestion]: RegExpExecArray,
): string | undefined {
  const place = optionPlace(compiler, file, offset);
  if (place && isConfigFunction(place.callee)) {
    try {
      checkPath(place.path.join('.'));
    } catch (error) {
      return messageOf(error);
    }
    return undefined;
  }
  if (!suggestion) return undefined;
  const name = quoted.replace(/^['"]|['"]$/g, '');
  return `unknown ${place ? 'option' : 'property'} ${name}: did you mean ${suggestion}?`;
}

/** Functions that take the options of an experiment. */
export function isConfigFunction(callee: string): boolean {
  return callee === 'experimentConfig' || callee === 'tune';
}

/** A place in an object that is an argument of a call. */
export interface OptionPlace {
  /** name of the function, without namespaces */
  callee: string;
  /** keys from the argument to the place */
  path: string[];
}

/** Which option of a call is at an offset: the keys of the object literals around it. */
export function optionPlace(
  compiler: typeof ts,
  file: ts.SourceFile,
  offset: number,
): OptionPlace | undefined {
  const path: string[] = [];
  // The loop ends at the file, which has no parent, contrary to its type.
  for (let node = innermost(compiler, file, offset); !compiler.isSourceFile(node); node = node.parent) {
    if (compiler.isPropertyAssignment(node) || compiler.isShorthandPropertyAssignment(node)) {
      const { name } = node;
      if (!compiler.isIdentifier(name) && !compiler.isStringLiteral(name)) return undefined;
      path.unshift(name.text);
    } else if (compiler.isCallExpression(node.parent) && node.parent.expression !== node) {
      const callee = node.parent.expression;
      const name = compiler.isPropertyAccessExpression(callee) ? callee.name : callee;
      return path.length > 0 ? { callee: name.getText(file), path } : undefined;
    } else if (compiler.isFunctionLike(node)) return undefined;
  }
  return undefined;
}

/** The smallest node that contains an offset. */
export function innermost(compiler: typeof ts, file: ts.SourceFile, offset: number): ts.Node {
  let found: ts.Node = file;
  const visit = (node: ts.Node): void => {
    if (offset < node.getStart(file) || offset >= node.end) return;
    found = node;
    compiler.forEachChild(node, visit);
  };
  compiler.forEachChild(file, visit);
  return found;
}

const unknownValue =
  /^(?:Argument of type|Type) '"(.+?)"' is not assignable to (?:parameter of )?type '([^]+)'\.$/;

/** Adds the nearest valid name to the message about an invalid one. */
function withNearestValue(message: string): string {
  const found = unknownValue.exec(message);
  if (!found) return message;
  const [, value, type] = found;
  const names = Array.from(type.matchAll(/"([^"]*)"/g), ([, name]) => name);
  const nearest = nearestName(value, names);
  return nearest === undefined ? message : `${message} Did you mean '"${nearest}"'?`;
}
