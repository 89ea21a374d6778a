import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExperimentChanges, experimentConfig } from '../../src/config';
import { type Corpora, loadCorpora } from '../../src/corpora';
import { metricOf } from '../../src/evaluation';
import {
  createPredictor,
  evaluateExperiment,
  type Evaluation,
  loadBundle,
  readRunRecords,
  recallRun,
  runsAsOne,
  type StoredRun,
} from '../../src/experiment';
import { assertClose } from '../assert-close';
import { toneCorpus } from './tone-corpus';

const config = (changes: ExperimentChanges = {}) =>
  experimentConfig(
    'quick',
    { model: { width: 4 }, training: { epochs: 2, batchSize: 16 }, dataset: { folds: 2, fold: 'all' } },
    changes,
  );
const knn: ExperimentChanges = { model: { kind: 'knn' } };

describe('the models that runs kept, as one', function () {
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

  it('say again of a run what they said when it was trained', async () => {
    const [first] = seeds.runs;
    const again = await recallRun(of(first.path), { corpora, records });
    assertClose(again.predictions!.probabilities, first.predictions!.probabilities, 1e-6);
    assertClose(again.validation!.probabilities, first.validation!.probabilities, 1e-6);
    assert.deepEqual(again.report, first.report);
    assert.deepEqual(
      again.folds.map(({ history, bestEpoch }) => [history.length, bestEpoch]),
      first.folds.map(({ history, bestEpoch }) => [history.length, bestEpoch]),
    );
    assert.equal(again.seconds.training, first.seconds.training);
  });

  it('are of several seeds the ensemble that was scored beside them', async () => {
    const runs = seeds.runs.map(({ path }) => of(path));
    const asOne = await runsAsOne(runs, { corpora, records });
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

  it('may be of different kinds, answer as a predictor of them does, and have a record', async () => {
    const network = of(seeds.runs[0].path);
    const neighbours = stored.find(
      ({ config: { model, dataset } }) => model.kind === 'knn' && dataset.protocol === 'speakers',
    )!;
    const asOne = await runsAsOne([network, neighbours], {
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
    const bundles = await Promise.all(
      [network, neighbours].map(({ file }) =>
        loadBundle(engine, join(records, file.replace('.json', ''), 'fold-2')),
      ),
    );
    const row = asOne.predictions.splitOf.indexOf(1);
    const { classes, clips, probabilities } = asOne.predictions;
    const answer = await createPredictor(bundles, engine).predict(corpora.fileOf(clips[row]));
    assertClose(
      classes.map((name) => answer.probabilities.find(({ emotion }) => emotion === name)!.probability),
      probabilities.slice(row * classes.length, (row + 1) * classes.length),
      1e-4,
    );
  });

  it('are refused if they are one, of different protocols or splits, not kept, or of other recordings', async () => {
    const [first, second] = seeds.runs.map(({ path }) => of(path));
    const byProtocol = (protocol: string): StoredRun =>
      stored.find(({ config: { model, dataset } }) => model.kind === 'knn' && dataset.protocol === protocol)!;
    const refused = (runs: StoredRun[], message: RegExp, where = { corpora, records }) =>
      assert.rejects(() => runsAsOne(runs, where), message);
    await refused([first], /runs must be at least two, each once/);
    await refused([first, first], /runs must be at least two, each once/);
    await refused([first, byProtocol('clips')], /members must be of the same protocol \(speakers/);
    await refused(
      [first, of(seeds.ensemble!.path)],
      /quick-ensemble-.* has no models of its own: it is an ensemble/,
    );
    await refused([first, second], /has no model of the split fold 1; there are: none/, {
      corpora,
      records: join(folder, 'elsewhere'),
    });

    cpSync(join(folder, 'data'), join(folder, 'fewer'), { recursive: true });
    rmSync(join(folder, 'fewer', corpora.clips[0].path));
    const fewer = await loadCorpora({ root: join(folder, 'fewer') });
    await refused([first, second], /was trained on other recordings \(.*, 48 clips\) than .*47 clips/, {
      corpora: fewer,
      records,
    });
    const other = { ...second, splits: second.splits.slice(1) };
    await refused([first, other], /was trained on other splits \(fold 2: .*\) than today's \(fold 1: /);
  });
});
