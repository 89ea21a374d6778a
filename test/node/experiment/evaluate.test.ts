import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExperimentChanges, experimentConfig } from '../../../src/core/config';
import { scalerOfRow } from '../../../src/core/dataset';
import {
  formatEvaluationScores,
  metricOf,
  mostConfidentMistakes,
  paper,
  protocolTable,
  selectRows,
} from '../../../src/core/evaluation';
import type { FeatureSet } from '../../../src/core/features';
import { modelInput, predictTrained, scaledRows } from '../../../src/core/prediction';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import {
  compareProtocols,
  evaluateExperiment,
  type Evaluation,
  explainFold,
  runExperiment,
} from '../../../src/node/experiment';
import { auditedSplits } from '../../../src/node/experiment/experiment';
import { extractFeatures } from '../../../src/node/extraction';
import { createPredictor, loadModel } from '../../../src/node/models';
import { claimLedger, formatLedger, ledgerRun, recordedLedgerRun } from '../../../src/node/paper';
import { readRunRecords } from '../../../src/node/runs';
import { loadMistakes } from '../../../src/notebook';
import { assertClose } from '../../assert-close';
import { toneCorpus } from './tone-corpus';

const config = (changes: ExperimentChanges = {}) =>
  experimentConfig(
    'quick',
    {
      model: { width: 4 },
      training: { epochs: 2, batchSize: 16 },
      dataset: { folds: 2, fold: 'all', trainVersions: 'all' },
    },
    { features: { versions: { original: [], noisy: [{ kind: 'noise', snrDb: 30 }] } } },
    changes,
  );

let folder: string;
let corpora: Corpora;
let set: FeatureSet;

before(async function () {
  this.timeout(120_000);
  folder = mkdtempSync(join(tmpdir(), 'ser-evaluate-'));
  toneCorpus(join(folder, 'data'));
  corpora = await loadCorpora({ root: join(folder, 'data') });
  set = await extractFeatures(corpora, config().features, { store: false, workers: 1 });
});
after(() => {
  rmSync(folder, { recursive: true });
});

describe('own folds with one class each', function () {
  this.timeout(120_000);

  it('are no leak, but a warning in audits, report, record and ensemble, as UAR counts classes that were not trained on', async () => {
    const clips = set.clips.map((clip) => ({ ...clip, fold: clip.emotion }));
    const runs = join(folder, 'runs-own');
    const { audits, scores, predictions } = await evaluateExperiment(
      config({ model: { kind: 'majority' }, dataset: { protocol: 'own-folds' } }),
      { corpora: { ...corpora, clips }, set: { ...set, clips }, records: runs },
    );
    assert.ok(audits.length === 3 && audits.every(({ ok }) => ok));
    assert.ok(audits.every(({ findings }) => findings.untrained.verdict === 'warning'));
    assert.equal(metricOf(predictions!, 'uar'), 0);
    const [{ warnings, leftOut, report }] = (await readRunRecords(runs)).records;
    assert.match(
      warnings![0],
      /^tested but not trained on: angry \(in angry\), happy \(in happy\), neutral \(in neutral\); .* UAR counts the class with a recall near 0$/,
    );
    assert.match(
      warnings![1],
      /^trained on but not tested: .*; UAR is the mean over the tested classes only$/,
    );
    assert.match(warnings![2], /^trained on but not in validation: /);
    assert.deepEqual([report?.warnings, scores?.report.warnings, leftOut], [warnings, warnings, undefined]);
  });
});

