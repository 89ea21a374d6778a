import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import { type Engine, readWeights } from '../../../src/core/network';
import { scalerOfRow } from '../../../src/core/dataset';
import {
  type ExperimentResult,
  fitNormaliser,
  gatherInput,
  modelInput,
  scaledRows,
} from '../../../src/core/prediction';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import { loadEngine } from '../../../src/node/engine';
import { explainFold, runExperiment } from '../../../src/node/experiment';
import { extractFeatures, featuresOnDisk } from '../../../src/node/extraction';
import { toneCorpus } from './tone-corpus';

const small: ExperimentChanges = {
  model: { width: 4 },
  training: { epochs: 2, batchSize: 8, mixup: 0.2, timeMask: 4, monitor: 'valLoss' },
  dataset: { folds: 2, fold: 'all', validationShare: 0.4 },
  features: { versions: { original: [], higher: [{ kind: 'pitch', nSteps: 2 }] } },
};

describe('experiments with rows on disk', function () {
  this.timeout(300_000);
  let folder: string;
  let corpora: Corpora;
  let engine: Engine;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-disk-'));
    toneCorpus(join(folder, 'data'));
    corpora = await loadCorpora({ root: join(folder, 'data') });
    engine = await loadEngine('wasm'); // one thread in every process
  });
  after(async () => {
    await loadEngine(); // restores the default engine
    rmSync(folder, { recursive: true });
  });

  /** The numbers of a result. */
  async function numbersOf(result: ExperimentResult): Promise<unknown> {
    const folds: unknown[] = [];
    for (const { trained, normaliser, history, validation, test } of result.folds)
      folds.push({
        weights:
          'network' in trained ? await readWeights(trained.network.model) : trained.classifier.toJSON(),
        normaliser: normaliser.toJSON(),
        history: history.map((record) => ({ ...record, seconds: 0 })),
        validation,
        test,
      });
    return { folds, probabilities: result.predictions?.probabilities, report: result.report };
  }

  /** The results of the same experiment with rows in memory and on disk. */
  async function both(
    changes: ExperimentChanges,
    workers = 1,
  ): Promise<{ inMemory: ExperimentResult; onDisk: ExperimentResult }> {
    const config = experimentConfig('quick', small, changes);
    const stores = { store: join(folder, 'store'), rows: join(folder, 'rows'), workers: 1 };
    const options = { corpora, engine };
    const set = await extractFeatures(corpora, config.features, stores);
    const inMemory = await runExperiment(config, { ...options, set });
    const source = await featuresOnDisk(corpora, config.features, stores);
    assert.equal(source.data.length, 0);
    const onDisk = await runExperiment(config, { ...options, set: source, workers });
    assert.equal(onDisk.folds.length, 2);
    assert.deepEqual(await numbersOf(onDisk), await numbersOf(inMemory));
    return { inMemory, onDisk };
  }

  it('train the same weights and give the same predictions', async () => {
    const { inMemory, onDisk } = await both({});
    const explained = await Promise.all([inMemory, onDisk].map((result) => explainFold(result)));
    assert.deepEqual(explained[1].rows, explained[0].rows);
  });

  it('the same in parallel processes, which read the file themselves', async () => {
    await both({}, 2);
  });

  it('the same with one scaler per speaker and predictions averaged over versions', async () => {
    await both({
      dataset: { normalisation: 'speaker', testVersions: 'trained' },
      training: { versionsPerEpoch: 1 },
    });
  });

  for (const [kind, features] of [
    ['log-mel', ['logMel']],
    ['knn', ['zcr', 'rms', 'mfcc', 'f0']],
  ] as const) {
    it(`the same for the layout of the model ${kind}`, async () => {
      const changes = { model: { kind }, features: { features: [...features], durationSec: 1 } };
      await both({ ...changes, training: { epochs: 1 } });
    });
  }

  it('are gathered and scaled the same in the layout of the paper, which is slow to train', async () => {
    const { features, dataset } = experimentConfig('paper');
    const stores = { store: join(folder, 'store'), rows: join(folder, 'rows'), workers: 1 };
    const [inMemory, onDisk] = await Promise.all(
      [extractFeatures, featuresOnDisk].map(async (extract) => {
        const set = await extract(corpora, features, stores);
        const input = modelInput(set, 'paper');
        const rows = Int32Array.from({ length: set.shape[0] * set.shape[1] }, (_, i) => i);
        const scaler = await fitNormaliser(set, input, dataset.normalisation, rows.subarray(7));
        const data = { ...scaledRows(input, scalerOfRow(scaler, set)), classes: 3 };
        return { scaler: scaler.toJSON(), x: await gatherInput(data, rows.reverse()) };
      }),
    );
    assert.deepEqual(onDisk, inMemory);
  });
});

it('classifiers without a network reject more rows than fit in memory', async () => {
  const data = { inputShape: [2 ** 20, 8], classes: 2, gather: () => assert.fail('nothing is read') };
  await assert.rejects(
    gatherInput(data, new Int32Array(129)),
    /129 rows of 8,388,608 values exceed .* knn, svm, majority .*; use a network, fewer clips/,
  );
});
