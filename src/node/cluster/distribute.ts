import { existsSync } from 'node:fs';
import type { ExperimentConfig } from '../../core/config';
import { InvalidArgumentError, WorkbenchError } from '../../core/base';
import type { FeatureSet } from '../../core/features';
import type { Engine } from '../../core/network';
import { corporaFor, type Corpora } from '../corpora';
import { type FoldEnd, isBaseline, prepareExperiment, type TrainedFold } from '../experiment';
import { configHash } from '../../core/config';
import type { ExtractProgress } from '../extraction';
import { dataFingerprint } from '../runs';
import type { PlannedTrial, TrialEnd } from '../sweep';
import { deleteResult, makePlan, type Plan, readResult, storedTasks, type StoredPlan } from './plan';

/** Inputs that all plans share. */
export interface DistributeOptions {
  command: string;
  corpora: Corpora;
  engine: Engine;
  /** TensorFlow threads of each task */
  threads: number;
  runs: string;
}

/** A plan and a function that reads its results when all tasks are done. */
export interface Distributed<Results> {
  plan: StoredPlan;
  results: () => Results;
}

/**
 * Divides the training of experiments by folds. The experiments are prepared here (features, splits, audits), because the names of the
 * folds depend on the data.
 *
 * @param experiments - configs that differ in protocol or other options
 * @param seeds - each experiment is trained with each of them; default the seed of its config
 * @returns `results`: for the option `trainedFold` of the experiments
 * @throws {@link InvalidArgumentError} for a model that is not trained step by step
 */
export async function distributeFolds(
  experiments: readonly ExperimentConfig[],
  {
    seeds,
    signal,
    onFeatures,
    ...options
  }: DistributeOptions & {
    seeds?: readonly number[];
    /** features of the configs, which share them; default: they are read from the store or computed */
    set?: FeatureSet;
    signal?: AbortSignal;
    onFeatures?: (progress: ExtractProgress) => void;
  },
): Promise<Distributed<TrainedFold>> {
  const { corpora, engine } = options;
  const configs: ExperimentConfig[] = [];
  const tasks: Plan['tasks'] = [];
  let { set } = options;
  for (const experiment of experiments) {
    const { kind } = experiment.model;
    if (isBaseline(kind))
      throw new InvalidArgumentError(
        '--on',
        `used with a network (${kind} is fitted in one step)`,
        kind,
        'leave it out',
      );
    const prepared = await prepareExperiment(experiment, { corpora, engine, set, signal, onFeatures });
    ({ set } = prepared);
    for (const seed of seeds ?? [experiment.seed]) {
      configs.push({ ...prepared.config, seed });
      for (const { name } of prepared.splits) tasks.push({ config: configs.length - 1, fold: name });
    }
  }
  const plan = await planOf('folds', configs, tasks, options);
  const numberOf = new Map(
    tasks.map((task, i) => [taskKey(configs[task.config], 'fold' in task ? task.fold : ''), i]),
  );
  return {
    plan,
    results: () => (config, fold) => {
      const task = numberOf.get(taskKey(config, fold));
      if (task === undefined)
        throw new WorkbenchError(
          `the plan ${plan.folder} has no fold ${JSON.stringify(fold)} with this config`,
        );
      return readResult(plan.folder, task) as FoldEnd;
    },
  };
}

const taskKey = (config: ExperimentConfig, fold: string): string => `${configHash(config)}/${fold}`;

/** Divides a round of a sweep by trials. @returns `results`: in the order of the trials */
export async function distributeTrials(
  trials: readonly PlannedTrial[],
  { module, retryFailed = false, ...options }: DistributeOptions & { module?: string; retryFailed?: boolean },
): Promise<Distributed<TrialEnd[]>> {
  const configs = trials.map(({ config }) => config);
  const plan = await planOf(
    'trials',
    configs,
    configs.map((_, config) => ({ config })),
    options,
    module,
  );
  const endOf = (task: number) => readResult(plan.folder, task) as TrialEnd;
  if (retryFailed && existsSync(plan.folder)) {
    for (const task of storedTasks(plan).done)
      if (endOf(task).status === 'failed') deleteResult(plan.folder, task);
  }
  return { plan, results: () => trials.map((_, task) => endOf(task)) };
}

/** Most clips of a task: about a minute of work. */
const maxClips = 5000;
/** Fewer clips are not worth the start of a process. */
const minClips = 64;
const wantedTasks = 64;

/** Divides the features of an experiment by clips. The tasks fill the store. */
export async function distributeFeatures(
  config: ExperimentConfig,
  options: DistributeOptions,
): Promise<Distributed<void>> {
  const { clips } = corporaFor(options.corpora, config);
  const perTask = Math.min(maxClips, Math.max(minClips, Math.ceil(clips.length / wantedTasks)));
  const tasks = Array.from({ length: Math.max(1, Math.ceil(clips.length / perTask)) }, (_, i) => ({
    config: 0,
    from: i * perTask,
    to: Math.min(clips.length, (i + 1) * perTask),
  }));
  return { plan: await planOf('features', [config], tasks, options), results: () => undefined };
}

function planOf(
  kind: Plan['kind'],
  configs: ExperimentConfig[],
  tasks: Plan['tasks'],
  { command, corpora, engine, threads, runs }: DistributeOptions,
  module?: string,
): Promise<StoredPlan> {
  const data = { root: corpora.root, fingerprint: dataFingerprint(corpora.clips) };
  return makePlan({
    kind,
    command,
    data,
    runs,
    engine,
    threads,
    configs,
    tasks,
    ...(module !== undefined && { module }),
  });
}