describe('evaluateExperiment', function () {
  this.timeout(120_000);

  it('trains every fold with every seed on the same features, and joins the predictions', async () => {
    let audits = 0;
    const records = join(folder, 'seeds');
    const { runs, predictions, scores, ensemble, folds, outcome } = await evaluateExperiment(config(), {
      corpora,
      set,
      seeds: [1, 2],
      records,
      slices: ['speaker'],
      onAudit: () => audits++,
    });
    assert.equal(outcome, 'finished');
    assert.deepEqual(folds, { done: 4, of: 4 });
    assert.equal(audits, 1);
    assert.ok(runs.every((run) => run.set === set));
    assert.deepEqual([...new Set(predictions!.seedOf)], [1, 2]);
    assert.equal(predictions!.clips.length, 2 * corpora.clips.length);
    const { report, slices } = scores!;
    assert.equal(report.pooled.scores.accuracy!.interval.count, 4);
    assert.equal(report.overSeeds?.accuracy?.count, 2);
    assert.equal(slices[0].by, 'speaker');
    const { pooled, overSeeds } = ensemble!.scores.report;
    assert.equal(pooled.rows, corpora.clips.length);
    assert.equal(overSeeds, undefined);
    const kept = (await readRunRecords(records)).records;
    const joined = kept.filter(({ members }) => members);
    assert.equal(kept.length, 3);
    assert.deepEqual(
      joined.map(({ file, members, report }) => [
        join(records, file),
        members!.map(({ seed }) => seed),
        report,
      ]),
      [[ensemble!.path, [1, 2], ensemble!.scores.report]],
    );
    const { engine } = runs[0];
    const folders = runs.map(({ path }) => join(path!.replace(/\.json$/, ''), 'fold-2'));
    const bundles = [await loadModel(engine, folders[0]), await loadModel(engine, folders[1])];
    const { model } = await createPredictor(bundles, engine).predict(corpora.fileOf(corpora.clips[0]));
    assert.equal(model, 'ensemble of 2: quick, trained on SAVEE');
    assert.equal(joined[0].seconds!.training, runs[0].seconds.training + runs[1].seconds.training);
    const alone = await runExperiment({ ...config(), seed: 2 }, { corpora, set });
    const second = selectRows(
      predictions!,
      [...predictions!.seedOf!.keys()].filter((row) => predictions!.seedOf![row] === 2),
    );
    assertClose(second.probabilities, alone.predictions!.probabilities, 1e-6);
  });

  it('scores the finished folds when interrupted, and starts no other seed', async () => {
    const stop = new AbortController();
    const { outcome, folds, runs, predictions, scores, ensemble } = await evaluateExperiment(config(), {
      corpora,
      set,
      seeds: [1, 2],
      signal: stop.signal,
      onStep: (_, { number }) => {
        if (number === 2) stop.abort();
      },
    });
    assert.equal(outcome, 'interrupted');
    assert.deepEqual(folds, { done: 1, of: 4 });
    assert.equal(runs.length, 1);
    assert.equal(ensemble, undefined);
    assert.deepEqual(predictions!.splits, ['fold 1']);
    assert.equal(scores!.report.pooled.rows, predictions!.clips.length);
  });

  it('has no scores if no fold was finished', async () => {
    const stop = new AbortController();
    const evaluation = await evaluateExperiment(config(), {
      corpora,
      set,
      signal: stop.signal,
      onStep: () => stop.abort(),
    });
    assert.equal(evaluation.scores, undefined);
    assert.deepEqual(evaluation.folds, { done: 0, of: 2 });
    assert.throws(
      () => ledgerRun(evaluation),
      /evaluation must be an evaluation with at least one finished fold/,
    );
  });

  it('is formatted with the protocol in every section', async () => {
    const { scores } = await evaluateExperiment(config({ dataset: { protocol: 'paper-rows' } }), {
      corpora,
      set,
      slices: ['speaker'],
    });
    const text = formatEvaluationScores(scores!);
    assert.equal(text.match(/^Protocol: paper-rows, LEAKY/gm)?.length, 5);
    const open = text.split('\n').filter((line) => /\d % \[/.test(line) && !/LEAKY\)?$/.test(line));
    assert.deepEqual(open, []);
  });

  it('computes scores once for the report and the run record', async () => {
    const clips = set.clips.map((clip) => ({ ...clip, age: clip.speaker === 'SAVEE-DC' ? 30 : 60 }));
    const records = join(folder, 'kept');
    const { runs, scores } = await evaluateExperiment(config({ model: { kind: 'majority' } }), {
      corpora,
      set: { ...set, clips },
      slices: ['speaker', 'ageBand'],
      records,
    });
    const [{ report, calibration, slices }] = (await readRunRecords(records)).records;
    assert.deepEqual(report, scores!.report);
    assert.equal(scores!.report, runs[0].report);
    assert.deepEqual(calibration!.after.ece, scores!.calibration.after.ece);
    assert.equal(scores!.calibration, runs[0].scores!.calibration);
    assert.deepEqual(
      slices?.map(({ by }) => by),
      ['ageBand'],
    );
    assert.deepEqual(
      scores!.slices.map(({ by }) => by),
      ['speaker', 'ageBand'],
    );
    assert.equal(scores!.slices[1], runs[0].scores!.slices[0]);
  });

  it('audits the training rows', () => {
    const rowsOf = (trainVersions: string[] | 'all') => {
      const { splits, audits } = auditedSplits(set, config({ dataset: { trainVersions } }));
      return splits.map(({ train }, i) => [train.length, audits[i].rows.train]);
    };
    const halves = rowsOf('all').map((both) => both.map((rows) => rows / 2));
    assert.deepEqual(rowsOf(['noisy']), halves);
    const originals = auditedSplits(set, config({ dataset: { trainVersions: ['original'] } })).splits[0]
      .train;
    assert.ok(originals.every((row) => row % 2 === 0));
  });

  it('reports in the audit how the epoch was selected', () => {
    const chosenBy = (changes: ExperimentChanges): string =>
      auditedSplits(set, config(changes)).audits[0].selection.value;
    assert.equal(chosenBy({ training: { monitor: 'valUar' } }), 'validation rows');
    const withoutValidation = { dataset: { validationShare: 0 } };
    assert.equal(chosenBy({ training: { monitor: 'valUar' }, ...withoutValidation }), 'training rows');
    assert.equal(chosenBy({ training: { monitor: 'last' } }), 'no rows: the last epoch is kept');
    assert.equal(chosenBy({ model: { kind: 'majority' } }), 'nothing is selected');
  });

  it('rejects missing, repeated and fractional seeds', async () => {
    for (const seeds of [[], [1, 1], [1.5]]) {
      await assert.rejects(
        evaluateExperiment(config(), { corpora, set, seeds }),
        /seeds must be a list of different integers/,
      );
    }
  });
});

