import { isDeepStrictEqual } from 'node:util';
import {
  type Clip,
  type Emotion,
  formatCount,
  formatLeftOut,
  InvalidArgumentError,
  type LeftOut,
  WorkbenchError,
} from '../../core/base';
import {
  type ExperimentConfig,
  type OptionValues,
  settingsFromEnvironment as settingsIn,
} from '../../core/config';
import {
  type Audit,
  type AuditOptions,
  auditSplit,
  chosenSplits,
  classesOf,
  coverageWarnings,
  type DuplicateSearch,
  type KnownDuplicates,
  lossWarnings,
  type Split,
  unassignedClips,
} from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import type { Engine } from '../../core/network';
import { type ExperimentResult, inputWithoutRows, modelInput } from '../../core/prediction';
import { corporaFor, type Corpora, loadCorpora, makeSplits } from '../corpora';
import { loadEngine } from '../engine';
import {
  experimentFeatures,
  type ExtractProgress,
  findNearDuplicates,
  recordingProfiles,
} from '../extraction';
import { dataFingerprint } from '../runs';
import {
  type PreparedExperiment,
  resultOf,
  type SplitCallbacks,
  type TrainedFold,
  trainSplits,
} from './train-splits';
import { isBaseline } from './train-split';
import { checkpointFolder, cleanCheckpoints, deleteCheckpoints } from './training-files';

/** Options of {@link runExperiment}. */
export interface ExperimentOptions extends SplitCallbacks {
  /** default `loadCorpora()` */
  corpora?: Corpora;
  /** default `loadEngine()` */
  engine?: Engine;
  /** features of the config's corpora; by default they are extracted or read from the store */
  set?: FeatureSet;
  /**
   * number of splits that are trained in parallel, at least 1; default 1. Each parallel split gets its own process, with a share of
   * the processors and a copy of the rows. A single split, `knn`, `svm` and `majority` always run in this process. Results are the
   * same for the same number of TensorFlow threads
   */
  workers?: number;
  /** stops training after the current step, in every process; the splits finished before are scored */
  signal?: AbortSignal;
  /**
   * folder of checkpoints, one per split. Training resumes from a checkpoint of the same experiment with the same number of threads.
   * Checkpoints are deleted after the whole experiment has finished; by default none are written
   */
  checkpoints?: string;
  /** returns the splits that the tasks of a plan have trained; no training takes place */
  trainedFold?: TrainedFold;
  onFeatures?: (progress: ExtractProgress) => void;
  /** called with the audits of all splits before training */
  onAudit?: (audits: readonly Audit[]) => void;
}

/**
 * Runs an experiment from recordings to scores: extracts features, splits the rows by the protocol, audits the splits for leakage, and
 * for each split fits a scaler, trains a model and predicts the validation and test rows.
 *
 * @throws {@link InvalidArgumentError} if the config does not match the data, or `workers` is not a positive integer
 * @throws WorkbenchError if the protocol cannot split the clips, a split leaks, training diverges, or a worker process dies
 * @example
 * ```ts
 * const { report } = await runExperiment(experimentConfig('quick'), { onEpoch: (record) => console.log(formatEpoch(record)) });
 * ```
 */
export async function runExperiment(
  config: ExperimentConfig,
  options: ExperimentOptions = {},
): Promise<ExperimentResult> {
  const { result, checkpoints } = await trainExperiment(config, options);
  if (checkpoints !== undefined && result.outcome === 'finished') deleteCheckpoints(checkpoints);
  return result;
}

/**
 * {@link runExperiment} for callers that save the result: the checkpoints stay.
 *
 * @returns `checkpoints`: their folder, to be deleted after the result has been saved; undefined if none were written
 */
export async function trainExperiment(
  config: ExperimentConfig,
  options: ExperimentOptions,
): Promise<{ result: ExperimentResult; checkpoints?: string }> {
  const { workers = 1, checkpoints } = options;
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new InvalidArgumentError('workers', 'a positive integer', workers);
  }
  if (checkpoints !== undefined) await cleanCheckpoints(checkpoints);
  const prepared = await prepareExperiment(config, options);
  const trained = await trainSplits(prepared.splits, prepared, { ...options, workers });
  return {
    result: resultOf(prepared, trained),
    ...(checkpoints !== undefined && {
      checkpoints: checkpointFolder(checkpoints, prepared, prepared.engine),
    }),
  };
}

