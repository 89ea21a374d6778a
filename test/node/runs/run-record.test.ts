import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import type { FeatureSet } from '../../../src/core/features';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import { runRecorded } from '../../../src/node/experiment';
import { extractFeatures } from '../../../src/node/extraction';
import { projectRoot } from '../../../src/node/files';
import {
  environmentNow,
  readRunRecords,
  runCurves,
  type RunRecord,
  runTable,
  writeRunRecord,
} from '../../../src/node/runs';
import { runSweep } from '../../../src/node/sweep';
import { toneCorpus } from '../experiment/tone-corpus';

const config = (changes: ExperimentChanges = {}) =>
  experimentConfig(
    'quick',
    { model: { width: 4 }, training: { epochs: 2, batchSize: 8 }, dataset: { folds: 2, fold: 'all' } },
    { features: { versions: { original: [] } } },
    changes,
  );

describe('run records', function () {
  this.timeout(120_000);
  let folder: string;
  let runs: string;
  let corpora: Corpora;
  let set: FeatureSet;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-runs-'));
    toneCorpus(join(folder, 'data'));
    corpora = await loadCorpora({ root: join(folder, 'data') });
    set = await extractFeatures(corpora, config().features, { store: false, workers: 1 });
  });
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(() => (runs = mkdtempSync(join(folder, 'runs-'))));

  const textOf = (path: string) => readFileSync(path, 'utf8');

  it('contain all results of a run, are read back unchanged and contain no local paths', async () => {
    const { path, report, data, folds, engine } = await runRecorded(config(), { corpora, set, runs });
    assert.match(basename(path), /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-quick-[0-9a-f]{8}\.json$/);
    const { records, skipped } = await readRunRecords(runs);
    assert.deepEqual(skipped, []);
    const [record] = records;
    assert.equal(records.length, 1);
    assert.equal(record.file, basename(path));
    assert.equal(record.status, 'finished');
    assert.deepEqual(record.config, config());
    assert.ok(basename(path).includes(record.hash.slice(0, 8)));
    assert.deepEqual(record.report, report);
    assert.deepEqual(record.data, data);
    assert.equal(record.engine?.version, engine.version);
    assert.deepEqual(
      record.splits.map(({ rows }) => rows),
      folds.map(({ split }) => ({
        train: split.train.length,
        validation: split.validation.length,
        test: split.test.length,
      })),
    );
    assert.deepEqual(
      record.splits.map(({ history }) => history),
      folds.map(({ history }) => history),
    );
    assert.ok(record.splits.every(({ history }) => history.length === 2 && history[1].valUar !== undefined));
    assert.ok(record.validation && record.validation.uar >= 0 && record.validation.uar <= 1);
    assert.equal(record.report?.protocol, 'speakers');
    const first = record.figures?.first;
    assert.equal(first?.rows?.length, 10);
    assert.equal(first.rows.filter(({ right }) => right).length, first.right);
    assert.ok(first.rows.every(({ clip, protocol }) => /^\w+\.wav$/.test(clip) && protocol === 'speakers'));
    for (const place of [folder, projectRoot, homedir()]) assert.ok(!textOf(path).includes(`"${place}`));
    assert.ok(!textOf(path).includes(folder));
  });

  it('contain scores by group of speakers', async () => {
    const clips = set.clips.map((clip) => ({ ...clip, age: clip.speaker === 'SAVEE-DC' ? 30 : 60 }));
    const majority = config({ model: { kind: 'majority' } });
    await runRecorded(majority, { corpora, set: { ...set, clips }, runs });
    const [{ slices, report }] = (await readRunRecords(runs)).records;
    assert.deepEqual(
      slices?.map(({ by, groups }) => [by, groups.map(({ name }) => name)]),
      [['ageBand', ['30–39 years', '60 years and over']]],
    );
    assert.equal(slices[0].overall.uar.value, report?.pooled.scores.uar?.value);
  });

  it('are never overwritten', async () => {
    const { path } = await runRecorded(config({ model: { kind: 'majority' } }), { corpora, set, runs });
    const [record] = (await readRunRecords(runs)).records;
    const paths = await Promise.all(
      [1, 2, 3].map(() => writeRunRecord({ ...record, status: 'failed' }, runs)),
    );
    assert.equal(new Set([path, ...paths]).size, 4);
    assert.match(textOf(path), /"status": "finished"/);
    assert.equal((await readRunRecords(runs)).records.length, 4);
  });

  it('keep NaN, which JSON cannot represent', async () => {
    const { report, path } = await runRecorded(config({ dataset: { fold: 1 }, model: { kind: 'majority' } }), { corpora, set, runs }); // prettier-ignore
    assert.ok(Number.isNaN(report?.overSplits.uar?.deviation));
    assert.deepEqual((await readRunRecords(runs)).records[0].report, report);
    assert.match(textOf(path), /"deviation": "NaN"/);
  });

  it('contain the error and the epochs of a failed run', async () => {
    // Each step multiplies the weights by 1 - learningRate * weightDecay.
    const diverging = config({
      training: { learningRate: 100, weightDecay: 10, schedule: 'constant', epochs: 20 },
    });
    await assert.rejects(runRecorded(diverging, { corpora, set, runs }), /training diverged at epoch/);
    const [record] = (await readRunRecords(runs)).records;
    assert.equal(record.status, 'failed');
    assert.match(record.reason ?? '', /training diverged at epoch/);
    assert.deepEqual(
      record.splits.map(({ name, outcome }) => [name, outcome]),
      [['fold 1', 'failed']],
    );
    assert.equal(record.report, undefined);
  });

  it('of a failed run contain the finished splits, and only the last part of paths in the error', async () => {
    const failing = runRecorded(config(), {
      corpora,
      set,
      runs,
      onEpoch: ({ epoch }, _history, { number }) => {
        if (number === 2 && epoch === 2)
          throw new Error(`/mnt/disk/corpora/a.wav: no 1/2/3 (see "${folder}/b")`);
      },
    });
    await assert.rejects(failing, /no 1\/2\/3/);
    const [record] = (await readRunRecords(runs)).records;
    assert.equal(record.reason, '…/a.wav: no 1/2/3 (see "…/b")');
    assert.deepEqual(
      record.splits.map(({ outcome, history, bestEpoch }) => [outcome, history.length, bestEpoch > 0]),
      [
        ['finished', 2, true],
        ['failed', 2, true],
      ],
    );
  });

  it('are written for runs interrupted in training, but not for runs interrupted before', async () => {
    const control = new AbortController();
    const { signal } = control;
    const { outcome } = await runRecorded(config({ training: { epochs: 50 } }), {
      corpora,
      set,
      runs,
      signal,
      onEpoch: ({ epoch }, _history, { number }) => {
        if (number === 2 && epoch === 3) control.abort();
      },
    });
    assert.equal(outcome, 'interrupted');
    const [record] = (await readRunRecords(runs)).records;
    assert.equal(record.status, 'interrupted');
    assert.deepEqual(
      record.splits.map(({ history }) => history.length),
      [50],
    );
    await assert.rejects(runRecorded(config(), { corpora, runs, signal }));
    assert.deepEqual(readdirSync(runs), [record.file, record.predictions?.file].sort());
  });

  it('are skipped with the reason if they cannot be read', async () => {
    const { path } = await runRecorded(config({ model: { kind: 'majority' } }), { corpora, set, runs });
    const text = textOf(path);
    const damaged: [string, string, RegExp][] = [
      ['cut.json', text.slice(0, 500), /JSON/],
      ['other.json', '{"a":1}', /it is not a run record/],
      ['null.json', 'null', /it is not a run record/],
      ['newer.json', text.replace('"format": 1', '"format": 2'), /format must be 1, got 2/],
      ['bare.json', '{"format":1,"started":"2024"}', /started must be a date.*got "2024"/],
      [
        'splits.json',
        text.replace(/\n {2}"splits": \[[^]*?\n {2}\],/, '\n  "splits": null,'),
        /splits must be a list, got null/,
      ],
      [
        'scores.json',
        text.replace(/"value": [\d.]+/, '"value": "high"'),
        /scores.accuracy.value must be a number, got "high"/,
      ],
      [
        'date.json',
        text.replace(/"started": "[^"]*"/, '"started": "2026-99-99T99:99:99.000Z"'),
        /started must be a date that exists/,
      ],
      [
        'left-out.json',
        text.replace('"format": 1', '"leftOut": [{ "what": 1 }], "format": 1'),
        /leftOut must be a list of left-out items/,
      ],
      ['option.json', text.replace('"batchSize"', '"batchsize"'), /did you mean training.batchSize/],
    ];
    for (const [name, content] of damaged) writeFileSync(join(runs, name), content);
    mkdirSync(join(runs, 'folder.json'));
    damaged.push(['folder.json', '', /it is not a file/]);
    writeFileSync(join(runs, 'notes.txt'), 'mine');
    const { records, skipped } = await readRunRecords(runs);
    assert.equal(records.length, 1);
    assert.deepEqual(
      skipped.map(({ file }) => file),
      damaged.map(([name]) => name).sort(),
    );
    for (const [name, , reason] of damaged) {
      assert.match(skipped.find(({ file }) => file === name)?.reason ?? '', reason);
    }
    assert.deepEqual(await readRunRecords(join(folder, 'nowhere')), { records: [], skipped: [] });
  });

  it('are compared in a table and in curves by the options in which they differ', async () => {
    const changes: ExperimentChanges[] = [
      {},
      { training: { epochs: 3 }, model: { width: 3 } },
      { model: { kind: 'majority' }, dataset: { protocol: 'paper-rows' } },
    ];
    const written: RunRecord[] = [];
    for (const change of changes) {
      const { path } = await runRecorded(config(change), { corpora, set, runs });
      written.push(JSON.parse(textOf(path)) as RunRecord);
    }
    const { records } = await readRunRecords(runs);
    const sorted = written.map(({ hash }) => records.find((record) => record.hash === hash)!);
    const table = runTable(sorted) as Record<string, unknown>[];
    assert.deepEqual(
      table.map((row) => [
        row['model.width'],
        row['training.epochs'],
        row['model.kind'],
        row.epochs,
        row.protocol,
      ]),
      [
        [4, 2, 'compact', 4, 'speakers'],
        [3, 3, 'compact', 6, 'speakers'],
        [4, 2, 'majority', 0, 'paper-rows, LEAKY'],
      ],
    );
    assert.ok(!('seed' in table[0]) && !('data' in table[0]));
    assert.equal(table[2].accuracy, sorted[2].report?.pooled.scores.accuracy?.value);
    const other = { ...sorted[0], data: { source: 'mine', clips: 1, fingerprint: 'abcdefghij' } };
    assert.deepEqual(
      (runTable([other, sorted[0]]) as { data: string }[]).map(({ data }) => data.replace(/ \(\w{6}\)$/, '')),
      ['mine', corpora.source],
    );
    const curves = runCurves(sorted.slice(0, 2));
    assert.deepEqual(
      curves.map(({ name, history }) => [name, history.length]),
      [
        ['model.width=4 training.epochs=2, fold 1', 2],
        ['model.width=4 training.epochs=2, fold 2', 2],
        ['model.width=3 training.epochs=3, fold 1', 3],
        ['model.width=3 training.epochs=3, fold 2', 3],
      ],
    );
    assert.deepEqual(runCurves([sorted[2]]), []);
    assert.deepEqual(runTable([]), []);
    const mixed = [
      { ...sorted[0], config: experimentConfig('compact', { seed: 3, dataset: { protocol: 'clips' } }) },
      { ...sorted[0], config: experimentConfig('log-mel') },
    ];
    assert.deepEqual(
      (runTable(mixed) as { preset: string; changes: string }[]).map(({ preset, changes }) => [
        preset,
        changes,
      ]),
      [
        ['compact', 'seed=3'],
        ['log-mel', ''],
      ],
    );
  });

  it('are written by the trials of a sweep, which are scored on validation rows only', async () => {
    const base = config({ dataset: { fold: 1 }, features: { versions: { original: [] } } });
    const { trials, log } = await runSweep(
      base,
      { 'model.width': [2, 3], 'dataset.validationShare': [0.25, 0] },
      { method: 'grid', workers: 1, corpora, runs },
    );
    const { records } = await readRunRecords(runs);
    assert.equal(trials.length, 4);
    for (const trial of trials) {
      if (trial.values['dataset.validationShare'] === 0) {
        assert.match(
          (trial as { reason: string }).reason,
          /no validation rows .*validationShare must be above 0/,
        );
      } else {
        assert.ok(trial.status === 'finished');
        const record = records.find(({ file }) => file === trial.run);
        assert.equal(record?.config.model.width, trial.values['model.width']);
        assert.equal(trial.score, record?.validation?.uar);
      }
    }
    assert.equal(records.length, 2);
    assert.ok(log.startsWith(join(runs, 'sweeps')));
  });

  it('are not written by a trial without validation rows, which reports it', async () => {
    const base = config({
      dataset: { protocol: 'clips', fold: 1 },
      features: { versions: { original: [] } },
    });
    const space = { 'dataset.validationShare': [0.001] };
    const { trials } = await runSweep(base, space, { method: 'grid', workers: 1, corpora, runs });
    assert.match(
      (trials[0] as { reason: string }).reason,
      /no validation rows .*: dataset\.validationShare must be larger, as there are few clips, got 0\.001/,
    );
  });
});

describe('environmentNow', () => {
  it('contains the versions that affect results', async () => {
    const { node, packages, processors, platform, commit, changed } = await environmentNow();
    assert.equal(node, process.versions.node);
    assert.match(packages['@tensorflow/tfjs'], /^\d+\.\d+\.\d+/);
    assert.match(packages['speech-emotion-workbench'], /^\d+\.\d+\.\d+/);
    assert.ok(processors >= 1 && platform.startsWith(process.platform));
    if (commit !== undefined) {
      assert.match(commit, /^[0-9a-f]{40}$/);
      assert.equal(typeof changed, 'boolean');
    }
  });
});