describe('compareProtocols', function () {
  this.timeout(120_000);

  it('runs from the loosest to the strictest protocol on the same features', async () => {
    const seen: string[] = [];
    const comparison = await compareProtocols(
      config({ dataset: { fold: 2, testVersions: 'trained' } }),
      ['speakers', 'leave-one-corpus-out', 'paper-rows', 'clips'],
      {
        corpora,
        set,
        onProtocol: ({ protocol, number, count }) => seen.push(`${protocol} ${number}/${count}`),
      },
    );
    const { steps, skipped } = comparison;
    assert.deepEqual(seen, ['paper-rows 1/3', 'clips 2/3', 'speakers 3/3']);
    assert.deepEqual(
      steps.map(({ protocol, report }) => [protocol, report.protocol]),
      ['paper-rows', 'clips', 'speakers'].map((name) => [name, name]),
    );
    for (const { evaluation } of steps) assert.equal(evaluation.runs[0].set, set);
    assert.equal(comparison.set, set);
    assert.deepEqual(
      skipped.map(({ protocol }) => protocol),
      ['leave-one-corpus-out'],
    );
    assert.match(skipped[0].reason, /corpora|corpus/);
    const [first, ...strict] = steps.map(({ siblingShare }) => siblingShare);
    assert.ok(first > 0.5 && first <= 1, String(first));
    assert.deepEqual(strict, [0, 0]);
    assert.deepEqual(
      steps.map(({ folds }) => folds.of),
      [1, 1, 1],
    );
    assert.deepEqual(
      steps.map(({ evaluation }) => evaluation.config.dataset.testVersions),
      ['original', 'trained', 'trained'],
    );
    assert.ok(protocolTable(steps).every(({ protocol }) => protocol !== ''));
  });

  it('extracts features once if they are not given', async () => {
    const { set: made, steps } = await compareProtocols(
      config({ dataset: { fold: 1 }, training: { epochs: 1 } }),
      ['clips', 'speakers'],
      { corpora },
    );
    assert.notEqual(made, set);
    assert.deepEqual(made.data, set.data);
    assert.ok(steps.every(({ evaluation }) => evaluation.runs[0].set === made));
  });

  it('lists the protocols skipped by an interruption', async () => {
    const stop = new AbortController();
    const { steps, skipped, outcome } = await compareProtocols(
      config(),
      ['paper-rows', 'clips', 'speakers'],
      {
        corpora,
        set,
        signal: stop.signal,
        onStep: (_, { name, number }) => {
          if (name !== 'rows' && number === 2) stop.abort();
        },
      },
    );
    assert.equal(outcome, 'interrupted');
    assert.deepEqual(
      steps.map(({ protocol, folds }) => [protocol, folds.done, folds.of]),
      [
        ['paper-rows', 1, 1],
        ['clips', 1, 2],
      ],
    );
    assert.deepEqual(skipped, [{ protocol: 'speakers', reason: 'interrupted before it started' }]);
    assert.equal(protocolTable(steps).find(({ protocol }) => protocol === 'clips')?.folds, '1 of 2 only');
  });

  it('rejects unknown and repeated protocols, and clips that no protocol can split', async () => {
    const compare = (...names: string[]) => compareProtocols(config(), names as 'clips'[], { corpora, set });
    await assert.rejects(
      compare('clip'),
      /protocols must be a list of names among paper-rows, .*, got "clip"/,
    );
    await assert.rejects(compare(), /protocols must be a list of names among .*, got \[\]/);
    await assert.rejects(compare('clips', 'clips'), /protocols must be different from each other/);
    await assert.rejects(compare('leave-one-corpus-out'), /corpora|corpus/);
  });
});