/** The clips of the last call with each list of clips, so that experiments on the same set find its near duplicates and profiles again. */
const relabelled = new WeakMap<readonly Clip[], Pick<Corpora, 'labels' | 'ownLabels'> & { clips: Clip[] }>();

/** Features with the classes of the corpora, if they were labelled by a map. @throws {@link InvalidArgumentError} if they are of other clips */
function withClassesOf({ clips, labels, ownLabels }: Corpora, set: FeatureSet): FeatureSet {
  if (labels === undefined) return set;
  const known = relabelled.get(set.clips);
  if (known?.ownLabels === ownLabels && isDeepStrictEqual(known.labels, labels))
    return { ...set, clips: known.clips };
  const classOf = new Map(clips.map(({ path, emotion }) => [path, emotion]));
  const own = set.clips.map((clip) => {
    const emotion = classOf.get(clip.path);
    if (emotion === undefined)
      throw new InvalidArgumentError('set', 'features of the chosen corpora with their label map', clip.path);
    return emotion === clip.emotion ? clip : { ...clip, emotion };
  });
  relabelled.set(set.clips, { labels, ownLabels, clips: own });
  return { ...set, clips: own };
}

/** Loads engine and features, and makes labels and audited splits. */
export async function prepareExperiment(
  wanted: ExperimentConfig,
  options: Pick<ExperimentOptions, 'corpora' | 'engine' | 'set' | 'signal' | 'onFeatures' | 'onAudit'>,
): Promise<PreparedExperiment> {
  const { signal, onFeatures, onAudit } = options;
  // Rejects a model that cannot read the features before they are extracted.
  inputWithoutRows(wanted);
  const startedMs = performance.now();
  const loaded = options.corpora ?? (await loadCorpora({ labels: wanted.labels }));
  const corpora = corporaFor(loaded, wanted);
  // The record states the classes that the corpora were loaded with.
  const config: ExperimentConfig = corpora.labels ? { ...wanted, labels: corpora.labels } : wanted;
  const engine = options.engine ?? (await loadEngine());
  const set = options.set
    ? withClassesOf(corpora, options.set)
    : await experimentFeatures(corpora, config, { signal, onFeatures });
  const nearDuplicates = await findNearDuplicates(set, corpora, { signal, onFeatures });
  const profiles = await recordingProfiles(set.clips, corpora, { signal, onFeatures });
  const featureSeconds = (performance.now() - startedMs) / 1000;
  const classNames = classesOf(set.clips);
  const { splits, audits, leftOut, warnings } = auditedSplits(set, config, nearDuplicates, corpora);
  onAudit?.(audits);
  const fingerprint = dataFingerprint(set.clips);
  return {
    config,
    engine,
    set,
    input: modelInput(set, config.model.kind),
    labels: labelsOf(set, classNames),
    classNames,
    classes: classNames.length,
    splits,
    audits,
    nearDuplicates: nearDuplicates.pairs,
    profiles,
    fingerprint,
    data: { source: usedSource(corpora, set), clips: set.clips.length, fingerprint },
    leftOut,
    warnings,
    startedMs,
    featureSeconds,
  };
}

/** The name of the data, with the number of clips used if some are not. */
function usedSource({ source, clips }: Corpora, set: FeatureSet): string {
  const used = set.clips.length;
  return used < clips.length ? `${source}, ${formatCount(used)} used` : source;
}

/** Class index of each row; shape [rows]. */
function labelsOf(
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  classes: readonly Emotion[],
): Int32Array {
  const ofClip = clips.map(({ emotion }) => classes.indexOf(emotion));
  return Int32Array.from(
    { length: clips.length * versions.length },
    (_, row) => ofClip[Math.floor(row / versions.length)],
  );
}

