import type { DatasetConfig } from '../../core/config';
import type { RunRecord } from './run-record';

/** Which recordings a run was made of, as figures say it: `RAVDESS, SAVEE, 1,920 clips`, or `synthetic demo, 820 clips`. */
export function recordSource({
  data,
  config: { corpora, dataset },
}: Required<Pick<RunRecord, 'data'>> & Pick<RunRecord, 'config'>): string {
  const part = isWholeRun(dataset) ? '' : `, fold ${Number(dataset.fold) + 1} only`;
  if (corpora === 'all') return `${data.source}${part}`;
  const kind = isSyntheticRun({ data })
    ? 'synthetic demo: '
    : data.source.includes('(sample)')
      ? 'samples of '
      : '';
  return `${kind}${corpora.join(', ')}, ${data.clips.toLocaleString('en')} clips${part}`;
}

/** All folds of the protocol were to be trained, and not one of several. */
export function isWholeRun({ fold, protocol }: DatasetConfig): boolean {
  return fold === 'all' || protocol === 'paper-rows';
}

/** A run of the synthetic demo corpus. */
export function isSyntheticRun({ data }: Pick<RunRecord, 'data'>): boolean {
  return data?.source.startsWith('synthetic demo') ?? false;
}
