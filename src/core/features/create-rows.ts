import type { Matrix } from '../dsp';
import { featureWidth, frameCount } from './columns';
import type { FeatureConfig } from './config';
import type { FeatureSet } from './feature-set';

/** One feature of one version of a clip, to be computed. */
export interface FeatureTask {
  /** indices into the configuration's `versions` and `features` */
  version: number;
  feature: number;
}

/** The array that features are gathered in. */
export interface Rows {
  /** puts a feature of one version of one clip into its columns */
  place(clip: number, task: FeatureTask, matrix: Matrix): void;
  /** the array without some clips; the rows move up in place, so that nothing can be placed afterwards */
  without(failed: ReadonlyMap<number, unknown>): Pick<FeatureSet, 'data' | 'shape' | 'frames'>;
}

/** An array of zeros for the features of so many clips. */
export function createRows(clips: readonly unknown[], config: FeatureConfig): Rows {
  const widths = config.features.map((feature) => featureWidth(feature, config));
  const firstColumns = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0));
  const columns = widths.reduce((sum, width) => sum + width, 0);
  const versions = Object.keys(config.versions).length;
  const rowFrames = frameCount(config);
  const rowSize = rowFrames * columns;
  const data = new Float32Array(clips.length * versions * rowSize);
  const frames = new Int32Array(clips.length * versions);

  return {
    place: (clip, { version, feature }, { data: values, shape: [count, width] }) => {
      const row = clip * versions + version;
      frames[row] = count;
      const start = row * rowSize + firstColumns[feature];
      for (let i = 0; i < count; i++) {
        for (let k = 0; k < width; k++) data[start + i * columns + k] = values[i * width + k];
      }
    },
    without: (failed) => {
      let kept = 0;
      for (let clip = 0; clip < clips.length; clip++) {
        if (failed.has(clip)) continue;
        if (kept < clip) {
          const size = versions * rowSize;
          data.copyWithin(kept * size, clip * size, (clip + 1) * size);
          frames.copyWithin(kept * versions, clip * versions, (clip + 1) * versions);
        }
        kept++;
      }
      return {
        data: data.subarray(0, kept * versions * rowSize),
        shape: [kept, versions, rowFrames, columns],
        frames: frames.subarray(0, kept * versions),
      };
    },
  };
}