/**
 * The splits that an experiment trains, and their audits. Training rows are limited to the versions in `dataset.trainVersions`.
 *
 * @param nearDuplicates - nearly identical recordings, which must stay on the same side of a split; undefined: not searched for
 * @param corpora - the loaded clips and what was left out at loading
 * @returns the audits contain what was left out; `warnings` also covers classes that are only trained on or only tested
 * @throws {@link InvalidArgumentError} if `dataset.fold` is not one of the splits
 * @throws WorkbenchError if the protocol cannot split the clips, or a split leaks
 */
export function auditedSplits(
  set: FeatureSet,
  config: ExperimentConfig,
  nearDuplicates?: DuplicateSearch,
  corpora?: Pick<Corpora, 'clips' | 'report'>,
): { splits: Split[]; audits: Audit[]; leftOut: LeftOut[]; warnings: string[] } {
  const { protocol, normalisation } = config.dataset;
  const before = [...(corpora?.report.leftOut ?? []), ...set.leftOut];
  const splits = splitsAfter(before, () => experimentSplits(set, config, nearDuplicates));
  const unassigned = unassignedClips(set, splits, `outside training, validation and test under ${protocol}`);
  const leftOut = [...before, ...unassigned.leftOut];
  const warnings = lossWarnings(leftOut, unassigned.kept, corpora?.clips);
  const audits = splits.map((split) =>
    auditSplit(set, split, {
      protocol,
      nearDuplicates,
      scaler: normalisation === 'speaker' ? 'per speaker' : split.train,
      selection: selectionOf(config, split),
      leftOut,
      warnings,
    }),
  );
  return { splits, audits, leftOut, warnings: [...warnings, ...coverageWarnings(audits)] };
}

/** Adds what was left out to the error of a protocol that cannot split the remaining clips. */
function splitsAfter(leftOut: readonly LeftOut[], split: () => Split[]): Split[] {
  try {
    return split();
  } catch (error) {
    const isAboutClips = error instanceof WorkbenchError && !(error instanceof InvalidArgumentError);
    if (!isAboutClips || leftOut.length === 0) throw error;
    const lines = formatLeftOut(leftOut).map((line) => `\nleft out before the split: ${line}`);
    throw new WorkbenchError(`${error.message}${lines.join('')}`, { cause: error });
  }
}

/** The splits of {@link auditedSplits}; no features are needed. */
export function experimentSplits(
  set: Pick<FeatureSet, 'clips' | 'versions'>,
  config: ExperimentConfig,
  nearDuplicates?: Pick<KnownDuplicates, 'pairs'>,
): Split[] {
  const { fold, trainVersions, ...options } = config.dataset;
  const all = makeSplits(set, { ...options, nearDuplicates });
  return chosenSplits(all, fold).map((split) => ({
    ...split,
    train: rowsOfVersions(split.train, set, trainVersions),
  }));
}

function rowsOfVersions(
  rows: Int32Array,
  { versions }: Pick<FeatureSet, 'versions'>,
  names: readonly string[] | 'all',
): Int32Array {
  if (names === 'all') return rows;
  return rows.filter((row) => names.includes(versions[row % versions.length]));
}

/** How `fit` selects the epoch: without validation rows by the training loss. */
function selectionOf(
  { model, training }: ExperimentConfig,
  { validation }: Split,
): AuditOptions['selection'] {
  if (isBaseline(model.kind)) return 'none';
  if (training.monitor === 'last') return 'last epoch';
  return validation.length > 0 ? 'validation' : 'training';
}

/**
 * Parses the option values in the environment variable `SER_SET`, such as `SER_SET="training.epochs=3 model.width=64"`. Notebooks
 * use it so that their config can be changed without editing them.
 *
 * @param environment - default `process.env`
 * @throws InvalidArgumentError if an option is unknown or a value breaks its rule
 * @example
 * ```ts
 * const config = experimentConfig('compact', settingsFromEnvironment());
 * ```
 */
export function settingsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): OptionValues {
  return settingsIn(environment);
}
