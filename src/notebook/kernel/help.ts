import type ts from 'typescript';
import { shorten } from '../../core/base';
import { describeOption, type OptionPath, optionPaths, valueText } from '../../core/config';
import type { SweepAxis } from '../../core/features';
import { innermost, isConfigFunction, optionPlace } from './type-errors';

/** The documentation of a name, shown by `name?` and Shift+Tab. */
export interface Help {
  /** TypeScript */
  signature: string;
  summary: string;
  /** one-line facts by title: range, default, … */
  facts?: Readonly<Record<string, string>>;
  /** parameters of a function with the fields of its options, or members of a namespace, an object or a group of options */
  parts: HelpPart[];
  /** title of the parts */
  partsTitle?: 'Parameters' | 'Contents' | 'Options';
  returns?: string;
  throws?: string;
  /** Markdown */
  example?: string;
}

/** A parameter, option or member. */
export interface HelpPart {
  /** name and type: `nMfcc?: number` */
  name: string;
  about: string;
  /** fields of an options object */
  fields?: HelpPart[];
}

/** The compiled cell. */
export interface CellProgram {
  compiler: typeof ts;
  program: ts.Program;
  file: ts.SourceFile;
}

/** Maximum number of members, or of fields of one parameter, that are listed. */
const maxParts = 60;

/**
 * Help for a position in a cell: for the name at the cursor, or else for the function in whose parentheses the cursor is. For paths and
 * keys of an experiment's options, their declaration.
 *
 * @param at - offset in the file
 */
export function helpAt(cell: CellProgram, at: number): Help | undefined {
  const { compiler, file, program } = cell;
  const checker = program.getTypeChecker();
  const touching = [at, at - 1]
    .map((offset) => innermost(compiler, file, offset))
    .find((node) => compiler.isIdentifier(node) || compiler.isStringLiteral(node));
  if (touching && compiler.isStringLiteral(touching)) {
    const declared = optionHelp(touching.text);
    if (declared) return declared;
  }
  const place = optionPlace(compiler, file, touching?.getStart(file) ?? at);
  if (place && isConfigFunction(place.callee)) {
    const declared = optionHelp(place.path.join('.'));
    if (declared) return declared;
  }
  if (touching && compiler.isIdentifier(touching)) {
    const symbol = keySymbol(cell, touching) ?? checker.getSymbolAtLocation(touching);
    const help = symbol && symbolHelp(cell, symbol, touching);
    if (help) return help;
  }
  const call = enclosingCall(compiler, file, at);
  const callee = call && calleeName(compiler, call);
  const symbol = callee && checker.getSymbolAtLocation(callee);
  return symbol && symbolHelp(cell, symbol, callee);
}

/** The declaration of an option of an experiment, or of a group of them; undefined if there is none. */
export function optionHelp(path: string): Help | undefined {
  if ((optionPaths as readonly string[]).includes(path)) {
    const { description, rule, default: value, sweep } = describeOption(path as OptionPath);
    return {
      signature: path,
      summary: sentence(description),
      facts: {
        Value: rule,
        Default: valueText(value),
        ...(sweep && { 'In a sweep': sweepText(sweep) }),
      },
      parts: [],
    };
  }
  const group = optionPaths.filter((known) => known.startsWith(`${path}.`));
  if (path === '' || group.length === 0) return undefined;
  const parts = group.map((known) => {
    const { description, rule, default: value } = describeOption(known);
    return {
      name: known.slice(path.length + 1),
      about: `${description} (${rule}; default ${valueText(value)})`,
    };
  });
  return {
    signature: path,
    summary: 'Options of an experiment; presets change some of the defaults.',
    parts,
    partsTitle: 'Options',
  };
}

