import type { Waveform } from '../audio';
import { canonicalJson, createRandom, InvalidArgumentError } from '../base';
import {
  augment,
  type Augmentation,
  delta,
  levelOfFrames,
  type Matrix,
  type Measure,
  normaliseLevel,
} from '../dsp';
import type { FeatureConfig, FeatureName } from './config';
import {
  allTasks,
  columnNames,
  createRows,
  type FeatureRows,
  type FeatureTask,
  frameCount,
  isSampleFeature,
  sampleFeature,
} from './feature-set';
import { type FrontEnd, plainFrontEnd } from './front-end';
import { cutWindow } from './windows';

/**
 * Computes features of one recording as the paper's notebook does: cut the window, resample, augment, measure.
 *
 * Random augmentations are seeded by the configuration's seed, the content of the recording and the augmentations of the version,
 * so they depend neither on other clips nor on the selected features.
 *
 * @param sha256 - hash of the recording's file
 * @param options.tasks - features to compute; default all
 * @param options.frontEnd - default {@link plainFrontEnd}
 * @returns one matrix per task, shape [frames of the clip (at most those of a full window), columns of the feature]; consecutive
 *   views of one array
 * @throws WorkbenchError if the recording ends before the window starts
 */
export function clipFeatures(
  waveform: Waveform,
  sha256: string,
  config: FeatureConfig,
  options: { tasks?: readonly FeatureTask[]; frontEnd?: FrontEnd } = {},
): Matrix[] {
  const { frontEnd = plainFrontEnd } = options;
  return windowFeatures(cutWindow(waveform, config, frontEnd), sha256, config, options);
}

/** As {@link clipFeatures} for a window that has already been cut and resampled. */
export function windowFeatures(
  window: Float32Array,
  sha256: string,
  config: FeatureConfig,
  {
    tasks = allTasks(config),
    frontEnd = plainFrontEnd,
  }: { tasks?: readonly FeatureTask[]; frontEnd?: FrontEnd } = {},
): Matrix[] {
  const results: Matrix[] = [];
  const waveforms = new Map([['[]', window]]);
  for (const stage of stagesOf(config, tasks)) {
    const samples = waveforms.get(stage.key) ?? applyLast(stage);
    const { measures, nSteps } = stage;
    const { matrices, shifted } =
      measures.length + nSteps.length > 0
        ? frontEnd.measure(levelled(samples), { ...measureOptions(config), measures, nSteps })
        : { matrices: [], shifted: [] };
    const { trimDb } = config;
    const speech = trimDb !== null && stage.tasks.length > 0 ? speechFrames(samples, trimDb) : undefined;
    for (const [i, steps] of nSteps.entries()) {
      waveforms.set(canonicalJson([...stage.steps, { kind: 'pitch', nSteps: steps }]), shifted[i]);
    }
    waveforms.set(stage.key, samples);
    for (const t of stage.tasks) {
      const name = config.features[tasks[t].feature];
      const separate = sampleFeature(name);
      const base = matrices[measures.indexOf(measureOf(name)!)];
      const all = separate?.measure(samples, config, frontEnd) ?? (name === 'deltas' ? deltas(base) : base);
      results[t] = speech ? partOf(all, speech) : all;
    }
  }
  return packed(results, frameCount(config));

  function levelled(samples: Float32Array): Float32Array {
    return config.levelDb === null ? samples : normaliseLevel(samples, config.levelDb);
  }

  /** First and last (exclusive) frame of the speech; all frames of digital silence. */
  function speechFrames(samples: Float32Array, trimDb: number): { first: number; end: number } {
    const levels = frontEnd.rms(samples, { frameLength: config.nFft, hopLength: config.hopLength });
    const least = 10 ** ((levelOfFrames(levels) - trimDb) / 20);
    const isSpeech = (level: number): boolean => level >= least;
    return { first: levels.findIndex(isSpeech), end: levels.findLastIndex(isSpeech) + 1 };
  }

  function applyLast({ key, steps }: Stage): Float32Array {
    const before = waveforms.get(canonicalJson(steps.slice(0, -1)))!;
    const last = steps.at(-1)!;
    if (last.kind === 'stretch') return frontEnd.timeStretch(before, { rate: last.rate });
    // The seed includes all steps so far, so noise after a pitch shift or a second noise is independent of the first.
    const random = createRandom(`${config.seed}/${sha256}/${key}`, frontEnd.addNormalNoise);
    return augment(before, [last], { sampleRate: config.sampleRate, random, resample: frontEnd.resample });
  }
}

