import { type Figure, figureJson } from '../../core/figures';
import type { Drawing } from './gallery-item';

/** The files of a drawing that are text, by name: all but the picture, the same for the same drawing on every machine. */
export function textsOf(name: string, { figure, isPictureOnly, table }: Drawing): Record<string, string> {
  return {
    ...(figure && !isPictureOnly && { [`${name}.plotly.json`]: plotlyText(figure) }),
    ...(table && { [`${name}.md`]: table.markdown }),
    ...(table?.csv !== undefined && { [`${name}.csv`]: table.csv }),
  };
}

/** A figure's specification, its numbers with five digits. */
function plotlyText(figure: Figure): string {
  const rounded: unknown = JSON.parse(figureJson(figure), (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value,
  );
  return `${JSON.stringify(rounded)}\n`;
}
