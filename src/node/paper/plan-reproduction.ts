import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, createRandom, median, messageOf, WorkbenchError } from '../../core/base';
import { configHash, type ExperimentConfig } from '../../core/config';
import { classesOf, type Split } from '../../core/dataset';
import { featureConfig } from '../../core/features';
import { epochRows, stepsIn } from '../../core/network';
import { inputWithoutRows, testedVersions } from '../../core/prediction';
import { corporaFor } from '../corpora';
import { measureTraining } from '../engine';
import { checkpointOf, experimentSplits, isBaseline, readCheckpoint } from '../experiment';
import { clipsToExtract, extractFeatures } from '../extraction';
import { createPredictor, findModels, loadModel, modelOfRun } from '../models';
import { dataFingerprint, type FoldsRecord } from '../runs';
import { findRuns, type FoundRun } from './figure-runs';
import type { PublishedResult, ReproductionInputs } from './published-results';

/** A published result in a plan. */
export interface PlannedResult {
  result: PublishedResult;
  /** `run`: fits into the budget; `part`: is started, because nothing fits; `later`: does not fit */
  state: 'done' | 'run' | 'part' | 'later';
  folds: number;
  /** training steps of all folds, and those that a checkpoint has */
  steps: number;
  stepsDone: number;
  /** time of a step as measured on this machine, ms; undefined for classifiers without steps, whose time is that of the published run */
  stepMs?: number;
  /** clips with features that are not in the store */
  clips: number;
  /** what remains, estimated */
  seconds: { features: number; all: number };
}

/** The results that were computed here: records in the folder of runs with the same config hash and the same clips. */
export async function resultsHere({
  results,
  corpora,
  runs,
}: ReproductionInputs): Promise<Map<PublishedResult, FoundRun>> {
  const stored = (await findRuns([runs])).filter(({ status, report }) => status === 'finished' && report);
  const found = new Map<PublishedResult, FoundRun>();
  for (const result of results) {
    const { kind, key, config, needs, conditions } = result;
    if (kind === 'conditions') {
      const model = found.get(needs[0]);
      if (model && modelFolder(model, runs, conditions!.split).hasConditions) found.set(result, model);
      continue;
    }
    const fingerprint = dataFingerprint(corporaFor(corpora, config).clips);
    const needsModels = results.some((other) => other.needs.includes(result));
    const own = stored.findLast(
      (run) =>
        run.data?.fingerprint === fingerprint && keyOf(run) === key && (!needsModels || hasModels(run, runs)),
    );
    if (own) found.set(result, own);
  }
  return found;
}

/** Like the key of a {@link PublishedResult}. */
const keyOf = ({ config, members }: FoundRun): string =>
  members ? `ensemble ${canonicalJson(members.map(({ hash }) => hash).sort())}` : configHash(config);

/** The folder of a model of a run, and whether its card has scores under recording conditions. */
export function modelFolder(
  run: FoundRun,
  runs: string,
  split: string,
): { path: string; hasConditions: boolean } {
  const path = modelOfRun(run, runs, split);
  return { path, hasConditions: findModels([path]).at(0)?.card.conditions !== undefined };
}

function hasModels(run: FoundRun, runs: string): boolean {
  try {
    const names = run.members ? run.report!.perSplit : run.splits;
    return names.every(({ name }) => existsSync(modelOfRun(run, runs, name)));
  } catch {
    return false;
  }
}

/** Options of {@link planReproduction}. */
export interface PlanOptions {
  /** default no limit */
  budgetSec?: number;
  signal?: AbortSignal;
  /** called before each measurement */
  onMeasure?: (what: string) => void;
}

/**
 * Estimates the time of each result from measured steps of its network, and chooses those that fit into a budget. Results that are
 * done take no time, and those with checkpoints only the rest. If nothing fits, the first result is started.
 */
export async function planReproduction(
  inputs: ReproductionInputs,
  { budgetSec = Infinity, signal, onMeasure }: PlanOptions = {},
): Promise<PlannedResult[]> {
  const here = await resultsHere(inputs);
  const costs = costsOn(inputs, { signal, onMeasure });
  const planned: PlannedResult[] = [];
  for (const result of inputs.results) {
    signal?.throwIfAborted();
    const none = { folds: 0, steps: 0, stepsDone: 0, clips: 0, seconds: { features: 0, all: 0 } };
    planned.push(
      here.has(result)
        ? { result, state: 'done', ...none }
        : { result, state: 'later', ...none, ...(await costs.of(result)) },
    );
  }
  return withinBudget(planned, budgetSec);
}

