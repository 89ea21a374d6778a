import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runEvaluate } from '../../../src/cli/evaluate';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import { loadEngine } from '../../../src/node/engine';
import { runRecorded } from '../../../src/node/experiment';
import { joinRuns, readRunPredictions, readRunRecords, type StoredRun } from '../../../src/node/runs';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import type { Engine } from '../../../src/core/network';
import { catchOutput } from '../../cli/catch-output';
import { toneCorpus } from '../experiment/tone-corpus';

describe('joinRuns', function () {
  this.timeout(120_000);
  let folder: string;
  let runs: string;
  let corpora: Corpora;
  let engine: Engine;
  /** of all folds, of fold 1, and of fold 2 */
  let [all, one, two]: StoredRun[] = [];

  const small: ExperimentChanges = {
    model: { width: 4 },
    training: { epochs: 2, batchSize: 8 },
    dataset: { folds: 2, validationShare: 0.5 },
    features: { versions: { original: [] } },
  };
  async function train(changes: ExperimentChanges): Promise<StoredRun> {
    const config = experimentConfig('quick', small, changes);
    const { path } = await runRecorded(config, { corpora, engine, runs });
    const { records } = await readRunRecords(runs);
    return records.find(({ file }) => join(runs, file) === path)!;
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-join-'));
    runs = join(folder, 'runs');
    toneCorpus(join(folder, 'data'));
    corpora = await loadCorpora({ root: join(folder, 'data') });
    engine = await loadEngine();
    all = await train({ dataset: { fold: 'all' } });
    one = await train({ dataset: { fold: 1 } });
    two = await train({ dataset: { fold: 'fold 2' } });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const joined = (...records: StoredRun[]) => joinRuns(records, { records: runs });

  it('gives the scores of a run of all folds, in any order', async () => {
    for (const order of [
      [one, two],
      [two, one],
    ]) {
      const { predictions, scores, isComplete, record } = await joined(...order);
      assert.equal(isComplete, true);
      assert.equal(predictions.clips.length, corpora.clips.length);
      assert.deepEqual(scores.report.pooled.scores.uar?.value, all.report?.pooled.scores.uar?.value);
      assert.deepEqual(
        scores.report.perSplit.map(({ name }) => name).sort(),
        all.report?.perSplit.map(({ name }) => name),
      );
      assert.equal(record.hash, all.hash);
      assert.deepEqual(record.figures?.confusion, all.figures?.confusion);
      assert.equal(record.figures?.siblingShare, all.figures?.siblingShare);
    }
    const { scores } = await joined(one, two);
    assert.deepEqual(scores.report.pooled, all.report?.pooled);
    assert.deepEqual(scores.slices, all.slices);
    assert.deepEqual(scores.calibration.after, all.calibration?.after);
  });

  it('states that clips are missing', async () => {
    const more = await train({ dataset: { folds: 3, fold: 1 } });
    const other = await train({ dataset: { folds: 3, fold: 3 } });
    const { isComplete, tested } = await joined(more, other);
    assert.equal(isComplete, false);
    assert.ok(tested < corpora.clips.length);
  });

  it('rejects runs that share folds, differ in options or data, or are not enough', async () => {
    await assert.rejects(joined(one), /runs must be a list with at least two runs, got 1/);
    await assert.rejects(
      joined(one, all),
      /runs must be runs of different folds, got "fold 1 in .* and .*json"/,
    );
    const wide = await train({ model: { width: 5 }, dataset: { fold: 2 } });
    await assert.rejects(joined(one, wide), /runs must be runs with the same model\.width, got "4 and 5"/);
    const seed = await train({ seed: 7, dataset: { fold: 2 } });
    await assert.rejects(joined(one, seed), /runs must be runs with the same seed, got "42 and 7"/);
    const elsewhere = { ...two, data: { ...two.data!, fingerprint: 'abc' } };
    await assert.rejects(joined(one, elsewhere), /runs must be runs on the same clips, got .*abc/);
    await assert.rejects(joined(one, { ...two, members: [] }), /single models, not ensembles/);
    const old = { ...two, predictions: undefined };
    await assert.rejects(joined(one, old), /no predictions are stored/);
  });

  it('warns if the folds were trained with different engines', async () => {
    const wasm = { ...two, engine: { ...two.engine!, name: 'wasm' as const } };
    const { predictions } = await joined(one, wasm);
    assert.match(
      predictions.warnings?.join() ?? '',
      /different engines or numbers of threads: native .*; wasm/,
    );
  });

  it('npm run evaluate -- --join prints the scores, and with --save writes a run of all folds', async () => {
    const run = (...args: string[]) => catchOutput(() => runEvaluate(args, { records: runs }));
    const names = [one, two].map(({ file }) => file);
    const { code, out, err } = await run('--join', ...names, '--save');
    assert.equal(code, 0, err);
    assert.match(out, new RegExp(`^fold 1: ${names[0]}\nfold 2: ${names[1]}\n`, 'm'));
    assert.match(out, /^pooled .* speakers$/m);
    const { records } = await readRunRecords(runs);
    const saved = records.find(({ file }) => out.includes(file) && !names.includes(file))!;
    assert.deepEqual(saved.report, JSON.parse(JSON.stringify(all.report)));
    assert.equal(saved.config.dataset.fold, 'all');
    assert.equal((await readRunPredictions(saved, { records: runs })).clips.length, corpora.clips.length);
    assert.ok(readFileSync(join(runs, saved.file), 'utf8').includes('"fold 2"'));

    const alone = await run('--join', names[0]);
    assert.deepEqual([alone.code, alone.err.includes('--join needs at least two runs')], [2, true]);
  });
});
