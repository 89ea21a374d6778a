import { allTasks, windowFeatures } from './clip-features';
import { columnNames } from './columns';
import type { FeatureConfig } from './config';
import { createRows } from './create-rows';
import type { FeatureRows } from './feature-set';
import type { FrontEnd } from './front-end';

/**
 * Features of windows that are cut already: what {@link extractFeatures} makes of some versions, by default of the one called
 * `original`. What is random in a version is the same in every window.
 *
 * @param windows - each at most `durationSec` at the configuration's `sampleRate`
 * @param names - of versions in the configuration
 * @returns the versions of one window after those of another, in their order
 */
export function windowRows(
  windows: readonly Float32Array[],
  featureConfig: FeatureConfig,
  frontEnd: FrontEnd,
  names: readonly string[] = ['original'],
): FeatureRows {
  const versions = Object.fromEntries(names.map((name) => [name, featureConfig.versions[name]]));
  const config = { ...featureConfig, versions };
  const tasks = allTasks(config);
  const rows = createRows(windows, config);
  for (const [w, window] of windows.entries()) {
    // A window has no hash of its own to seed what is random.
    const matrices = windowFeatures(window, '', config, { tasks, frontEnd });
    for (const [t, task] of tasks.entries()) rows.place(w, task, matrices[t]);
  }
  return { ...rows.without(new Map()), versions: [...names], columns: columnNames(config), config };
}
