import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpusNames, createRandom } from '../../../src/core/base';
import {
  confusionMatrix,
  predictedClasses,
  scaleByTemperature,
  scoreReport,
  underProtocol,
} from '../../../src/core/evaluation';
import { manifestClips } from '../../../src/node/corpora';
import { paths } from '../../../src/node/files';
import { checkGallery, makeGallery } from '../../../src/node/paper';
import {
  predictionProblems,
  withPredictions,
  writeCompact,
} from '../../../src/node/paper/committed-predictions';
import { findRuns, type FoundRun } from '../../../src/node/paper/figure-runs';
import { paperRows, readRunRecords, type RunPredictions, writeRunRecord } from '../../../src/node/runs';

/** Random predictions for all clips of the manifests, in two folds; some rows are nearly tied. */
function madeUp(): RunPredictions {
  const random = createRandom('predictions');
  const clips = corpusNames.flatMap((corpus) => manifestClips(corpus));
  const classes = ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'];
  const temperatures = [1.5, 0.8].map((temperature, k) => ({ split: `fold ${k + 1}`, temperature, rows: 9 }));
  const splitOf = Int32Array.from(clips, (_, row) => row % 2);
  const rows = clips.map(({ emotion }, row) => {
    const scores = classes.map((name) => Math.exp(2 * random.normal() + (name === emotion ? 2 : 0)));
    if (row % 50 === 0) scores[6] = Math.max(...scores) * (1 + 1e-6);
    const sum = scores.reduce((total, score) => total + score, 0);
    return scores.map((score) => score / sum);
  });
  return {
    ...underProtocol('speakers'),
    ...{ classes, clips, splitOf, temperatures },
    actual: Int32Array.from(clips, ({ emotion }) => classes.indexOf(emotion)),
    probabilities: Float32Array.from(rows.flat()),
    calibrated: Float32Array.from(
      rows.flatMap((own, row) => [
        ...scaleByTemperature(Float32Array.from(own), 7, temperatures[splitOf[row]].temperature),
      ]),
    ),
    splits: ['fold 1', 'fold 2'],
    versionOf: clips.map(() => 'original'),
  };
}