describe('the claim ledger', function () {
  this.timeout(120_000);
  let asPaper: Evaluation;
  let honest: Evaluation;
  let runs: string;
  before(async () => {
    runs = join(folder, 'runs');
    const evaluate = (protocol: 'paper-rows' | 'speakers') =>
      evaluateExperiment(config({ dataset: { protocol } }), { corpora, set, records: runs });
    asPaper = await evaluate('paper-rows');
    honest = await evaluate('speakers');
  });

  it('compares measured with published values, each column with its protocol', () => {
    const { rows, sources } = claimLedger([asPaper, honest].map(ledgerRun));
    const columns = Object.keys(rows[0]).slice(2);
    assert.deepEqual(columns, [
      'paper (paper-rows, LEAKY)',
      'committed notebook (paper-rows, LEAKY)',
      'here (paper-rows, LEAKY)',
      'here (speakers)',
    ]);
    assert.deepEqual(
      sources.map((line) => line.slice(0, line.indexOf(':'))),
      columns,
    );
    const cells = (figure: string) => {
      const row = rows.find((one) => one.figure === figure)!;
      return columns.map((column) => row[column]);
    };
    const percent = (value: number) => `${(100 * value).toFixed(1)} % [`;
    const accuracy = cells('accuracy: “96 %”');
    assert.deepEqual(accuracy.slice(0, 2), ['96 %', '56 %']);
    assert.ok(accuracy[2].startsWith(percent(metricOf(asPaper.predictions!, 'accuracy'))), accuracy[2]);
    assert.ok(accuracy[3].startsWith(percent(metricOf(honest.predictions!, 'accuracy'))), accuracy[3]);
    assert.deepEqual(cells('clips, angry'), [paper.clips!.angry.toLocaleString('en-US'), '–', '16', '16']);
    assert.deepEqual(cells('clips, all').slice(2), ['48', '48']);
    const { f1 } = honest.scores!.classification.classes.find(({ emotion }) => emotion === 'happy')!;
    assert.deepEqual(cells('F1, happy').slice(0, 2), ['0.96', '0.51']);
    assert.equal(cells('F1, happy')[3], f1.toFixed(2));
    assert.deepEqual(cells('F1, surprise').slice(2), ['–', '–']);
    assert.equal(cells('test rows with a sibling in training or validation')[3], '0 %');
    assert.deepEqual(cells('epochs'), ['–', '3', '2', '2']);
  });

  it('is the same when made from run records', async () => {
    const { records } = await readRunRecords(runs);
    assert.equal(records.length, 2);
    assert.deepEqual(
      claimLedger(records.map(recordedLedgerRun)),
      claimLedger([asPaper, honest].map(ledgerRun)),
    );
    assert.throws(
      () => recordedLedgerRun({ ...records[0], report: undefined }),
      /record must be a run record with scores/,
    );
  });

  it('is formatted as a Markdown table', () => {
    const { rows, sources } = claimLedger([ledgerRun(honest)]);
    const lines = formatLedger({ rows, sources }).trimEnd().split('\n');
    const table = lines.filter((line) => line.startsWith('|'));
    assert.equal(table.length, rows.length + 2);
    assert.deepEqual([...new Set(table.map((line) => line.split(' | ').length))], [5]);
    assert.equal(lines.filter((line) => line.startsWith('- ')).length, 3);
  });

  it('rejects two runs under one protocol', () => {
    const run = ledgerRun(honest);
    assert.throws(() => claimLedger([run, run]), /runs must be one run per protocol/);
  });
});

