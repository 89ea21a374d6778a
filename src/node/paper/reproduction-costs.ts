import { join } from 'node:path';
import { canonicalJson, type Clip, createRandom, median, messageOf, WorkbenchError } from '../../core/base';
import { type ExperimentConfig } from '../../core/config';
import { classesOf, type Split } from '../../core/dataset';
import { featureConfig } from '../../core/features';
import { epochRows, stepsIn } from '../../core/network';
import { inputWithoutRows, testedVersions } from '../../core/prediction';
import { corporaFor } from '../corpora';
import { measureTraining } from '../engine';
import { checkpointOf, experimentSplits, isBaseline, readCheckpoint } from '../experiment';
import {
  clipsToExtract,
  extractFeatures,
  findNearDuplicates,
  openStore,
  recordingProfiles,
} from '../extraction';
import { paths } from '../files';
import { createPredictor, loadModel } from '../models';
import { dataFingerprint, type FoldsRecord } from '../runs';
import type { FoundRun } from './figure-runs';
import type { PublishedResult, ReproductionInputs } from './published-results';

/** What the computation of a result takes. */
export interface Costs {
  folds: number;
  /** training steps of all folds, and those that a checkpoint has */
  steps: number;
  stepsDone: number;
  /** time of a step as measured on this machine, ms; undefined for classifiers without steps, whose time is that of the published run */
  stepMs?: number;
  /** clips with features that are not in the store */
  clips: number;
  /** what remains, estimated; `recordings`: search for near duplicates and measurement of level and noise, once for all runs */
  seconds: { features: number; recordings: number; all: number };
}

/** Options of {@link costsOn}. */
export interface CostsOptions {
  signal?: AbortSignal;
  /** called before each measurement */
  onMeasure?: (what: string) => void;
}

/** Identifies the features of an experiment. */
export const featuresKey = ({ features }: ExperimentConfig): string => canonicalJson(featureConfig(features));

/** Clips whose extraction is timed. They stay in the store. */
const timedClips = 64;

