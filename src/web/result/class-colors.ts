import { emotionColors } from '../../core/figures';

/** Colours of other classes (P. Tol, "muted" and "light"). Classes always carry their name as well. */
const otherColors = [
  '#44AA99',
  '#DDCC77',
  '#882255',
  '#88CCEE',
  '#CC6677',
  '#117733',
  '#999933',
  '#332288',
  '#EE8866',
  '#77AADD',
  '#BBCC33',
  '#AAAA00',
  '#FFAABB',
];

/** The colour of a class, the same in the whole page and in the figures of the workbench. */
export function colorOf(name: string, classes: readonly string[]): string {
  if (Object.hasOwn(emotionColors, name)) return emotionColors[name as keyof typeof emotionColors];
  const others = classes.filter((other) => !Object.hasOwn(emotionColors, other));
  return otherColors[Math.max(0, others.indexOf(name)) % otherColors.length];
}
