import { markdownText } from '../../core/base';
import type { MimeBundle } from '../display';
import type { Help, HelpPart } from './help';

/** Help as Markdown, which JupyterLab's tooltip and Notebook show, and as plain text. */
export function helpBundle(help: Help): MimeBundle {
  return { 'text/markdown': markdown(help), 'text/plain': plain(help) };
}

function markdown({
  signature,
  summary,
  facts = {},
  parts,
  partsTitle,
  returns,
  throws,
  example,
}: Help): string {
  const items = itemLines(parts, (name) => `- \`${name}\``, '');
  return [
    `\`\`\`ts\n${signature}\n\`\`\``,
    summary,
    ...Object.entries(facts).map(([title, fact]) => `**${title}:** ${markdownText(fact)}`),
    ...(parts.length > 0 ? [`**${partsTitle}**`, items.join('\n')] : []),
    ...(returns ? [`**Returns** ${oneLine(returns)}`] : []),
    ...(throws ? [`**Throws** ${throws.split('\n').map(oneLine).join('; ')}`] : []),
    ...(example ? [`**Example**`, example] : []),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function plain({
  signature,
  summary,
  facts = {},
  parts,
  partsTitle,
  returns,
  throws,
  example,
}: Help): string {
  const items = itemLines(parts, (name) => name, '  ');
  const code = example?.replace(/^```.*$\n?/gm, '').trimEnd();
  return [
    signature,
    summary,
    Object.entries(facts)
      .map(([title, fact]) => `${title}: ${fact}`)
      .join('\n'),
    ...(parts.length > 0 ? [[partsTitle, ...items].join('\n')] : []),
    ...(returns ? [`Returns ${oneLine(returns)}`] : []),
    ...(throws ? [`Throws ${throws}`] : []),
    ...(code ? [`Example\n${code.replace(/^/gm, '  ')}`] : []),
  ]
    .filter(Boolean)
    .join('\n\n')
    .replaceAll('`', '');
}

/** One line for each part; its fields follow, indented. */
function itemLines(parts: readonly HelpPart[], label: (name: string) => string, indent: string): string[] {
  return parts.flatMap(({ name, about, fields = [] }) => [
    `${indent}${label(name)}${about ? ` – ${oneLine(about)}` : ''}`,
    ...itemLines(fields, label, `${indent}  `),
  ]);
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');
