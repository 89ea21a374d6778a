import { basename } from 'node:path';
import { canonicalHash, WorkbenchError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import { metricOf, type Predictions } from '../../core/evaluation';
import type { FeatureSet } from '../../core/features';
import { type Corpora, loadCorpora } from '../corpora';
import { runExperiment } from '../experiment';
import { runRecordOf, writeRunRecord } from '../runs';
import type { RunTrial } from './trial';

/** Kept from trial to trial: most sweeps vary neither. */
let corpora: Corpora | undefined;
let features: { key: string; set: FeatureSet } | undefined;

/**
 * A trial of a sweep: an experiment with its run record, scored by the validation rows, so that the test rows stay unseen while
 * configs are chosen.
 *
 * @throws WorkbenchError if the config keeps no validation rows, or the trial was interrupted
 */
export const runTrial: RunTrial = async (config, { runs, signal, onEpoch }) => {
  if (config.dataset.validationShare === 0) throw withoutValidation(config);
  const started = new Date();
  corpora ??= await loadCorpora();
  const key = canonicalHash([config.corpora, config.features]);
  const set = features?.key === key ? features.set : undefined;
  const result = await runExperiment(config, { corpora, set, signal, onEpoch });
  features = { key, set: result.set };
  for (const { trained } of result.folds) if ('network' in trained) trained.network.model.dispose();
  if (result.outcome === 'interrupted') throw new WorkbenchError('it was interrupted');
  if (!result.validation) throw withoutValidation(config);
  const path = await writeRunRecord(await runRecordOf(result, started), runs);
  return { score: scoreOf(result.validation, config.training.monitor), run: basename(path) };
};

function withoutValidation({ dataset: { validationShare } }: ExperimentConfig): WorkbenchError {
  const why =
    validationShare === 0
      ? 'dataset.validationShare must be above 0'
      : `of so few clips, dataset.validationShare=${validationShare} is none`;
  return new WorkbenchError(`it has no validation rows to be scored by: ${why}`);
}

/** By what the config chooses the best epoch by, or UAR where it keeps the last; higher is better. */
function scoreOf(validation: Predictions, monitor: ExperimentConfig['training']['monitor']): number {
  if (monitor === 'valLoss') return -metricOf(validation, 'logLoss');
  return metricOf(validation, monitor === 'valAccuracy' ? 'accuracy' : 'uar');
}