function sweepText(axis: SweepAxis): string {
  if ('uniform' in axis) return axis.uniform.join(' to ');
  if ('logUniform' in axis) return `${axis.logUniform.join(' to ')}, on a logarithmic scale`;
  if ('integer' in axis) return `integers from ${axis.integer.join(' to ')}`;
  return axis.map(valueText).join(', ');
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** The declared property for a key of an object literal. */
function keySymbol({ compiler, program }: CellProgram, key: ts.Identifier): ts.Symbol | undefined {
  const { parent } = key;
  const isKey =
    (compiler.isPropertyAssignment(parent) || compiler.isShorthandPropertyAssignment(parent)) &&
    parent.name === key;
  if (!isKey) return undefined;
  const checker = program.getTypeChecker();
  const literal = parent.parent;
  const type = compiler.isObjectLiteralExpression(literal) && checker.getContextualType(literal);
  return type ? checker.getPropertyOfType(checker.getNonNullableType(type), key.text) : undefined;
}

/** The innermost call in whose parentheses an offset is; the closing one may be missing. */
function enclosingCall(
  compiler: typeof ts,
  file: ts.SourceFile,
  at: number,
): ts.CallExpression | ts.NewExpression | undefined {
  let found: ts.CallExpression | ts.NewExpression | undefined;
  const visit = (node: ts.Node): void => {
    if (compiler.isCallExpression(node) || compiler.isNewExpression(node)) {
      const open = node.arguments ? file.text.lastIndexOf('(', node.arguments.pos) : Infinity;
      const isClosed = file.text[node.end - 1] === ')';
      if (open < at && (at < node.end || !isClosed)) found = node;
    }
    compiler.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function calleeName(compiler: typeof ts, { expression }: ts.CallExpression | ts.NewExpression): ts.Node {
  return compiler.isPropertyAccessExpression(expression) ? expression.name : expression;
}

function symbolHelp(cell: CellProgram, given: ts.Symbol, node: ts.Node): Help | undefined {
  const { compiler, program } = cell;
  const checker = program.getTypeChecker();
  const symbol = given.flags & compiler.SymbolFlags.Alias ? checker.getAliasedSymbol(given) : given;
  // The name as written in the cell, because exports may be renamed.
  const name = given.name === 'default' ? symbol.name : given.name;
  if (!symbol.declarations) return undefined; // the name is unknown
  const docs = documentation(cell, symbol);
  if (symbol.flags & compiler.SymbolFlags.ValueModule) {
    return {
      signature: `namespace ${name}`,
      ...docs,
      parts: moduleMembers(cell, symbol),
      partsTitle: 'Contents',
    };
  }
  const isType = !(symbol.flags & compiler.SymbolFlags.Value);
  const type = isType
    ? checker.getDeclaredTypeOfSymbol(symbol)
    : checker.getTypeOfSymbolAtLocation(symbol, node);
  const [signature, ...overloads] = type.getCallSignatures();
  if (signature as ts.Signature | undefined)
    return functionHelp(cell, { name, docs, signature, overloads, node });
  const [constructor] = type.getConstructSignatures();
  if (constructor as ts.Signature | undefined) {
    const text = readable(checker.signatureToString(constructor, node));
    return {
      signature: `class ${name}${text}`,
      ...docs,
      parts: fieldsOf(cell, constructor.getReturnType(), node),
      partsTitle: 'Contents',
    };
  }
  const parts = isOwn(cell, type) ? fieldsOf(cell, type, node) : [];
  const text = readable(checker.typeToString(type, node));
  const isProperty = symbol.flags & compiler.SymbolFlags.Property;
  const optional = symbol.flags & compiler.SymbolFlags.Optional ? '?' : '';
  const start = isType ? `type ${name}` : `${isProperty ? '' : 'const '}${name}${optional}: ${text}`;
  return { signature: start, ...docs, parts, partsTitle: 'Contents' };
}

interface FunctionFacts {
  name: string;
  docs: Docs;
  signature: ts.Signature;
  overloads: readonly ts.Signature[];
  node: ts.Node;
}

function functionHelp(
  cell: CellProgram,
  { name: own, docs: { described, ...docs }, signature, overloads, node }: FunctionFacts,
): Help {
  const { program } = cell;
  const checker = program.getTypeChecker();
  const lines = [signature, ...overloads].map(
    (one) => `function ${own}${readable(checker.signatureToString(one, node))}`,
  );
  const parts = signature.getParameters().map((parameter): HelpPart => {
    const type = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(parameter, node));
    const isDestructured = parameter.name.startsWith('__');
    const isOptions = isDestructured || /options|changes$/i.test(parameter.name);
    const fields = isOptions && isOwn(cell, type) ? fieldsOf(cell, type, node) : [];
    const name = isDestructured ? 'options' : parameter.name;
    return {
      name,
      about: described.get(name) ?? '',
      ...(fields.length > 0 && { fields }),
    };
  });
  return { signature: lines.join('\n'), ...docs, parts, partsTitle: 'Parameters' };
}

/** Whether a type is declared in the project or in the cell; the fields of others, such as arrays, are not listed. */
function isOwn({ program }: CellProgram, type: ts.Type): boolean {
  const symbol = type.aliasSymbol ?? type.getSymbol();
  const file = symbol?.declarations?.[0].getSourceFile();
  return (
    file !== undefined &&
    !program.isSourceFileDefaultLibrary(file) &&
    !file.fileName.includes('/node_modules/')
  );
}

/** Fields of an object with their types and descriptions, without those that are inherited from a standard class. */
function fieldsOf(cell: CellProgram, type: ts.Type, node: ts.Node): HelpPart[] {
  const { compiler, program } = cell;
  const checker = program.getTypeChecker();
  const isStandard = ({ declarations }: ts.Symbol): boolean =>
    declarations?.some((one) => program.isSourceFileDefaultLibrary(one.getSourceFile())) ?? false;
  const properties = checker.getPropertiesOfType(type).filter((property) => !isStandard(property));
  return properties.slice(0, maxParts).map((property) => {
    const optional = property.flags & compiler.SymbolFlags.Optional ? '?' : '';
    const text = readable(checker.typeToString(checker.getTypeOfSymbolAtLocation(property, node), node));
    return {
      name: `${property.name}${optional}: ${text}`,
      about: docText(cell, property.getDocumentationComment(checker)),
    };
  });
}

/** Functions and values of a namespace, with the first sentence of their descriptions. */
function moduleMembers(cell: CellProgram, module: ts.Symbol): HelpPart[] {
  const { compiler, program } = cell;
  const checker = program.getTypeChecker();
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol =
      exported.flags & compiler.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (!(symbol.flags & compiler.SymbolFlags.Value)) return [];
    const about = docText(cell, symbol.getDocumentationComment(checker));
    return [{ name: exported.name, about: shorten(/^[^]*?\.(?=\s|$)/.exec(about)?.[0] ?? about, 160) }];
  });
}

