import { WorkbenchError } from '../../core/base';
import { recordSource, type StoredRun } from '../runs';

/** A record with all that a scored run has. */
export type ScoredRun = StoredRun & Required<Pick<StoredRun, 'data' | 'report' | 'figures'>>;

/** @throws {@link WorkbenchError} if the run has no scores */
export function scored(run: StoredRun): ScoredRun {
  const { data, report, figures } = run;
  if (!data || !report || !figures) throw new WorkbenchError(`${run.file} has no scores: it ${run.status}`);
  return { ...run, data, report, figures };
}

/** @throws {@link WorkbenchError} if runs are of different recordings */
export function requireSameData(runs: readonly StoredRun[]): void {
  if (new Set(runs.map(({ data }) => data?.fingerprint)).size > 1) {
    const names = runs.map((run) => `${run.file} of ${recordSource(scored(run))}`);
    throw new WorkbenchError(`the runs are of different recordings: ${names.join('; ')}`);
  }
}
