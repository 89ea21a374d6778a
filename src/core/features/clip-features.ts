import type { Waveform } from '../audio';
import { canonicalJson, createRandom } from '../base';
import { augment, type Augmentation, delta, type Matrix, type Measure } from '../dsp';
import { columnNames, frameCount } from './columns';
import type { FeatureConfig, FeatureName } from './config';
import { createRows, type FeatureTask } from './create-rows';
import type { FeatureRows } from './feature-set';
import { type FrontEnd, plainFrontEnd } from './front-end';
import { isSampleFeature, sampleFeature } from './sample-features';
import { cutWindow } from './windows';

/**
 * Computes features of one recording: window, resample, augment, measure, as the paper's notebook does.
 *
 * What is random is seeded by the configuration's seed, the recording's content and the version's augmentations: it depends
 * neither on other clips nor on which features are asked for.
 *
 * @param sha256 - of the recording's file
 * @returns a matrix a task, shape [frames of the clip (at most a full window's), columns of the feature]; all views of one
 *   array, one after the other
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

/** {@link clipFeatures} of a window that is cut already. */
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
        ? frontEnd.measure(samples, { ...measureOptions(config), measures, nSteps })
        : { matrices: [], shifted: [] };
    for (const [i, steps] of nSteps.entries()) {
      waveforms.set(canonicalJson([...stage.steps, { kind: 'pitch', nSteps: steps }]), shifted[i]);
    }
    waveforms.set(stage.key, samples);
    for (const t of stage.tasks) {
      const name = config.features[tasks[t].feature];
      const own = sampleFeature(name);
      const base = matrices[measures.indexOf(measureOf(name)!)];
      results[t] = own?.measure(samples, config, frontEnd) ?? (name === 'deltas' ? deltas(base) : base);
    }
  }
  return packed(results, frameCount(config));

  function applyLast({ key, steps }: Stage): Float32Array {
    const before = waveforms.get(canonicalJson(steps.slice(0, -1)))!;
    const last = steps.at(-1)!;
    if (last.kind === 'stretch') return frontEnd.timeStretch(before, { rate: last.rate });
    // All steps so far are in the seed: noise on a pitched clip is its own, and so is a second noise.
    const random = createRandom(`${config.seed}/${sha256}/${key}`, frontEnd.addNormalNoise);
    return augment(before, [last], { sampleRate: config.sampleRate, random });
  }
}

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

/** A waveform on the way to the versions asked for: versions that begin alike share it, as the paper pitches once for two. */
interface Stage {
  steps: readonly Augmentation[];
  /** the steps as text */
  key: string;
  /** indices of the tasks that measure it, and what they need */
  tasks: number[];
  measures: Measure[];
  /** shifts in pitch that other stages begin with */
  nSteps: number[];
}

/** @returns each after the one that it is made from */
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

/** Everything that a configuration asks of a clip, version by version. */
export function allTasks({ versions, features }: FeatureConfig): FeatureTask[] {
  return Object.keys(versions).flatMap((_, version) => features.map((_, feature) => ({ version, feature })));
}

/** What the front end has to measure for a feature, if anything. */
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

/** The first `count` rows of each (a stretched clip may be longer than the window), in one array: one message's worth. */
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