/** Measures each network and each set of features once. */
export function costsOn(
  { engine, corpora, records, runs }: ReproductionInputs,
  { signal, onMeasure }: CostsOptions,
) {
  const once = new Map<string, unknown>();
  const cached = async <Value>(key: unknown, measure: () => Promise<Value> | Value): Promise<Value> => {
    const text = canonicalJson(key);
    if (!once.has(text)) once.set(text, await measure());
    return once.get(text) as Value;
  };

  /** Seconds for each of some clips, without the start of the workers. What is computed stays in its store. */
  const timedPerClip = async (
    all: readonly Clip[],
    compute: (clips: Clip[], onProgress: () => void) => Promise<unknown>,
  ): Promise<number> => {
    const times: number[] = [];
    await compute(createRandom(1).shuffle(all).slice(0, timedClips), () => times.push(performance.now()));
    return times.length < 2 ? 0 : (times[times.length - 1] - times[0]) / 1000 / (times.length - 1);
  };

  const featuresOf = (config: ExperimentConfig) =>
    cached(['features', config.corpora, config.labels ?? null, featuresKey(config)], async () => {
      const own = corporaFor(corpora, config);
      const missing = await clipsToExtract(own.clips, config.features, { signal });
      if (missing.length === 0) return { clips: 0, seconds: 0 };
      const perClip = await cached(['extraction', featuresKey(config)], () => {
        onMeasure?.(`the features of ${timedClips} clips for ${config.name}`);
        return timedPerClip(missing, (clips, onProgress) =>
          extractFeatures({ ...own, clips }, config.features, { signal, onProgress }),
        );
      });
      return { clips: missing.length, seconds: perClip * missing.length };
    });

  const secondsOfRecordings = () =>
    cached('recordings', async () => {
      let seconds = 0;
      for (const [store, compute] of [
        ['fingerprints', (clips: Clip[], onFeatures: () => void) => findNearDuplicates({ clips }, corpora, { signal, onFeatures })], // prettier-ignore
        ['profiles', (clips: Clip[], onFeatures: () => void) => recordingProfiles(clips, corpora, { signal, onFeatures })], // prettier-ignore
      ] as const) {
        const { entries } = await (await openStore(join(paths.cache, store))).size();
        const missing = corpora.clips.length - entries;
        if (missing <= 0) continue;
        onMeasure?.(`the ${store} of ${timedClips} clips`);
        seconds += missing * (await timedPerClip(corpora.clips, compute));
      }
      return seconds;
    });

  const splitsOf = (config: ExperimentConfig): { splits: Split[]; versions: string[]; classes: number } => {
    const { clips } = corporaFor(corpora, config);
    const versions = Object.keys(featureConfig(config.features).versions);
    const known = new Set(clips.map(({ path }) => path));
    const pairs = nearDuplicatesIn(records).filter((pair) => pair.every((path) => known.has(path)));
    const duplicates = { pairs: pairs.map((pair) => ({ paths: pair })) };
    return {
      splits: experimentSplits({ clips, versions }, config, duplicates),
      versions,
      classes: classesOf(clips).length,
    };
  };

  const speedOf = ({ config, name }: PublishedResult, classes: number) => {
    const { inputShape } = inputWithoutRows(config);
    const { batchSize, optimizer, classWeights, clipNorm } = config.training;
    return cached([inputShape, config.model, batchSize, optimizer, classWeights, clipNorm, classes], () => {
      onMeasure?.(`a step of ${name}, ${batchSize} rows of ${inputShape.join(' × ')}`);
      return measureTraining(engine, config, inputShape, { classes });
    });
  };

  const runCosts = async (result: PublishedResult): Promise<Costs> => {
    const { config, record } = result;
    const { clips, seconds: features } = await featuresOf(config);
    const recordings = await secondsOfRecordings();
    const before = features + recordings;
    const { splits, versions, classes } = splitsOf(config);
    const head = { folds: splits.length, clips };
    if (isBaseline(config.model.kind)) {
      const { training = 0, prediction = 0 } = record?.seconds ?? {};
      return {
        ...head,
        steps: 0,
        stepsDone: 0,
        seconds: { features, recordings, all: before + training + prediction },
      };
    }
    const { stepMs, rowMs } = await speedOf(result, classes);
    const { epochs, batchSize } = config.training;
    const fingerprint = dataFingerprint(corporaFor(corpora, config).clips);
    const sum = { steps: 0, stepsDone: 0, ms: 0 };
    for (const split of splits) {
      const rows = epochRows({ versions: versions.length }, split.train, config.training, createRandom(1)).length; // prettier-ignore
      const steps = stepsIn(rows, batchSize);
      const done = await epochsDone(join(runs, 'checkpoints'), split, { config, fingerprint });
      const tested = testedVersions(config.dataset, versions)?.length ?? 1;
      sum.steps += steps * epochs;
      sum.stepsDone += steps * done;
      const predicted = (epochs - done + tested) * split.validation.length + tested * split.test.length;
      sum.ms += steps * (epochs - done) * stepMs + predicted * rowMs;
    }
    const { steps, stepsDone, ms } = sum;
    return { ...head, steps, stepsDone, stepMs, seconds: { features, recordings, all: before + ms / 1000 } };
  };

  const epochsDone = async (
    folder: string,
    split: Split,
    context: { config: ExperimentConfig; fingerprint: string },
  ): Promise<number> => {
    const { path, identity } = checkpointOf(folder, split, context, engine);
    const checkpoint = await readCheckpoint(path).catch(() => undefined); // training reports a damaged one
    return checkpoint?.identity.startsWith(identity) ? checkpoint.history.length : 0;
  };

  /** Each member predicts the validation and test rows again. */
  const ensembleCosts = async ({ config, needs }: PublishedResult): Promise<Costs> => {
    let ms = 0;
    for (const member of needs) {
      if (isBaseline(member.config.model.kind)) continue;
      const { splits, versions, classes } = splitsOf(member.config);
      const { rowMs } = await speedOf(member, classes);
      const tested = testedVersions({ ...member.config.dataset, testVersions: config.dataset.testVersions }, versions)?.length ?? 1; // prettier-ignore
      for (const { validation, test } of splits) ms += tested * (validation.length + test.length) * rowMs;
    }
    const folds = splitsOf(config).splits.length;
    return {
      folds,
      steps: 0,
      stepsDone: 0,
      clips: 0,
      seconds: { features: 0, recordings: 0, all: ms / 1000 },
    };
  };

  /** Features and prediction of each test clip under each condition. */
  const conditionCosts = async ({ conditions, config }: PublishedResult): Promise<Costs> => {
    const { rows, model } = conditions!;
    const perPrediction = await cached(['prediction', model], async () => {
      onMeasure?.('a prediction of the published model');
      const predictor = createPredictor(await loadModel(engine, model), engine);
      const own = corporaFor(corpora, config);
      const times: number[] = [];
      for (const clip of own.clips.slice(0, 6)) {
        const started = performance.now();
        await predictor.predict(own.fileOf(clip));
        times.push(performance.now() - started);
      }
      return median(times.slice(1)) / 1000;
    });
    const all = perPrediction * rows.reduce((sum, { clips }) => sum + clips, 0);
    return { folds: 1, steps: 0, stepsDone: 0, clips: 0, seconds: { features: 0, recordings: 0, all } };
  };

  return {
    of: (result: PublishedResult): Promise<Costs> => {
      const { kind, name } = result;
      const costs = { run: runCosts, ensemble: ensembleCosts, conditions: conditionCosts }[kind](result);
      return costs.catch((error: unknown) => {
        signal?.throwIfAborted();
        throw new WorkbenchError(`the time of ${name} cannot be estimated: ${messageOf(error)}`, { cause: error }); // prettier-ignore
      });
    },
  };
}

/** Near duplicates that published records list, which the splits keep together. */
const nearDuplicatesIn = (records: readonly FoundRun[]): NonNullable<FoldsRecord['nearDuplicates']> =>
  records.flatMap(({ folds }) => folds?.nearDuplicates ?? []);
