/** Colours of runs over one another, apart for colour-blind readers (P. Tol, "vibrant"). */
const runColors = ['#0077BB', '#EE7733', '#009988', '#CC3311', '#33BBEE', '#EE3377', '#BBBBBB'] as const;

/** The colour of the run at an index; they repeat after seven. */
export function runColor(index: number): string {
  return runColors[index % runColors.length];
}
