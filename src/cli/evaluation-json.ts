import { relative } from 'node:path';
import { configHash, type ExperimentConfig } from '../core/config';
import type { Evaluation, ProtocolComparison, RunsAsOne } from '../node/experiment';
import { projectRoot } from '../node/files';
import type { StoredRun } from '../node/runs';
import { recordPaths } from './describe-evaluation';

/** An evaluation as one JSON object: everything but the recordings, the features and the models. */
export function evaluationJson(evaluation: Evaluation): string {
  return stringify(plainEvaluation(evaluation));
}

/** What runs are as one model, as one JSON object. */
export function runsAsOneJson(
  runs: readonly StoredRun[],
  { scores, gains, seconds, path, result: { data } }: RunsAsOne,
): string {
  return stringify({
    members: runs.map(({ file }, i) => ({ run: file, gain: gains[i] })),
    data,
    ...scores,
    seconds,
    ...(path !== undefined && { record: relative(projectRoot, path) }),
  });
}

/** A comparison of protocols as one JSON object. */
export function comparisonJson(
  config: ExperimentConfig,
  { steps, left, outcome, seconds }: ProtocolComparison,
): string {
  return stringify({
    config,
    outcome,
    protocols: steps.map(({ protocol, siblingShare, evaluation }) => ({
      protocol,
      siblingShare,
      ...plainEvaluation(evaluation),
    })),
    left,
    seconds,
  });
}

function plainEvaluation(evaluation: Evaluation): object {
  const { config, seeds, runs, outcome, folds, audits, scores, ensemble, seconds } = evaluation;
  const [{ engine, data }] = runs;
  return {
    config,
    hash: configHash(config),
    engine: { name: engine.name, version: engine.version, threads: engine.threads },
    data,
    seeds,
    outcome,
    folds,
    audits,
    ...scores,
    ensemble: ensemble?.scores.report,
    seconds,
    records: recordPaths(evaluation),
  };
}

function stringify(value: object): string {
  const plain = (_: string, part: unknown): unknown =>
    ArrayBuffer.isView(part) ? Array.from(part as unknown as ArrayLike<number>) : part;
  return JSON.stringify(value, plain, 2);
}