interface Docs extends Pick<Help, 'summary' | 'returns' | 'throws' | 'example'> {
  /** descriptions of parameters by name */
  described: ReadonlyMap<string, string>;
}

function documentation(cell: CellProgram, symbol: ts.Symbol): Docs {
  const checker = cell.program.getTypeChecker();
  const tags = symbol.getJsDocTags(checker);
  const textsOf = (name: string): string[] =>
    tags.filter((tag) => tag.name === name).map(({ text = [] }) => docText(cell, text));
  const [returns, example] = ['returns', 'example'].map((name) => textsOf(name).join('\n'));
  const throws = throwsOf(cell, symbol);
  return {
    summary: docText(cell, symbol.getDocumentationComment(checker)),
    described: new Map(
      textsOf('param').map((text) => /^(\S+)\s*(?:-\s*)?([^]*)$/.exec(text)?.slice(1) as [string, string]),
    ),
    ...(returns && { returns }),
    ...(throws && { throws }),
    ...(example && { example }),
  };
}

/** From the text of the comment, because the compiler reads the link of `@throws {@link Name}` as a type. */
function throwsOf({ compiler }: CellProgram, { declarations = [] }: ts.Symbol): string {
  const comments = declarations
    .flatMap((declaration) => compiler.getJSDocCommentsAndTags(declaration))
    .filter((comment) => compiler.isJSDoc(comment))
    .map((comment) =>
      comment
        .getText()
        .replace(/^\/\*\*|\*\/$/g, '')
        .replace(/^ *\* ?/gm, ''),
    );
  return comments
    .flatMap((text) =>
      Array.from(text.matchAll(/^ ?@throws\s+([^]*?)(?=^ ?@\w|(?![^]))/gm), ([, thrown]) => thrown),
    )
    .map((thrown) => withoutLinks(thrown.replace(/\s*\n\s*/g, ' ')))
    .join('\n');
}

/** The text of a comment; links become the names they point to. */
const docText = ({ compiler }: CellProgram, parts: ts.SymbolDisplayPart[]): string =>
  withoutLinks(compiler.displayPartsToString(parts));

function withoutLinks(text: string): string {
  return text
    .replace(/\{@link\w*\s+([^}|\s]+)[\s|]*([^}]*)\}/g, (_, target: string, label: string) =>
      label.trim() ? label.trim() : `\`${target}\``,
    )
    .trim();
}

/** Shortens a type: omits the files of imported types, and `undefined` for optional parameters and fields. */
const readable = (text: string): string =>
  text.replace(/import\("[^"]*"\)\./g, '').replace(/ \| undefined(?=[,;)]|$)/g, '');
