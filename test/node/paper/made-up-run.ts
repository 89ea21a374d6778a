import {
  configHash,
  type ExperimentChanges,
  experimentConfig,
  type PresetName,
} from '../../../src/core/config';
import type { ProtocolName } from '../../../src/core/dataset';
import { scoreReport, underProtocol } from '../../../src/core/evaluation';
import type { FoundRun } from '../../../src/node/paper/figure-runs';
import { leaky, madeUpPredictions } from '../../core/evaluation/made-up-predictions';

const predictions = madeUpPredictions();
const leakyReport = scoreReport(leaky(predictions), { resamples: 20 });
const report = scoreReport(predictions, { resamples: 20 });

let day = 0;
/** A run with the scores of made-up predictions, one day later than the one before. */
export function madeUpRun(
  protocol: ProtocolName,
  own: { preset?: PresetName; status?: FoundRun['status']; changes?: ExperimentChanges } = {},
): FoundRun {
  const { preset = 'compact', status = 'finished', changes = {} } = own;
  const config = experimentConfig(preset, { dataset: { protocol } }, changes);
  const started = new Date(Date.UTC(2026, 0, ++day)).toISOString();
  const file = `${started.slice(0, 10)}-${preset}-${protocol}.json`;
  return {
    ...{ format: 1, started, status, config, hash: configHash(config), splits: [], file, path: file },
    sha256: '',
    data: { source: 'four corpora', clips: 12_162, fingerprint: 'of 12162' },
    report: protocol === 'paper-rows' ? leakyReport : { ...report, ...underProtocol(protocol) },
    figures: {
      clips: {},
      classes: predictions.classes,
      confusion: [],
      first: { right: 0, of: 0 },
      siblingShare: 0,
    },
    environment: { node: '', platform: '', cpu: '', processors: 1, memoryGb: 1, packages: {} },
  };
}