describe('committed predictions', function () {
  this.timeout(180_000);
  let folder: string;
  let runs: string;
  let gallery: string;
  let run: FoundRun;
  const predictions = madeUp();
  const items = ['table-2-predictions-speakers', 'fig-9-confusion-speakers', 'table-3-report-speakers'];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-committed-'));
    [runs, gallery] = [join(folder, 'runs'), join(folder, 'gallery')];
    const { records } = await readRunRecords(join(paths.figures, 'records'));
    const { file, ...record } = records.find((one) => one.file.includes('compact-56ea59b4'))!;
    assert.ok(file);
    const first = paperRows(predictions);
    const figures = {
      ...record.figures!,
      classes: predictions.classes,
      confusion: [...confusionMatrix(predictions).counts],
      first: { right: first.filter(({ right }) => right).length, of: first.length, rows: first },
    };
    const report = scoreReport(predictions);
    await writeRunRecord({ ...record, report, figures }, runs, { predictions });
    [run] = await findRuns([runs]);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const committed = () => join(gallery, 'predictions', run.file.replace('.json', '.parquet'));

  it('are small, and have the same scores, and probabilities to 0.0001', async () => {
    const path = await writeCompact(predictions, run, gallery);
    assert.equal(path, committed());
    assert.ok(statSync(path).size < 250_000, `${statSync(path).size} bytes`);
    const place = join(gallery, 'records', run.file);
    const [{ stored: read }] = await withPredictions([{ ...run, path: place }]);
    assert.ok(read);
    assert.deepEqual(predictedClasses(read), predictedClasses(predictions));
    assert.deepEqual(scoreReport(read), run.report);
    const difference = (a: Float32Array, b: Float32Array) =>
      a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
    // A nearly tied class gives up to two units to the predicted one.
    assert.ok(difference(read.probabilities, predictions.probabilities) <= 2e-4);
    assert.ok(difference(read.calibrated, predictions.calibrated) < 0.02);
    assert.deepEqual(read.temperatures, predictions.temperatures);
    assert.deepEqual(
      read.clips.map(({ path: clip }) => clip),
      predictions.clips.map(({ path: clip }) => clip),
    );
    rmSync(gallery, { recursive: true });
  });

  it('are not written for clips that are in no manifest', async () => {
    const clips = predictions.clips.with(3, { ...predictions.clips[3], sha256: '0'.repeat(64) });
    assert.equal(await writeCompact({ ...predictions, clips }, run, gallery), undefined);
    assert.ok(!existsSync(gallery));
  });

  it('are copied to the gallery with their record, which is drawn from them and checked with them', async () => {
    const { skipped } = await makeGallery({ output: gallery, runs, only: items });
    assert.deepEqual(skipped, []);
    assert.ok(existsSync(committed()));
    assert.deepEqual(await checkGallery(gallery), []);

    // Drawn from the predictions: without them, another confusion matrix in the record is shown.
    const bytes = readFileSync(committed());
    const table = join(gallery, 'table-3-report-speakers.csv');
    const before = readFileSync(table, 'utf8');
    const confusion = run.figures!.confusion.toReversed();
    const place = join(gallery, 'records', run.file);
    const text = readFileSync(place, 'utf8');
    writeFileSync(place, JSON.stringify({ ...JSON.parse(text), figures: { ...run.figures, confusion } })); // prettier-ignore
    const draw = async () => {
      await makeGallery({
        output: gallery,
        runs: join(gallery, 'records'),
        only: ['table-3-report-speakers'],
      });
      return readFileSync(table, 'utf8');
    };
    assert.equal(await draw(), before);
    assert.match((await predictionProblems(gallery, await findRuns([join(gallery, 'records')]))).join('\n'), /^predictions\/\S+\.parquet: the confusion matrix of its record does not follow from these predictions$/); // prettier-ignore
    rmSync(committed());
    assert.notEqual(await draw(), before);
    writeFileSync(place, text);
    writeFileSync(committed(), bytes);
    assert.equal(await draw(), before);
  });

  it('are reported if they are damaged, too large, without a record, or lead to other scores', async () => {
    const problems = async () => (await predictionProblems(gallery, found)).join('\n');
    const found = await findRuns([join(gallery, 'records')]);
    assert.equal(await problems(), '');
    const good = readFileSync(committed());
    writeFileSync(committed(), good.subarray(0, 1000));
    assert.match(await problems(), /^predictions\/\S+\.parquet: \S+ cannot be read as a Parquet file: /);
    writeFileSync(committed(), Buffer.alloc(300_000));
    assert.match(await problems(), /: it has 300,000 bytes, and may have 250,000$/m);
    writeFileSync(committed(), good);
    const other = { ...predictions, actual: predictions.actual.with(0, (predictions.actual[0] + 1) % 7) };
    await writeCompact(other, run, gallery);
    assert.match(
      await problems(),
      /: the scores of its record \(pooled\) do not follow from these predictions$/,
    );
    writeFileSync(committed(), good);
    for (let i = 0; i < 40; i++)
      writeFileSync(join(gallery, 'predictions', `${i}.parquet`), Buffer.alloc(240_000));
    assert.match(
      await problems(),
      /^predictions\/0\.parquet: there is no record with this name in records\/$/m,
    );
    assert.match(
      await problems(),
      /^predictions: all files have 9,\d{3},\d{3} bytes, and may have 8,000,000$/m,
    );
    for (let i = 0; i < 40; i++) rmSync(join(gallery, 'predictions', `${i}.parquet`));
    renameSync(committed(), join(gallery, 'predictions', 'mine.parquet'));
    assert.match(
      await problems(),
      /^predictions\/mine\.parquet: there is no record with this name in records\/$/,
    );
  });
});
