import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import { calibration, predictedClasses, scoreReport, sliceScores } from '../../../src/core/evaluation';
import type { FeatureSet } from '../../../src/core/features';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import {
  evaluateEnsemble,
  evaluateExperiment,
  readPredictions,
  runRecorded,
} from '../../../src/node/experiment';
import { extractFeatures } from '../../../src/node/extraction';
import { readParquet, tableFormats } from '../../../src/node/files';
import {
  exportRunPredictions,
  readRunPredictions,
  readRunRecords,
  type StoredRun,
} from '../../../src/node/runs';
import { pythonWith } from '../../python';
import { toneCorpus } from '../experiment/tone-corpus';

const config = (changes: ExperimentChanges = {}) =>
  experimentConfig(
    'quick',
    { model: { width: 4 }, training: { epochs: 3, batchSize: 8 }, dataset: { folds: 2, fold: 'all' } },
    { features: { versions: { original: [] } } },
    changes,
  );

describe('stored predictions', function () {
  this.timeout(120_000);
  let folder: string;
  let runs: string;
  let corpora: Corpora;
  let set: FeatureSet;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-predictions-'));
    toneCorpus(join(folder, 'data'));
    corpora = await loadCorpora({ root: join(folder, 'data') });
    const features = await extractFeatures(corpora, config().features, { store: false, workers: 1 });
    const clips = features.clips.map((clip) => ({ ...clip, age: clip.speaker === 'SAVEE-DC' ? 30.5 : 60 }));
    set = { ...features, clips };
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => (runs = mkdtempSync(join(folder, 'runs-'))));

  const newest = async (): Promise<StoredRun> => (await readRunRecords(runs)).records.at(-1)!;

  it('reproduce every score of the record, and contain one row per tested row', async () => {
    const result = await runRecorded(config(), { corpora, set, runs });
    const run = await newest();
    assert.deepEqual(run.predictions?.file, run.file.replace('.json', '.predictions.parquet'));
    assert.equal(run.predictions.rows, run.splits.reduce((sum, { rows }) => sum + rows.test, 0)); // prettier-ignore
    const predictions = await readRunPredictions(run, { records: runs });
    const { calibrated, temperatures, versionOf, clips, ...rest } = predictions;
    assert.deepEqual({ ...rest, clips: clips.map(({ path }) => path) }, {
      ...result.predictions,
      clips: result.predictions!.clips.map(({ path }) => path),
    }); // prettier-ignore
    // Without properties that are undefined.
    const plain = JSON.parse(JSON.stringify(set.clips)) as typeof clips;
    const known = new Map(plain.map((clip) => [clip.path, clip]));
    assert.deepEqual(
      clips,
      clips.map(({ path }) => known.get(path)),
    );
    assert.deepEqual(new Set(versionOf), new Set(['original']));
    assert.deepEqual(scoreReport(predictions), run.report);
    assert.deepEqual(sliceScores(predictions, { by: 'ageBand' }), run.slices?.find(({ by }) => by === 'ageBand')); // prettier-ignore
    assert.deepEqual(calibration(predictions), run.calibration?.before);
    assert.deepEqual(calibration({ ...predictions, probabilities: calibrated }), run.calibration?.after);
    assert.notDeepEqual(calibrated, predictions.probabilities);
    assert.deepEqual(temperatures, result.scores?.calibration.temperatures);
  });

  it('are stored for each seed of an evaluation, and for ensembles', async () => {
    await evaluateExperiment(config({ model: { kind: 'knn' } }), { corpora, set, seeds: [1, 2], records: runs }); // prettier-ignore
    const { records } = await readRunRecords(runs);
    const own = records.filter(({ members }) => !members);
    assert.equal(records.length, 3);
    await evaluateEnsemble(own, { corpora, records: runs, isSaved: true });
    for (const run of (await readRunRecords(runs)).records)
      assert.deepEqual(scoreReport(await readRunPredictions(run, { records: runs })), run.report, run.file);
    assert.equal(readdirSync(runs).filter((name) => name.endsWith('.predictions.parquet')).length, 4);
  });

  it('name the version of each row under paper-rows', async () => {
    const noisy = config({
      dataset: { protocol: 'paper-rows' },
      features: { versions: { original: [], noise: [{ kind: 'paperNoise' }] } },
      model: { kind: 'majority' },
    });
    await runRecorded(noisy, { corpora, runs });
    const { versionOf } = await readRunPredictions(await newest(), { records: runs });
    assert.deepEqual(new Set(versionOf), new Set(['original', 'noise']));
  });

  it('are found under a new name of their record, and must be those that were written with it', async () => {
    const { path } = await runRecorded(config({ model: { kind: 'majority' } }), { corpora, set, runs });
    const old = path.replace('.json', '');
    renameSync(path, join(runs, 'mine.json'));
    const file = join(runs, 'mine.predictions.parquet');
    renameSync(`${old}.predictions.parquet`, file);
    const run = await newest();
    assert.deepEqual(scoreReport(await readRunPredictions(run, { records: runs })), run.report);

    appendFileSync(file, ' ');
    await assert.rejects(readRunPredictions(run, { records: runs }), /mine\.predictions\.parquet: is not the file that was written with mine\.json/); // prettier-ignore
    rmSync(file);
    await assert.rejects(readRunPredictions(run, { records: runs }), /mine\.predictions\.parquet: it does not exist/); // prettier-ignore
    const older = JSON.parse(readFileSync(join(runs, 'mine.json'), 'utf8')) as StoredRun;
    delete older.predictions;
    writeFileSync(join(runs, 'mine.json'), JSON.stringify(older));
    await assert.rejects(readRunPredictions(await newest(), { records: runs }), /^\S*WorkbenchError: mine\.json: no predictions are stored: it was written by an older version; run it again/); // prettier-ignore
  });

  it('are exported as CSV and Parquet, in the format of the extension or a named one', async () => {
    await runRecorded(config(), { corpora, set, runs });
    const run = await newest();
    const csv = join(folder, 'out', 'predictions.csv');
    const rows = await exportRunPredictions(run, csv, { records: runs });
    const [head, ...lines] = readFileSync(csv, 'utf8').trimEnd().split('\n');
    assert.match(head, /^path,sha256,corpus,speaker,sentence,sex,version,split,fold,actual,predicted,p_angry,p_happy,p_neutral,c_angry,c_happy,c_neutral,label,age,/); // prettier-ignore
    assert.equal(lines.length, rows);
    assert.match(lines[0], /^\S+\.wav,[0-9a-f]{64},SAVEE,SAVEE-\w+,\S+,male,original,test,"fold 1",\w+,\w+,0?[\d.e-]+,/); // prettier-ignore
    const other = join(folder, 'predictions.bin');
    await exportRunPredictions(run, other, { records: runs, format: 'parquet' });
    const stored = join(runs, run.predictions!.file);
    assert.deepEqual((await readParquet(other)).values, (await readParquet(stored)).values);
    await assert.rejects(exportRunPredictions(run, other, { records: runs }), /file must be a name that ends in one of \.csv, \.parquet/); // prettier-ignore
    await assert.rejects(exportRunPredictions(run, other, { records: runs, format: 'xlsx' as never }), /format must be one of csv, parquet, got "xlsx"/); // prettier-ignore
  });

  it('can be scored like the predictions of another program, from either format', async () => {
    await runRecorded(config(), { corpora, set, runs });
    const run = await newest();
    const stored = await readRunPredictions(run, { records: runs });
    for (const format of tableFormats) {
      const file = join(folder, `again.${format}`);
      await exportRunPredictions(run, file, { records: runs });
      const { predictions } = await readPredictions(file);
      assert.deepEqual(predictedClasses(predictions), predictedClasses(stored));
      assert.deepEqual(predictions.splits, stored.splits);
      assert.deepEqual(scoreReport(predictions).pooled.scores, run.report?.pooled.scores);
    }
  });

  it('are read from files of pandas and polars', async function () {
    const python = pythonWith('pandas', 'pyarrow', 'polars');
    if (python === undefined) return this.skip();
    const table =
      "{'path': ['a.wav', 'b.wav'], 'take': [1, 2], 'actual': ['sad', 'angry'], 'p_sad': [.9, .8], 'p_angry': [.1, .2]}";
    const paths = ['pandas', 'polars', 'zstd'].map((name) => join(folder, `${name}.parquet`));
    const ran = spawnSync(python, ['-c', `import pandas, polars
t = ${table}
pandas.DataFrame(t, index=[5, 9]).to_parquet(${JSON.stringify(paths[0])})
polars.DataFrame(t).write_parquet(${JSON.stringify(paths[1])}, compression='snappy')
polars.DataFrame(t).write_parquet(${JSON.stringify(paths[2])})`], { encoding: 'utf8' }); // prettier-ignore
    assert.equal(ran.status, 0, ran.stderr);
    for (const path of paths.slice(0, 2)) {
      const { predictions } = await readPredictions(path);
      assert.deepEqual([...predictedClasses(predictions)].map((k) => predictions.classes[k]), ['sad', 'sad']); // prettier-ignore
      assert.deepEqual(predictions.clips.map(({ emotion }) => emotion), ['sad', 'angry']); // prettier-ignore
    }
    await assert.rejects(readPredictions(paths[2]), /zstd\.parquet: cannot be read as a Parquet file: .*ZSTD; write it with Snappy, gzip or no compression$/); // prettier-ignore
  });

  it('never reach a spreadsheet as formulas', async () => {
    const strange = join(folder, 'strange');
    cpSync(join(folder, 'data'), strange, { recursive: true });
    const clips = set.clips.map((clip, i) => (i < 4 ? { ...clip, sentence: '=cmd|"/c calc"!A1' } : clip));
    await runRecorded(config({ model: { kind: 'majority' } }), { corpora, set: { ...set, clips }, runs });
    const csv = join(folder, 'strange.csv');
    await exportRunPredictions(await newest(), csv, { records: runs });
    const text = readFileSync(csv, 'utf8');
    assert.match(text, /,"'=cmd\|""\/c calc""!A1",/);
    assert.doesNotMatch(text, /,"?=/);
  });

  it('are read by pandas and polars, with the same accuracy', async function () {
    const python = pythonWith('pandas');
    if (python === undefined) return this.skip();
    await runRecorded(config(), { corpora, set, runs });
    const run = await newest();
    const csv = join(folder, 'python.csv');
    await exportRunPredictions(run, csv, { records: runs });
    const accuracy = run.report!.pooled.scores.accuracy!.value;
    const lines: Record<string, string> = {
      pandas: `import pandas as pd; t = pd.read_csv(${JSON.stringify(csv)}); print((t.actual == t.predicted).mean(), t.filter(like='c_').sum(axis=1).sub(1).abs().max() < 1e-5)`,
      pyarrow: `import pandas as pd; t = pd.read_parquet(${JSON.stringify(join(runs, run.predictions!.file))}); print((t.actual == t.predicted).mean(), t.p_angry.dtype == 'float32')`,
      polars: `import polars as pl; t = pl.read_parquet(${JSON.stringify(join(runs, run.predictions!.file))}); print((t['actual'] == t['predicted']).mean(), t['race'].is_null().all())`,
    };
    for (const [name, line] of Object.entries(lines)) {
      if (name !== 'pandas' && spawnSync(python, ['-c', `import ${name}`]).status !== 0) {
        console.log(`      skipped: ${basename(python)} has no ${name}`);
        continue;
      }
      const ran: SpawnSyncReturns<string> = spawnSync(python, ['-c', line], { encoding: 'utf8' });
      const [value, isAsExpected]: string[] = ran.stdout.trim().split(' ');
      assert.ok(Math.abs(Number(value) - accuracy) < 1e-12, `${name}: ${ran.stdout}${ran.stderr}`);
      assert.equal(isAsExpected, 'True', name);
    }
  });
});
