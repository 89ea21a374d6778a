import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { configHash, type ExperimentConfig } from '../config';
import { chooseCorpora, type Clip, type Corpora, type Emotion, loadCorpora } from '../corpora';
import { type Audit, auditSplit, classesOf, findNearDuplicates, makeSplits, type Split } from '../dataset';
import { type Engine, loadEngine } from '../engine';
import { InvalidArgumentError } from '../errors';
import { type Predictions, scoreReport, type ScoreReport, underProtocol } from '../evaluation';
import type { ExtractProgress, FeatureSet } from '../features';
import type { EpochRecord, StepProgress } from '../training';
import { dataFingerprint } from './data-fingerprint';
import { experimentFeatures } from './experiment-features';
import { modelInput } from './model-input';
import { protocolNote } from './protocol-note';
import { type SplitResult, trainSplit } from './train-split';

/** Which of the splits is at work. */
export interface SplitPlace {
  name: string;
  /** from 1 */
  number: number;
  count: number;
}

export interface ExperimentOptions {
  /** default `loadCorpora()` */
  corpora?: Corpora;
  /** default the best there is */
  engine?: Engine;
  /** features that are there already, of the config's corpora and features; default they are made, or come from the store */
  set?: FeatureSet;
  /** ends training after the step at work: the splits that were finished are scored */
  signal?: AbortSignal;
  /**
   * folder of checkpoints, one a split; where one is of the same experiment, it is gone on from; they are deleted when the whole
   * experiment has finished; default none are kept
   */
  checkpoints?: string;
  onFeatures?: (progress: ExtractProgress) => void;
  /** of every split, before anything is trained */
  onAudit?: (audits: readonly Audit[]) => void;
  onSplit?: (place: SplitPlace, split: Split) => void;
  /** told of the epochs that a split has from a checkpoint */
  onResume?: (history: readonly EpochRecord[], place: SplitPlace) => void;
  onStep?: (progress: StepProgress, place: SplitPlace) => void;
  onEpoch?: (record: EpochRecord, history: readonly EpochRecord[], place: SplitPlace) => void;
}

/** A split and what became of it. */
export interface FoldResult extends SplitResult {
  split: Split;
  audit: Audit;
}

/** An experiment's outcome: nothing of it is a number without its protocol. */
export interface ExperimentResult {
  config: ExperimentConfig;
  engine: Engine;
  set: FeatureSet;
  classes: Emotion[];
  folds: FoldResult[];
  /** of all test rows of all folds that were finished; absent if none was */
  predictions?: Predictions;
  /** of the validation rows, for calibration; absent where there are none */
  validation?: Predictions;
  report?: ScoreReport;
  outcome: 'finished' | 'interrupted';
  seconds: { features: number; training: number; prediction: number; all: number };
  data: { source: string; clips: number; fingerprint: string };
}

/**
 * Runs an experiment from recordings to scores: features, splits by the protocol, and for each split a scaler, a model,
 * training, and its answers to the test rows.
 *
 * @throws {@link InvalidArgumentError} if the config does not fit the data
 * @throws WorkbenchError if the clips cannot be divided by the protocol, or training comes apart
 */
