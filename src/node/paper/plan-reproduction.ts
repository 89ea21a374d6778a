import { existsSync } from 'node:fs';
import { configHash } from '../../core/config';
import { corporaFor } from '../corpora';
import { findModels, modelOfRun } from '../models';
import { dataFingerprint } from '../runs';
import { findRuns, type FoundRun } from './figure-runs';
import { ensembleKey, type PublishedResult, type ReproductionInputs } from './published-results';
import { type Costs, costsOn, type CostsOptions, featuresKey } from './reproduction-costs';

/** A published result in a plan. */
export interface PlannedResult extends Costs {
  result: PublishedResult;
  /** `run`: fits into the budget; `part`: is started, because nothing fits; `later`: does not fit */
  state: 'done' | 'run' | 'part' | 'later';
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
  members ? ensembleKey(members.map(({ hash }) => hash)) : configHash(config);

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
export interface PlanOptions extends CostsOptions {
  /** default no limit */
  budgetSec?: number;
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
    const none = {
      folds: 0,
      steps: 0,
      stepsDone: 0,
      clips: 0,
      seconds: { features: 0, recordings: 0, all: 0 },
    };
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
    const isExtracted = extracted.has(ofAll) || extracted.has(own);
    const features = isExtracted ? 0 : one.seconds.features;
    const recordings = extracted.size > 0 ? 0 : one.seconds.recordings;
    const saved = one.seconds.features + one.seconds.recordings - features - recordings;
    const seconds = { features, recordings, all: one.seconds.all - saved };
    const now = { ...one, seconds, ...(isExtracted && { clips: 0 }) };
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
