import { canonicalJson, formatCount } from '../../core/base';
import {
  configDifferences,
  type DatasetConfig,
  type OptionPath,
  optionsOf,
  valueText,
} from '../../core/config';
import { protocolMark } from '../../core/evaluation';
import type { EpochRecord } from '../../core/network';
import type { StoredRun } from './run-files';
import type { RunRecord } from './run-record';

/**
 * Compares runs in a table, one row per run: the options in which they differ (with several presets: the preset and its changed options), the
 * data if it differs, scores with their protocol, and the name of the record.
 *
 * @param runs - records from `readRunRecords`
 * @returns rows for `showTable`
 * @example
 * ```ts
 * ser.showTable(ser.runTable((await ser.readRunRecords()).records));
 * ```
 */
export function runTable(runs: readonly StoredRun[]): object[] {
  const hasOnePreset = new Set(runs.map(({ config }) => config.name)).size <= 1;
  const isShown = (option: OptionPath): boolean => option !== 'dataset.protocol'; // shown with the scores
  const differing = differingOptions(runs).filter(isShown);
  const setup = ({ config }: StoredRun): object =>
    hasOnePreset
      ? Object.fromEntries(differing.map((option) => [option, plainValue(optionsOf(config).get(option))]))
      : {
          preset: config.name,
          changes: configDifferences(config)
            .filter(({ option }) => isShown(option))
            .map(({ option, value }) => `${option}=${valueText(value)}`)
            .join(' '),
        };
  const data = new Set(runs.map((run) => run.data?.fingerprint));
  const areEnsembles = runs.some(({ members }) => members);
  return runs.map((run) => ({
    ...setup(run),
    ...(data.size > 1 && { data: run.data && `${run.data.source} (${run.data.fingerprint.slice(0, 6)})` }),
    ...(areEnsembles && { ensemble: run.members?.map(({ name, seed }) => `${name} ${seed}`).join(', ') }),
    validationUar: run.validation?.uar,
    ...Object.fromEntries(
      (['accuracy', 'uar', 'macroF1'] as const).map((name) => [name, run.report?.pooled.scores[name]?.value]),
    ),
    protocol: run.report ? protocolMark(run.report) : run.config.dataset.protocol,
    epochs: run.splits.reduce((sum, { history }) => sum + history.length, 0),
    seconds: run.seconds && Math.round(run.seconds.all),
    status: run.reason === undefined ? run.status : `${run.status}: ${run.reason}`,
    run: run.file.replace(/\.json$/, ''),
  }));
}

/** Numbers unchanged, other values as text. */
const plainValue = (value: unknown): unknown => (typeof value === 'number' ? value : valueText(value));

/** The learning curve of one split of a run. */
export interface RunCurve {
  /** the options that distinguish the run, and the split if there are several */
  name: string;
  run: string;
  split: string;
  /** one record per epoch */
  history: readonly EpochRecord[];
}

/**
 * Collects the learning curves of all splits of several runs. Classifiers without epochs have none.
 *
 * @returns curves for `ser.figures.trainingCurves`, named by the options in which the runs differ
 */
export function runCurves(runs: readonly StoredRun[]): RunCurve[] {
  const differing = differingOptions(runs);
  return runs.flatMap(({ file, config, splits }) => {
    const options = optionsOf(config);
    const run = file.replace(/\.json$/, '');
    const label = differing.map((option) => `${option}=${valueText(options.get(option))}`).join(' ');
    return splits
      .filter(({ history }) => history.length > 0)
      .map(({ name, history }) => ({
        name: [label || run, ...(splits.length > 1 ? [name] : [])].join(', '),
        run,
        split: name,
        history,
      }));
  });
}

/** The options in which the runs differ. */
export function differingOptions(runs: readonly Pick<RunRecord, 'config'>[]): OptionPath[] {
  const all = runs.map(({ config }) => optionsOf(config));
  const paths = [...(all.at(0)?.keys() ?? [])];
  return paths.filter((path) => new Set(all.map((options) => canonicalJson(options.get(path)))).size > 1);
}

/** The recordings of a run as text: `RAVDESS, SAVEE, 1,920 clips` or `synthetic demo, 820 clips`. */
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
  return `${kind}${corpora.join(', ')}, ${formatCount(data.clips)} clips${part}`;
}

/** Whether the run includes all folds of its protocol. */
export function isWholeRun({ fold, protocol }: DatasetConfig): boolean {
  return fold === 'all' || protocol === 'paper-rows';
}

/** Whether the run uses the synthetic demo corpus. */
export function isSyntheticRun({ data }: Pick<RunRecord, 'data'>): boolean {
  return data?.source.startsWith('synthetic demo') ?? false;
}