/**
 * Chooses the results that fit into a budget, in the order of the plan. Features are only extracted for the first result that needs them. If
 * nothing fits, the first result is started.
 */
export function withinBudget(planned: readonly PlannedResult[], budgetSec: number): PlannedResult[] {
  const extracted = new Set<string>();
  const ready = new Set(planned.flatMap(({ result, state }) => (state === 'done' ? [result] : [])));
  let left = budgetSec;
  const all = planned.map((one): PlannedResult => {
    if (one.state === 'done') return one;
    const { config, needs } = one.result;
    const [ofAll, own] = ['all', config.corpora].map((names) => `${String(names)} ${featuresKey(config)}`);
    const { features, all: total } = one.seconds;
    const isShared = extracted.has(ofAll) || extracted.has(own);
    const now = isShared ? { ...one, clips: 0, seconds: { features: 0, all: total - features } } : one;
    if (!needs.every((need) => ready.has(need)) || now.seconds.all > left) return now;
    left -= now.seconds.all;
    ready.add(one.result);
    extracted.add(own);
    return { ...now, state: 'run' };
  });
  const first = all.findIndex(({ state }) => state !== 'done');
  return all.some(({ state }) => state === 'run') || first === -1
    ? all
    : all.with(first, { ...all[first], state: 'part' });
}

const featuresKey = ({ features }: ExperimentConfig): string => canonicalJson(featureConfig(features));

type Costs = Omit<PlannedResult, 'result' | 'state'>;

/** Clips whose extraction is timed. They stay in the store. */
const timedClips = 64;

/** Measures each network and each set of features once. */
function costsOn(
  { engine, corpora, records, runs }: ReproductionInputs,
  { signal, onMeasure }: Pick<PlanOptions, 'signal' | 'onMeasure'>,
) {
  const once = new Map<string, unknown>();
  const cached = async <Value>(key: unknown, measure: () => Promise<Value> | Value): Promise<Value> => {
    const text = canonicalJson(key);
    if (!once.has(text)) once.set(text, await measure());
    return once.get(text) as Value;
  };

  const featuresOf = (config: ExperimentConfig) =>
    cached(['features', config.corpora, config.labels ?? null, featuresKey(config)], async () => {
      const own = corporaFor(corpora, config);
      const missing = await clipsToExtract(own.clips, config.features, { signal });
      if (missing.length === 0) return { clips: 0, seconds: 0 };
      const perClip = await cached(['extraction', featuresKey(config)], async () => {
        onMeasure?.(`the features of ${timedClips} clips for ${config.name}`);
        const clips = createRandom(1).shuffle(missing).slice(0, timedClips);
        const times: number[] = [];
        await extractFeatures({ ...own, clips }, config.features, {
          signal,
          onProgress: () => times.push(performance.now()),
        });
        // From the first clip on: without the start of the workers.
        return times.length < 2 ? 0 : (times[times.length - 1] - times[0]) / 1000 / (times.length - 1);
      });
      return { clips: missing.length, seconds: perClip * missing.length };
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
    const { splits, versions, classes } = splitsOf(config);
    const head = { folds: splits.length, clips };
    if (isBaseline(config.model.kind)) {
      const { training = 0, prediction = 0 } = record?.seconds ?? {};
      return {
        ...head,
        steps: 0,
        stepsDone: 0,
        seconds: { features, all: features + training + prediction },
      };
    }
    const { stepMs, rowMs } = await speedOf(result, classes);
    const { epochs, batchSize, versionsPerEpoch } = config.training;
    const fingerprint = dataFingerprint(corporaFor(corpora, config).clips);
    const sum = { steps: 0, stepsDone: 0, ms: 0 };
    for (const split of splits) {
      const rows = epochRows({ versions: versions.length }, split.train, versionsPerEpoch, createRandom(1)).length; // prettier-ignore
      const steps = stepsIn(rows, batchSize);
      const done = await epochsDone(join(runs, 'checkpoints'), split, { config, fingerprint });
      const tested = testedVersions(config.dataset, versions)?.length ?? 1;
      sum.steps += steps * epochs;
      sum.stepsDone += steps * done;
      const predicted = (epochs - done + tested) * split.validation.length + tested * split.test.length;
      sum.ms += steps * (epochs - done) * stepMs + predicted * rowMs;
    }
    const { steps, stepsDone, ms } = sum;
    return { ...head, steps, stepsDone, stepMs, seconds: { features, all: features + ms / 1000 } };
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
    return { folds, steps: 0, stepsDone: 0, clips: 0, seconds: { features: 0, all: ms / 1000 } };
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
    return { folds: 1, steps: 0, stepsDone: 0, clips: 0, seconds: { features: 0, all } };
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