export async function runExperiment(
  config: ExperimentConfig,
  options: ExperimentOptions = {},
): Promise<ExperimentResult> {
  const { signal, checkpoints, onFeatures, onAudit, onSplit, onResume, onStep, onEpoch } = options;
  const started = performance.now();
  const corpora = chooseCorpora(options.corpora ?? (await loadCorpora()), config.corpora);
  const engine = options.engine ?? (await loadEngine());
  const set = options.set ?? (await experimentFeatures(corpora, config, { signal, onFeatures }));
  const featureSeconds = (performance.now() - started) / 1000;

  const classes = classesOf(set.clips);
  const input = modelInput(set, config.model.kind);
  const labels = labelsOf(set, classes);
  const { splits, audits } = auditedSplits(set, config);
  onAudit?.(audits);
  const fingerprint = dataFingerprint(set.clips);
  const identity = [configHash(config), fingerprint, engine.version, engine.threads].join('/');

  const folds: FoldResult[] = [];
  let outcome: ExperimentResult['outcome'] = 'finished';
  for (const [i, split] of splits.entries()) {
    const place: SplitPlace = { name: split.name, number: i + 1, count: splits.length };
    onSplit?.(place, split);
    const result = await trainSplit(engine, set, input, split, config, {
      labels,
      classes: classes.length,
      signal,
      onResume: (history) => onResume?.(history, place),
      onStep: (progress) => onStep?.(progress, place),
      onEpoch: (record, history) => onEpoch?.(record, history, place),
      ...(checkpoints !== undefined && { checkpoint: checkpointOf(checkpoints, identity, split) }),
    });
    if (result.outcome === 'interrupted') {
      outcome = 'interrupted';
      // Of a single split, the best so far is what the user interrupted for.
      if (splits.length === 1 && result.history.length > 0)
        folds.push({ ...result, split, audit: audits[i] });
      break;
    }
    folds.push({ ...result, split, audit: audits[i] });
  }

  if (outcome === 'finished' && checkpoints !== undefined) {
    for (const split of splits) await rm(checkpointOf(checkpoints, identity, split).path, { force: true });
  }

  const gather = (part: 'test' | 'validation'): Predictions | undefined =>
    predictionsOf(set, config, classes, labels, folds, part);
  const predictions = gather('test');
  const sum = (key: 'training' | 'prediction'): number =>
    folds.reduce((total, { seconds }) => total + seconds[key], 0);
  return {
    config,
    engine,
    set,
    classes,
    folds,
    predictions,
    validation: gather('validation'),
    report: predictions && scoreReport(predictions),
    outcome,
    seconds: {
      features: featureSeconds,
      training: sum('training'),
      prediction: sum('prediction'),
      all: (performance.now() - started) / 1000,
    },
    data: { source: corpora.source, clips: set.clips.length, fingerprint },
  };
}

/** A split's checkpoint: of the same experiment on the same data and engine, and of no other. */
function checkpointOf(
  folder: string,
  experiment: string,
  { name }: Split,
): { path: string; identity: string } {
  const identity = `${experiment}/${name}`;
  const file = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  return { path: join(folder, `${file}.checkpoint`), identity };
}

/** Index of each row's class; shape [rows]. */
export function labelsOf(
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
 * The splits that are to be trained, each audited.
 *
 * Recordings that are nearly the same are looked for where the features allow it, and kept apart.
 */
function auditedSplits(set: FeatureSet, { dataset }: ExperimentConfig): { splits: Split[]; audits: Audit[] } {
  const { protocol, folds, fold, seed, validationShare, normalisation } = dataset;
  const nearDuplicates = hasFingerprint(set) ? findNearDuplicates(set) : undefined;
  const all = makeSplits(set, { protocol, folds, seed, validationShare, nearDuplicates });
  if (fold !== 'all' && fold >= all.length) {
    const rule = `all, or an integer below the number of splits (${all.length})`;
    throw new InvalidArgumentError('dataset.fold', rule, fold);
  }
  const splits = fold === 'all' ? all : [all[fold]];
  const scaler = normalisation === 'speaker' ? ('per speaker' as const) : undefined;
  return {
    splits,
    audits: splits.map((split) => auditSplit(set, split, { protocol, nearDuplicates, scaler })),
  };
}

/** What `findNearDuplicates` needs. */
const hasFingerprint = ({ config: { features, nMfcc, nMels } }: FeatureSet): boolean =>
  (features.includes('mfcc') && nMfcc >= 8) || (features.includes('logMel') && nMels >= 17);

function predictionsOf(
  { clips, versions }: FeatureSet,
  { dataset }: ExperimentConfig,
  classes: readonly Emotion[],
  labels: Int32Array,
  folds: readonly FoldResult[],
  part: 'test' | 'validation',
): Predictions | undefined {
  const rows = folds.flatMap(({ split }) => [...split[part]]);
  if (rows.length === 0) return undefined;
  const probabilities = new Float32Array(rows.length * classes.length);
  let at = 0;
  for (const fold of folds) {
    probabilities.set(fold[part], at);
    at += fold[part].length;
  }
  return {
    ...underProtocol(dataset.protocol, protocolNote(dataset)),
    classes,
    clips: rows.map((row): Clip => clips[Math.floor(row / versions.length)]),
    actual: Int32Array.from(rows, (row) => labels[row]),
    probabilities,
    splitOf: Int32Array.from(folds.flatMap(({ split }, i) => Array<number>(split[part].length).fill(i))),
    splits: folds.map(({ split }) => split.name),
  };
}
