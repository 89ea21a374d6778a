import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import { type Distributed, distributeFolds, storePlan } from '../../../src/node/cluster';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import { loadEngine } from '../../../src/node/engine';
import { runExperiment, type TrainedFold } from '../../../src/node/experiment';
import type { RunRecord } from '../../../src/node/runs';
import { toneCorpus } from '../experiment/tone-corpus';

/** Experiments on the tone corpus, and their plans. */
export interface PlanLab {
  corpora: Corpora;
  runs: string;
  config: (changes?: ExperimentChanges) => ReturnType<typeof experimentConfig>;
  /** a stored plan of the folds, in a new folder of runs */
  plan: (changes?: ExperimentChanges) => Promise<Distributed<TrainedFold>>;
  /** the test probabilities of an ordinary run */
  expected: (changes?: ExperimentChanges) => Promise<Float32Array>;
  /** the test probabilities of a plan's results */
  found: (work: Distributed<TrainedFold>, changes?: ExperimentChanges) => Promise<Float32Array>;
}

export async function openPlanLab(folder: string): Promise<PlanLab> {
  toneCorpus(join(folder, 'data'));
  const corpora = await loadCorpora({ root: join(folder, 'data') });
  const runs = join(folder, 'runs');
  const small: ExperimentChanges = {
    model: { width: 4 },
    training: { epochs: 3, batchSize: 8 },
    dataset: { folds: 2, fold: 'all', validationShare: 0.5 },
    features: { versions: { original: [] } },
  };
  const config = (changes: ExperimentChanges = {}) => experimentConfig('quick', small, changes);
  const engine = await loadEngine();
  return {
    corpora,
    runs,
    config,
    plan: async (changes) => {
      const own = mkdtempSync(join(folder, 'runs-'));
      const options = { command: 'npm run train', corpora, engine, threads: engine.threads, runs: own };
      const work = await distributeFolds([config(changes)], options);
      return { ...work, plan: await storePlan(work.plan) };
    },
    expected: async (changes) =>
      (await runExperiment(config(changes), { corpora, engine })).predictions!.probabilities,
    found: async ({ results }, changes) =>
      (await runExperiment(config(changes), { corpora, engine, trainedFold: results() })).predictions!
        .probabilities,
  };
}

/** All output of a plan's tasks. */
export function logsOf(folder: string): string {
  const logs = join(folder, 'logs');
  if (!existsSync(logs)) return '';
  return readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8')).join('\n'); // prettier-ignore
}

/** A record without times, file names and the state of the checkout. */
export const comparable = ({ splits, ...record }: RunRecord & { file?: string }) => ({
  ...record,
  file: '',
  predictions: { ...record.predictions, file: '' },
  started: '',
  seconds: {},
  splits: splits.map(({ history, ...split }) => ({
    ...split,
    history: history.map((epoch) => ({ ...epoch, seconds: 0 })),
  })),
});
