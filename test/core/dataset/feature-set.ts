import type { Waveform } from '../../../src/core/audio';
import type { Clip } from '../../../src/core/base';
import {
  allTasks,
  columnNames,
  createRows,
  type FeatureConfig,
  featureConfig,
  type FeatureSet,
} from '../../../src/core/features';
import { clipFeatures } from '../../../src/core/features/clip-features';

/** Features of waveforms, computed in memory; by default only the original version. */
export function featuresOf(
  recordings: readonly { clip: Clip; waveform: Waveform }[],
  changes: Partial<FeatureConfig> = {},
): FeatureSet {
  const config = featureConfig({ versions: { original: [] }, ...changes });
  const rows = createRows(recordings, config);
  const tasks = allTasks(config);
  for (const [i, { clip, waveform }] of recordings.entries()) {
    const matrices = clipFeatures(waveform, clip.sha256, config, { tasks });
    for (const [t, matrix] of matrices.entries()) rows.place(i, tasks[t], matrix);
  }
  return {
    ...rows.without(new Map()),
    clips: recordings.map(({ clip }) => clip),
    versions: Object.keys(config.versions),
    columns: columnNames(config),
    failed: [],
    leftOut: [],
    config,
  };
}