/**
 * Features of windows that have already been cut and resampled, equal to those of `extractFeatures`. Random augmentations are the
 * same in every window.
 *
 * @param windows - at most `durationSec` at the configuration's `sampleRate`
 * @param names - versions to compute; default the version named `original`
 * @param frontEnd - signal processing, for example from `fetchFrontEnd`
 * @returns rows in the order of the windows, for each window in the order of `names`
 * @throws {@link InvalidArgumentError} if the configuration has no version of this name
 * @example
 * ```ts
 * const { data, shape } = windowRows([samples], featureConfig(), frontEnd);
 * ```
 */
export function windowRows(
  windows: readonly Float32Array[],
  featureConfig: FeatureConfig,
  frontEnd: FrontEnd,
  names: readonly string[] = ['original'],
): FeatureRows {
  const unknown = names.find((name) => !Object.hasOwn(featureConfig.versions, name));
  if (unknown !== undefined) {
    const known = Object.keys(featureConfig.versions).join(', ');
    throw new InvalidArgumentError('names', `versions of the configuration (${known})`, unknown);
  }
  const versions = Object.fromEntries(names.map((name) => [name, featureConfig.versions[name]]));
  const config = { ...featureConfig, versions };
  const tasks = allTasks(config);
  const rows = createRows(windows, config);
  for (const [w, window] of windows.entries()) {
    // Windows have no hash, so the seed of random augmentations is the same for all.
    const matrices = windowFeatures(window, '', config, { tasks, frontEnd });
    for (const [t, task] of tasks.entries()) rows.place(w, task, matrices[t]);
  }
  return { ...rows.without(new Map()), versions: [...names], columns: columnNames(config), config };
}

/** An intermediate waveform, shared by all versions that start with the same augmentations. */
interface Stage {
  steps: readonly Augmentation[];
  /** the steps as canonical JSON */
  key: string;
  /** indices of the tasks computed from this waveform */
  tasks: number[];
  /** measures that these tasks need */
  measures: Measure[];
  /** pitch shifts of this waveform that later stages need */
  nSteps: number[];
}

/** Stages, ordered so that each comes after the one it is computed from. */
function stagesOf(config: FeatureConfig, tasks: readonly FeatureTask[]): Stage[] {
  const stages = new Map<string, Stage>();
  const versions = Object.values(config.versions);
  const stageOf = (steps: readonly Augmentation[]): Stage => {
    const key = canonicalJson(steps);
    const known = stages.get(key);
    if (known) return known;
    const last = steps.at(-1);
    const before = last && stageOf(steps.slice(0, -1));
    if (last?.kind === 'pitch') before?.nSteps.push(last.nSteps);
    const stage: Stage = { steps, key, tasks: [], measures: [], nSteps: [] };
    stages.set(key, stage);
    return stage;
  };
  for (const [t, { version, feature }] of tasks.entries()) {
    const stage = stageOf(versions[version]);
    stage.tasks.push(t);
    const measure = measureOf(config.features[feature]);
    if (measure && !stage.measures.includes(measure)) stage.measures.push(measure);
  }
  return [...stages.values()];
}

/** Measure of the front end that a feature is computed from, if any. */
function measureOf(name: FeatureName): Measure | undefined {
  return name === 'deltas' ? 'mfcc' : isSampleFeature(name) ? undefined : name;
}

function measureOptions(config: FeatureConfig) {
  const { sampleRate, nFft, hopLength, nMfcc, lifter, nMels, fMin } = config;
  return { sampleRate, nFft, hopLength, nMfcc, lifter, nMels, fMin, fMax: config.fMax ?? sampleRate / 2 };
}

function deltas(cepstrum: Matrix): Matrix {
  return delta(cepstrum, { mode: cepstrum.shape[0] < 9 ? 'nearest' : 'interp' });
}

/** Some rows of a matrix, as a view. */
const partOf = (
  { data, shape: [, columns] }: Matrix,
  { first, end }: { first: number; end: number },
): Matrix => ({
  data: data.subarray(first * columns, end * columns),
  shape: [end - first, columns],
});

/** Copies the first `count` rows of each matrix (a stretched clip may be longer than the window) to one array. */
function packed(matrices: readonly Matrix[], count: number): Matrix[] {
  const sizes = matrices.map(({ shape: [rows, columns] }) => Math.min(rows, count) * columns);
  const all = new Float32Array(sizes.reduce((sum, size) => sum + size, 0));
  let end = 0;
  return matrices.map(({ data, shape: [rows, columns] }, i) => {
    const part = all.subarray(end, (end += sizes[i]));
    part.set(data.subarray(0, sizes[i]));
    return { data: part, shape: [Math.min(rows, count), columns] };
  });
}
