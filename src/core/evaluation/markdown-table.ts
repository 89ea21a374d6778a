/**
 * Rows as a table in Markdown.
 *
 * @param lines - the first is the heading; a line may be shorter than it
 * @param right - columns aligned to the right
 */
export function markdownTable(lines: readonly (readonly string[])[], right: readonly number[] = []): string {
  const [heading] = lines;
  const line = (cells: readonly string[]): string =>
    `| ${heading.map((_, column) => (cells[column] ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = line(heading.map((_, column) => (right.includes(column) ? '---:' : '---')));
  return [line(heading), rule, ...lines.slice(1).map(line)].join('\n');
}
