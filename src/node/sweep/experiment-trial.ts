import { basename, join } from 'node:path';
import { canonicalHash, leftOutOf, WorkbenchError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import { caveatsOf, metricOf, type Predictions } from '../../core/evaluation';
import type { FeatureSet } from '../../core/features';
import type { ExperimentResult } from '../../core/prediction';
import { type Corpora, loadCorpora } from '../corpora';
import { saveRun, trainExperiment } from '../experiment';
import type { RunTrial } from './trials';

/** Cached between trials, because most sweeps vary neither corpora nor features. */
let corpora: Corpora | undefined;
let features: { key: string; set: FeatureSet } | undefined;

/**
 * Runs an experiment as a trial of a sweep and writes its run record. The score is computed on the validation rows, so that the
 * test rows are not used for model selection. A trial that was interrupted or killed continues after its last epoch.
 *
 * @throws WorkbenchError if there are no validation rows, or the trial was interrupted
 */
export const runTrial: RunTrial = async (config, { runs, signal, onEpoch }) => {
  if (config.dataset.validationShare === 0) throw noValidationRows(config);
  const started = new Date();
  corpora ??= await loadCorpora({ labels: config.labels });
  const key = canonicalHash([config.corpora, config.labels, config.features]);
  const set = features?.key === key ? features.set : undefined;
  const { result, checkpoints } = await trainExperiment(config, {
    corpora,
    set,
    signal,
    onEpoch,
    checkpoints: join(runs, 'checkpoints'),
  });
  features = { key, set: result.set };
  for (const { trained } of result.folds) if ('network' in trained) trained.network.model.dispose();
  if (result.outcome === 'interrupted') throw new WorkbenchError('trial was interrupted');
  if (!result.validation) throw noValidationRows(config);
  const { path } = await saveRun(result, { started, runs, checkpoints });
  return {
    score: scoreOf(result.validation, config.training.monitor),
    run: basename(path),
    checkpoints,
    ...caveatsOf({ leftOut: [...result.leftOut, ...unscoredFolds(result)], warnings: result.warnings }),
  };
};

/** Folds without validation rows, which the score of the trial does not include. */
function unscoredFolds({ folds }: ExperimentResult) {
  const unscored = folds.filter(({ split }) => split.validation.length === 0);
  return leftOutOf(
    'folds without validation rows, not in the scores',
    unscored.map(({ split: { name, notes } }) => ({ name, reason: notes?.join('; ') ?? 'too few clips' })),
  );
}

function noValidationRows({ dataset: { validationShare } }: ExperimentConfig): WorkbenchError {
  const rule = validationShare === 0 ? 'above 0' : 'larger, as there are few clips';
  return new WorkbenchError(
    `no validation rows to score the trial: dataset.validationShare must be ${rule}, got ${validationShare}`,
  );
}

/** The metric that selects the epoch, or UAR if the last epoch is kept; higher is better. */
function scoreOf(validation: Predictions, monitor: ExperimentConfig['training']['monitor']): number {
  if (monitor === 'valLoss') return -metricOf(validation, 'logLoss');
  return metricOf(validation, monitor === 'valAccuracy' ? 'accuracy' : 'uar');
}
