import { allTasks, windowFeatures } from './clip-features';
import { columnNames } from './columns';
import type { FeatureConfig } from './config';
import { createRows } from './create-rows';
import type { FeatureRows } from './feature-set';
import type { FrontEnd } from './front-end';

/**
 * Features of windows that are cut already, as they are: what {@link extractFeatures} makes of the version called `original`.
 *
 * @param windows - each at most `durationSec` at the configuration's `sampleRate`
 * @returns a row a window, in their order
 */
export function windowRows(
  windows: readonly Float32Array[],
  featureConfig: FeatureConfig,
  frontEnd: FrontEnd,
): FeatureRows {
  const config = { ...featureConfig, versions: { original: [] } };
  const tasks = allTasks(config);
  const rows = createRows(windows, config);
  for (const [w, window] of windows.entries()) {
    // Nothing of this version is random: its seed, the recording's hash, is never looked at.
    const matrices = windowFeatures(window, '', config, { tasks, frontEnd });
    for (const [t, task] of tasks.entries()) rows.place(w, task, matrices[t]);
  }
  return { ...rows.without(new Map()), versions: ['original'], columns: columnNames(config), config };
}
