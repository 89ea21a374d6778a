import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import { scalerOfRow } from '../../../src/core/dataset';
import { metricOf, scaleByTemperature } from '../../../src/core/evaluation';
import { type EnsembleModel, modelInput, predictTrained, scaledRows } from '../../../src/core/prediction';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import {
  evaluateExperiment,
  type Evaluation,
  rescoreRun,
  evaluateEnsemble,
} from '../../../src/node/experiment';
import { createPredictor, loadModel, saveModel } from '../../../src/node/models';
import { readRunRecords, type StoredRun } from '../../../src/node/runs';
import { assertClose } from '../../assert-close';
import { toneCorpus } from './tone-corpus';

const config = (changes: ExperimentChanges = {}) =>
  experimentConfig(
    'quick',
    { model: { width: 4 }, training: { epochs: 2, batchSize: 16 }, dataset: { folds: 2, fold: 'all' } },
    changes,
  );
const knn: ExperimentChanges = { model: { kind: 'knn' } };

describe('saved models of runs', function () {
  this.timeout(120_000);
  let folder: string;
  let records: string;
  let corpora: Corpora;
  let seeds: Evaluation;
  let stored: StoredRun[];
  const of = (path?: string): StoredRun => stored.find(({ file }) => path?.endsWith(file))!;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-ensemble-'));
    records = join(folder, 'runs');
    toneCorpus(join(folder, 'data'));
    corpora = await loadCorpora({ root: join(folder, 'data') });
    seeds = await evaluateExperiment(config(), { corpora, seeds: [1, 2], records });
    await evaluateExperiment(config(knn), { corpora, records });
    await evaluateExperiment(config({ ...knn, dataset: { protocol: 'clips' } }), { corpora, records });
    stored = (await readRunRecords(records)).records;
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('reproduce the predictions of their run', async () => {
    const [first] = seeds.runs;
    const again = await rescoreRun(of(first.path), { corpora, records });
    assertClose(again.predictions!.probabilities, first.predictions!.probabilities, 1e-6);
    assertClose(again.validation!.probabilities, first.validation!.probabilities, 1e-6);
    assert.deepEqual(again.report, first.report);
    assert.deepEqual(
      again.folds.map(({ history, bestEpoch }) => [history.length, bestEpoch]),
      first.folds.map(({ history, bestEpoch }) => [history.length, bestEpoch]),
    );
    assert.equal(again.seconds.training, first.seconds.training);
  });

  it('predict held-out recordings in the training versions with testVersions: trained', async () => {
    const versions = { original: [], higher: [{ kind: 'pitch' as const, nSteps: 2 }] };
    const both = config({ features: { versions }, dataset: { trainVersions: 'all' } });
    const own = join(folder, 'voices');
    const { runs } = await evaluateExperiment(both, { corpora, seeds: [1, 2], records: own });
    const kept = (await readRunRecords(own)).records.filter(({ members }) => !members);
    const recalled = await rescoreRun(kept[0], { corpora, records: own, testVersions: 'trained' });
    const { engine, set, folds, classes } = runs[0];
    const input = modelInput(set, 'compact');
    const [{ trained, normaliser, split }] = folds;
    const data = { ...scaledRows(input, scalerOfRow(normaliser, set)), classes: classes.length };
    for (const part of ['validation', 'test'] as const) {
      assert.ok(split[part].length > 0);
      const original = await predictTrained(engine.tf, trained, data, split[part]);
      const higher = await predictTrained(
        engine.tf,
        trained,
        data,
        split[part].map((row) => row + 1),
      );
      const mean = original.map((value, i) => (value + higher[i]) / 2);
      assertClose(recalled.folds[0][part], mean, 1e-6);
      assert.ok(original.some((value, i) => Math.abs(value - mean[i]) > 1e-4));
    }
    const asOne = await evaluateEnsemble(kept, {
      corpora,
      records: own,
      testVersions: 'trained',
      isSaved: true,
    });
    assert.deepEqual(
      asOne.models[0].members.map(({ config: { dataset } }) => dataset.testVersions),
      ['trained', 'trained'],
    );
    const { records: all } = await readRunRecords(own);
    const record = all.find(({ file }) => asOne.path!.endsWith(file))!;
    assert.equal(record.config.dataset.testVersions, 'trained');
  });

  it('reproduce the ensemble of several seeds', async () => {
    const runs = seeds.runs.map(({ path }) => of(path));
    const asOne = await evaluateEnsemble(runs, { corpora, records });
    assert.deepEqual(asOne.scores.report, seeds.ensemble!.scores.report);
    assert.equal(asOne.path, undefined);
    assert.deepEqual(
      asOne.gains.map(({ pooled }) => [pooled.first, pooled.second]),
      seeds.runs.map(({ predictions }) => [
        metricOf(predictions!, 'uar'),
        metricOf(asOne.predictions, 'uar'),
      ]),
    );
  });

  it('form an ensemble of different kinds of models, with a run record, which predicts like createPredictor', async () => {
    const network = of(seeds.runs[0].path);
    const neighbours = stored.find(
      ({ config: { model, dataset } }) => model.kind === 'knn' && dataset.protocol === 'speakers',
    )!;
    const asOne = await evaluateEnsemble([network, neighbours], {
      corpora,
      records,
      isSaved: true,
      slices: ['speaker'],
    });
    const { records: all } = await readRunRecords(records);
    const record = all.find(({ file }) => asOne.path!.endsWith(file))!;
    assert.match(record.file, /-quick-ensemble-/);
    assert.deepEqual(
      record.members!.map(({ name, kind, seed, hash }) => [name, kind, seed, hash]),
      [
        ['quick', 'compact', 1, network.hash],
        ['quick', 'knn', 42, neighbours.hash],
      ],
    );
    assert.deepEqual(record.report, asOne.scores.report);
    assert.equal(record.seconds!.training, network.seconds!.training + neighbours.seconds!.training);

    const { engine } = seeds.runs[0];
    const folderOf = ({ file }: StoredRun): string => join(records, file.replace('.json', ''), 'fold-2');
    const bundles = await Promise.all([network, neighbours].map((one) => loadModel(engine, folderOf(one))));
    const row = asOne.predictions.splitOf.indexOf(1);
    const { classes, clips, probabilities } = asOne.predictions;
    const answerOf = async (models: Parameters<typeof createPredictor>[0]) => {
      const answer = await createPredictor(models, engine).predict(corpora.fileOf(clips[row]));
      const values = classes.map(
        (name) => answer.probabilities.find(({ emotion }) => emotion === name)!.probability,
      );
      return { ...answer, values: Float32Array.from(values) };
    };
    const mean = probabilities.slice(row * classes.length, (row + 1) * classes.length);
    const listed = await answerOf(bundles);
    assertClose(listed.values, mean, 1e-4);

    const saved = (await loadModel(engine, folderOf(record))) as EnsembleModel;
    const { threshold, members, card } = saved;
    assert.deepEqual(
      members.map(({ config: { model } }) => model.kind),
      ['compact', 'knn'],
    );
    const whole = await answerOf({ ...saved, temperature: 0.5 });
    assertClose(whole.values, scaleByTemperature(mean, classes.length, 0.5), 1e-4);
    assert.equal(whole.threshold, threshold);
    assert.equal(whole.model, 'ensemble of 2: quick, trained on SAVEE');
    const own = asOne.scores.report.perSplit.find(({ name }) => name === 'fold 2')!;
    const { ownSplit } = card.scores as { ownSplit: { uar: { value: number } } };
    assert.equal(ownSplit.uar.value, own.scores.uar!.value);
  });

  it('are saved as one model folder, atomically; a damaged file is named', async () => {
    const { engine } = seeds.runs[0];
    const place = join(folder, 'bundle');
    const [first, second] = seeds.ensemble!.models;
    await saveModel(engine, place, first);
    await saveModel(engine, place, second);
    assert.deepEqual(((await loadModel(engine, place)) as EnsembleModel).card, second.card);
    writeFileSync(join(place, 'member-2', 'scaler.json'), '{}');
    await assert.rejects(() => loadModel(engine, place), /member-2.scaler\.json: its SHA-256 differs/);
    rmSync(join(place, 'member-2'), { recursive: true });
    await assert.rejects(() => loadModel(engine, place), /member-2.config\.json: it is missing/);
    mkdirSync(join(place, 'notes'));
    await assert.rejects(() => saveModel(engine, place, first), /it exists and is not a model folder/);
  });

  it('are rejected if there is only one, or protocol, splits or recordings differ, or a model is missing', async () => {
    const [first, second] = seeds.runs.map(({ path }) => of(path));
    const byProtocol = (protocol: string): StoredRun =>
      stored.find(({ config: { model, dataset } }) => model.kind === 'knn' && dataset.protocol === protocol)!;
    const refused = (runs: StoredRun[], message: RegExp, where = { corpora, records }) =>
      assert.rejects(() => evaluateEnsemble(runs, where), message);
    await refused([first], /runs must be a list of at least two different runs/);
    await refused([first, first], /runs must be a list of at least two different runs/);
    await refused(
      [first, byProtocol('clips')],
      /members must be predictions with the same protocol \(speakers/,
    );
    await refused(
      [first, of(seeds.ensemble!.path)],
      /quick-ensemble-.*: it has no saved models, because it is an ensemble/,
    );
    await refused([first, second], /it has no saved model of the split fold 1; saved: none/, {
      corpora,
      records: join(folder, 'elsewhere'),
    });

    cpSync(join(folder, 'data'), join(folder, 'fewer'), { recursive: true });
    rmSync(join(folder, 'fewer', corpora.clips[0].path));
    const fewer = await loadCorpora({ root: join(folder, 'fewer') });
    await refused(
      [first, second],
      /the run was trained on other recordings \(.*, 48 clips, fingerprint \w+\) than .*, 47 clips, .*set SER_DATA/,
      {
        corpora: fewer,
        records,
      },
    );
    const swapped = join(folder, 'swapped');
    cpSync(records, swapped, { recursive: true });
    const place = (split: string): string => join(swapped, first.file.replace('.json', ''), split);
    cpSync(place('fold-2'), place('fold-1'), { recursive: true });
    await refused([first, second], /the model belongs to the split "fold 2", not to "fold 1"/, {
      corpora,
      records: swapped,
    });
    const other = { ...second, splits: second.splits.slice(1) };
    await refused(
      [first, other],
      /was trained on other splits \(fold 2: .*\) than the protocol creates now \(fold 1: /,
    );
  });
});