describe('explainFold', function () {
  this.timeout(120_000);
  let honest: Evaluation;
  before(async () => {
    honest = await evaluateExperiment(config({ training: { epochs: 8 } }), { corpora, set });
  });

  it('explains test rows of the fold as they were predicted', async () => {
    const [run] = honest.runs;
    const predictions = run.predictions!;
    const rows = [...predictions.splitOf.keys()].filter((row) => predictions.splitOf[row] === 1).slice(0, 2);
    const {
      rows: explained,
      faithfulness,
      verdict,
      fold,
      protocol,
    } = await explainFold(run, 2, {
      rows,
      steps: 4,
      randomOrders: 2,
      windowFrames: 27,
    });
    assert.equal(fold, 'fold 2');
    assert.equal(protocol, 'speakers');
    const size = predictions.classes.length;
    explained.forEach(({ row, clip, occlusion, values }, i) => {
      assert.equal(row, rows[i]);
      assert.equal(clip, predictions.clips[row]);
      const own = predictions.probabilities.subarray(row * size, (row + 1) * size);
      assertClose([occlusion.probability], [Math.max(...own)], 1e-5, 'as predicted');
      assert.equal(values.length, occlusion.shape[0] * occlusion.shape[1]);
      assert.equal(occlusion.groups[0].name, 'zcr');
    });
    assert.equal(faithfulness.areas.length, 2);
    assert.match(verdict, /^(Faithful|Not shown to be faithful) \(p .*2 rows\): /);
  });

  it('explains the original recording, also if versions were tested', async () => {
    const tested = config({ dataset: { testVersions: 'trained', fold: 1 } });
    const result = await runExperiment(tested, { corpora, set });
    const { rows: explained } = await explainFold(result, 'fold 1', {
      rows: [0, 1, 2],
      steps: 2,
      randomOrders: 1,
    });
    const [{ split, trained, normaliser }] = result.folds;
    const classes = result.classes.length;
    const data = {
      ...scaledRows(modelInput(set, 'compact'), scalerOfRow(normaliser, set)),
      classes,
    };
    const probabilities = await predictTrained(result.engine.tf, trained, data, split.test.slice(0, 3));
    explained.forEach(({ predicted, occlusion }, i) => {
      const own = probabilities.subarray(i * classes, (i + 1) * classes);
      assert.equal(predicted, result.classes[own.indexOf(Math.max(...own))]);
      assertClose([occlusion.probability], [Math.max(...own)], 1e-5);
    });
  });

  it('explains by default one correct row per emotion', async () => {
    const { rows } = await explainFold(honest.runs[0], 1, { steps: 2, randomOrders: 1, windowFrames: 54 });
    assert.ok(rows.length > 0);
    assert.ok(rows.every(({ actual, predicted }) => actual === predicted));
    assert.equal(new Set(rows.map(({ actual }) => actual)).size, rows.length);
  });

  it('rejects rows of other folds, missing folds, and models that do not read frames', async () => {
    const [run] = honest.runs;
    await assert.rejects(
      explainFold(run, 1, { rows: [run.predictions!.clips.length - 1] }),
      /rows must be test rows of fold 1/,
    );
    await assert.rejects(explainFold(run, 1, { rows: [] }), /rows must be test rows of fold 1/);
    await assert.rejects(
      explainFold(run, 3),
      /split must be a number from 1 to 2, or one of these names: .*, got "3"/,
    );
    const knn = await runExperiment(config({ model: { kind: 'knn' } }), { corpora, set });
    await assert.rejects(explainFold(knn), /model.kind must be a network that reads frames, got "knn"/);
  });

  it('shows mistakes with sound and features', async () => {
    const predictions = honest.predictions!;
    const wrong = { ...predictions, actual: predictions.actual.map((k) => (k + 1) % 3) };
    const mistakes = mostConfidentMistakes(wrong, { count: 2 });
    const { panels, scale } = await loadMistakes(mistakes, corpora, wrong);
    assert.equal(panels.length, 2);
    panels.forEach(({ title, caption, waveform, matrix }, i) => {
      const { actual, predicted, clip } = mistakes[i];
      assert.equal(title, `${actual}, predicted ${predicted}`);
      assert.ok(
        caption.startsWith(title) && caption.includes(clip.speaker!) && caption.endsWith('; speakers)'),
        caption,
      );
      assert.equal(waveform.sampleRate, 16_000);
      assert.equal(matrix.shape[1], scale.frequenciesHz.length);
    });
  });
});
