import { canonicalJson } from '../../core/base';
import { type OptionPath, optionsOf } from '../../core/config';
import type { RunRecord } from './run-record';

/** The options in which not all runs agree. */
export function differingOptions(runs: readonly Pick<RunRecord, 'config'>[]): OptionPath[] {
  const all = runs.map(({ config }) => optionsOf(config));
  const paths = [...(all.at(0)?.keys() ?? [])];
  return paths.filter((path) => new Set(all.map((options) => canonicalJson(options.get(path)))).size > 1);
}
