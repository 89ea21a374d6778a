import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeWav } from '../../../src/core/audio';
import { formatTrainingAudit, type LabelMap } from '../../../src/core/dataset';
import {
  comparePredictions,
  formatPredictionComparison,
  formatPredictionScores,
} from '../../../src/core/evaluation';
import { type ExperimentResult, isEnsemble, type SingleModel } from '../../../src/core/prediction';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import { evaluateModel } from '../../../src/node/experiment';
import { prepareExperiment } from '../../../src/node/experiment/experiment';
import { createPredictor, ensembleOf, loadModel, modelOf, saveModel } from '../../../src/node/models';
import { openToneLab, type ToneLab } from './tone-lab';

describe('a trained model on labelled clips', function () {
  this.timeout(120_000);
  let lab: ToneLab;
  let result: ExperimentResult;
  let model: SingleModel;
  let corpora: Corpora;

  before(async () => {
    lab = await openToneLab();
    result = await lab.train({ dataset: { protocol: 'speakers', folds: 4, fold: 1 } });
    model = modelOf(result);
    // A corpus of the user: one clip that was trained on, one that is the same with other bytes, and others.
    const own = join(lab.folder, 'data', 'calls');
    mkdirSync(own);
    const { clips, versions } = result.set;
    const { train, test } = result.folds[0].split;
    const [trained, other, tested] = [train[0], train[train.length - 1], test[0]].map(
      (row) => clips[Math.floor(row / versions.length)],
    );
    copyFileSync(lab.corpora.fileOf(trained), join(own, 'copy.wav'));
    const bytes = readFileSync(lab.corpora.fileOf(other));
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(join(own, 'almost.wav'), bytes);
    copyFileSync(lab.corpora.fileOf(tested), join(own, 'new.wav'));
    writeFileSync(join(own, 'broken.wav'), 'RIFF');
    const samples = Float32Array.from({ length: 16_000 }, (_, i) => 0.3 * Math.sin(0.3 * i));
    writeFileSync(join(own, 'odd.wav'), encodeWav({ samples, sampleRate: 16_000 }));
    writeFileSync(
      join(own, 'clips.csv'),
      `path,emotion,speaker\ncopy.wav,${trained.emotion},x\nalmost.wav,${other.emotion},y\nnew.wav,${tested.emotion},z\nodd.wav,sad,z\n`,
    );
    corpora = await loadCorpora({ root: join(lab.folder, 'data') });
  });
  after(() => lab.close());

  it('has features that experiments with the same label map share, so that their clips are searched for copies once', async () => {
    const { engine, corpora: tones } = lab;
    const prepare = (labels: LabelMap) =>
      prepareExperiment({ ...result.config, labels }, { engine, corpora: tones, set: result.set });
    const calm = { '*': { neutral: 'calm' } };
    const [first, second] = [await prepare(calm), await prepare({ ...calm })];
    assert.equal(first.set.clips, second.set.clips);
    assert.deepEqual(first.classNames, ['angry', 'happy', 'calm']);
    const other = await prepare({ '*': { neutral: 'rest' } });
    assert.deepEqual(other.classNames, ['angry', 'happy', 'rest']);
  });

  it('marks the scores as leaky and repeats them without clips and speakers that it was trained on', async () => {
    const { predictions, overlap, scores, source } = await evaluateModel(model, lab.engine, {
      corpora,
      test: ['SAVEE'],
    });
    const { split } = result.folds[0];
    assert.match(source, /^SAVEE/);
    assert.equal(predictions.protocol, 'existing-model');
    assert.equal(predictions.isLeaky, true);
    assert.equal(overlap.audit.source, 'the list of training clips in the model');
    assert.equal(overlap.audit.trainedClips.length, 36);
    assert.equal(overlap.audit.sharedSpeakers.length, 3);
    assert.equal(overlap.withoutClips.length, split.test.length);
    assert.deepEqual(
      scores.withoutTraining!.map(({ rows }) => rows),
      [48, 12, 12],
    );
    const own = result.report!.perSplit[0].scores.accuracy!.value;
    assert.ok(Math.abs(scores.withoutTraining![1].scores!.scores.accuracy!.value - own) < 1e-9);
    const text = formatPredictionScores(scores);
    assert.match(text, /^pooled .*existing-model, LEAKY$/m);
    assert.match(text, /^without speakers trained on .* existing-model$/m);
    assert.match(text, /^threshold of the model|^all rows /m);
  });

  it('gives the same answers as the predictor', async () => {
    const { predictions } = await evaluateModel(model, lab.engine, { corpora, test: ['calls'] });
    const predictor = createPredictor(model, lab.engine);
    const { emotion, confidence } = await predictor.predict(corpora.fileOf(predictions.clips[0]));
    const k = predictor.classes.indexOf(emotion);
    assert.ok(Math.abs(predictions.probabilities[k] - confidence) < 1e-6);
  });

  it('finds copies and near duplicates of training clips in another corpus', async () => {
    const steps = new Set<string>();
    const { overlap, predictions } = await evaluateModel(model, lab.engine, {
      corpora,
      test: ['calls'],
      onProgress: (step) => steps.add(step),
    });
    const { audit } = overlap;
    assert.equal(audit.findings.clips.count, 1);
    assert.deepEqual(audit.findings.clips.examples, ['calls/copy.wav']);
    assert.match(audit.findings.nearDuplicates.examples.join(), /^calls\/almost\.wav ≈ savee\/ALL\//);
    assert.deepEqual([...audit.trainedClips].sort(), ['calls/almost.wav', 'calls/copy.wav']);
    // These names are new, but the voices were trained on.
    assert.deepEqual(audit.sharedSpeakers, ['calls-x', 'calls-y']);
    assert.deepEqual(
      overlap.withoutSpeakers!.map((row) => predictions.clips[row].path),
      ['calls/new.wav'],
    );
    assert.deepEqual(
      overlap.withoutClips.map((row) => predictions.clips[row].path),
      ['calls/new.wav'],
    );
    assert.ok(steps.has('predicting'));
  });

  it('counts clips of classes that the model does not know, with the setting that keeps them', async () => {
    const { predictions } = await evaluateModel(model, lab.engine, { corpora, test: ['calls'] });
    const left = predictions.leftOut!.find(({ what }) => what.includes('does not know'))!;
    assert.equal(left.count, 1);
    assert.deepEqual(left.classes, [{ name: 'sad', count: 1 }]);
    assert.match(
      predictions.warnings!.join('\n'),
      /angry, happy, neutral: --set 'labels=\{"calls":\{"sad":"CLASS"\}\}'/,
    );
    const mapped = await evaluateModel(model, lab.engine, {
      corpora,
      test: ['calls'],
      labels: { calls: { sad: 'neutral' } },
    });
    assert.equal(mapped.predictions.clips.length, 4);
    await assert.rejects(
      evaluateModel(model, lab.engine, { corpora, test: ['calls'], labels: { '*': { '*': 'other' } } }),
      /no clip has a class of the model \(angry, happy, neutral\); to count them as one of/,
    );
  });

  it('derives the training clips of an older model from its card', async () => {
    const { training, ...older } = model;
    assert.ok(training);
    const before = await loadCorpora({ root: join(lab.folder, 'data') });
    // The recordings of the experiment only, as its config selects them.
    const config = { ...older.config, corpora: ['SAVEE'] };
    const { overlap } = await evaluateModel({ ...older, config }, lab.engine, {
      corpora: before,
      test: ['SAVEE'],
    });
    assert.match(overlap.audit.source, /does not list its training clips; .* outside /);
    assert.equal(overlap.audit.trainedClips.length, 36);
    const card = { ...older.card, dataFingerprint: 'unknown' };
    const rough = await evaluateModel({ ...older, card }, lab.engine, { corpora, test: ['SAVEE'] });
    assert.match(rough.overlap.audit.source, /card lists SAVEE, so all clips of these count as trained on/);
    assert.equal(rough.overlap.audit.trainedClips.length, 48);
    assert.match(formatPredictionScores(rough.scores), /^without clips trained on +0 .*none/m);
    const nothing = await evaluateModel({ ...older, card: {} }, lab.engine, { corpora, test: ['SAVEE'] });
    assert.match(
      formatTrainingAudit(nothing.overlap.audit),
      /unknown: .*lists no corpora[^]*not known +not checked/,
    );
  });

  it('compares models on the rows that none was trained on', async () => {
    const second = await lab.train({ seed: 7, dataset: { protocol: 'speakers', folds: 4, fold: 1 } });
    const all = [];
    for (const [name, own] of [
      ['first', model],
      ['second', modelOf(second)],
    ] as const)
      all.push({ name, ...(await evaluateModel(own, lab.engine, { corpora, test: ['SAVEE'] })) });
    const comparison = comparePredictions(all);
    assert.equal(comparison.rows, 12);
    assert.equal(comparison.isLeaky, false);
    assert.match(
      formatPredictionComparison(comparison),
      /^UAR of second minus first[^]*^pooled +12 .* existing-model$/m,
    );
    const third = await lab.train({ dataset: { protocol: 'speakers', folds: 4, fold: 2 } });
    const other = {
      name: 'third',
      ...(await evaluateModel(modelOf(third), lab.engine, { corpora, test: ['SAVEE'] })),
    };
    const mixed = comparePredictions([all[0], other]);
    assert.equal(mixed.isLeaky, true);
    assert.equal(mixed.rows, 48);
    assert.match(
      formatPredictionComparison(mixed),
      /although models were trained on them[^]*existing-model, LEAKY$/m,
    );
  });

  it('keeps the list of training clips in saved models and ensembles', async () => {
    const folder = join(lab.folder, 'models', 'listed');
    await saveModel(lab.engine, folder, model);
    assert.deepEqual((await loadModel(lab.engine, folder)).training, model.training);
    const members = [model, model];
    const whole = ensembleOf(result, 0, members, { report: result.report! });
    const place = join(lab.folder, 'models', 'whole');
    await saveModel(lab.engine, place, whole);
    const loaded = await loadModel(lab.engine, place);
    assert.deepEqual(loaded.training, model.training);
    assert.ok(isEnsemble(loaded) && loaded.members.every(({ training }) => training === undefined));
  });

  it('stops when it is aborted', async () => {
    const stop = new AbortController();
    const running = evaluateModel(model, lab.engine, {
      corpora,
      test: ['SAVEE'],
      signal: stop.signal,
      onProgress: () => {
        stop.abort(new Error('stopped'));
      },
    });
    await assert.rejects(running, /stopped/);
  });
});
