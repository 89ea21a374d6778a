import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runEvaluate } from '../../src/cli/evaluate';
import { experimentConfig } from '../../src/core/config';
import { loadCorpora } from '../../src/node/corpora';
import { loadEngine } from '../../src/node/engine';
import { runExperiment } from '../../src/node/experiment';
import { loadModel, modelOf, saveModel } from '../../src/node/models';
import { catchOutput } from './catch-output';
import { onToneCorpus } from './tone-data';

describe('npm run evaluate without training', function () {
  this.timeout(120_000);
  const directory = onToneCorpus();
  const run = (...args: string[]) => catchOutput(() => runEvaluate(args));
  const file = (name: string, content: string): string => {
    const path = join(directory(), name);
    writeFileSync(path, content);
    return path;
  };
  let model: string;
  before(async () => {
    const engine = await loadEngine();
    const config = experimentConfig('quick', {
      model: { width: 4 },
      training: { epochs: 1 },
      dataset: { folds: 4, fold: 1 },
    });
    const result = await runExperiment(config, { engine, corpora: await loadCorpora() });
    model = join(directory(), 'model');
    await saveModel(engine, model, modelOf(result));
  });

  it('scores a model with an audit of its training data', async () => {
    const { code, out } = await run('--model', model, '--corpora', 'SAVEE', '--slices', 'speaker');
    assert.equal(code, 0);
    const places = [
      /^model: .*model \(chosen with --model\)$/m,
      /^clips: SAVEE \(sample\), 48 clips$/m,
      /^protocol existing-model, 48 test clips: LEAKY$/m,
      /^ {2}speakers trained on +3 of 4 test speakers/m,
      /^pooled .*existing-model, LEAKY$/m,
      /^without clips trained on +12 .*existing-model$/m,
      /^actual, predicted as/m,
      /^ECE .*\(existing-model, LEAKY\)$/m,
      /^most confident answers/m,
      /^By speaker; /m,
    ].map((pattern) => out.search(pattern));
    assert.ok(!places.includes(-1), `${places.join(', ')}\n${out}`);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });

  it('compares models, and prints one JSON object with --json', async () => {
    const twin = join(directory(), 'twin');
    const engine = await loadEngine();
    await saveModel(engine, twin, await loadModel(engine, model));
    const { code, out } = await run('--model', `${model},${twin}`, '--json');
    assert.equal(code, 0);
    const printed = JSON.parse(out) as {
      results: {
        name: string;
        report: { protocol: string; isLeaky: boolean };
        audit: { trainedClips: string[] };
      }[];
      comparison: { rows: number; isLeaky: boolean; comparisons: { pooled: { difference: number } }[] };
    };
    assert.deepEqual(
      printed.results.map(({ name }) => name),
      [model, twin],
    );
    assert.equal(printed.results[0].report.isLeaky, true);
    assert.equal(printed.results[0].audit.trainedClips.length, 36);
    assert.equal(printed.comparison.rows, 12);
    assert.equal(printed.comparison.isLeaky, false);
    assert.equal(printed.comparison.comparisons[0].pooled.difference, 0);
    const text = await run('--model', model, '--model', twin);
    assert.match(text.out, /^Compared on 12 rows that all have and none was trained on, as far as known/m);
  });

  it('writes the predictions, which can be scored again', async () => {
    const output = join(directory(), 'own.parquet');
    const { code, out } = await run('--model', model, '--output', output, '--json');
    assert.equal(code, 0);
    const [{ report }] = (JSON.parse(out) as { results: { report: { pooled: unknown } }[] }).results;
    const again = await run('--predictions', output, '--json');
    const [scored] = (JSON.parse(again.out) as { results: { report: { pooled: unknown } }[] }).results;
    assert.deepEqual(scored.report.pooled, report.pooled);
    const twice = await run('--model', model, '--output', output);
    assert.match(twice.err, /own\.parquet exists; choose another name with --output/);
    const both = await run('--model', `${model},other`, '--output', join(directory(), 'x.csv'));
    assert.deepEqual([both.code, both.err.includes('--output needs one model')], [2, true]);
    const other = await run('--model', model, '--output', join(directory(), 'x.txt'));
    assert.match(other.err, /csv.*parquet/);
  });

  it('applies a label map', async () => {
    const { code, out } = await run('--model', model, '--set', 'labels={"SAVEE":{"h":null}}', '--json');
    assert.equal(code, 0);
    const [{ report, warnings }] = (
      JSON.parse(out) as { results: { report: { pooled: { rows: number } }; warnings: string[] }[] }
    ).results;
    assert.equal(report.pooled.rows, 32);
    assert.match(warnings.join('\n'), /the model may predict happy, but no clip has this label/);
  });

  it('scores files of predictions, with a paired test', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => `c${i}.wav,${['sad', 'calm'][i % 2]},s${i % 8}`);
    const first = file(
      'a.csv',
      [
        'path,actual,speaker,p_sad,p_calm',
        ...lines.map((line, i) => `${line},${i % 2 ? '0.2,0.8' : '0.7,0.3'}`),
      ].join('\n'),
    );
    const second = file(
      'b.csv',
      ['path,actual,speaker,predicted', ...lines.map((line) => `${line},sad`)].join('\n'),
    );
    const list = file('training.csv', 'path,speaker\nd.wav,s1\n');
    const { code, out } = await run('--predictions', first, second, '--training-list', list);
    assert.equal(code, 0);
    assert.match(out, /^predictions: .*a\.csv$/m);
    assert.match(out, /^ {2}speakers trained on +1 of 8 test speakers \(12\.5 %\): s1 +warning$/m);
    assert.match(out, /^pooled +40 +40 +8 +100\.0 % .* external$/m);
    assert.match(out, /^UAR of b\.csv minus a\.csv, resampled by speakers \(8\)$/m);
    assert.match(out, /^pooled +40 +100\.0 % +50\.0 % +-50\.0 % /m);
    const other = file('c.csv', 'path,actual,predicted\nc0.wav,calm,calm\n');
    const differing = await run('--predictions', first, other);
    assert.equal(differing.code, 0);
    assert.match(
      differing.out,
      /not compared: label of c0\.wav must be the same in all predictions \(sad\), got "calm"/,
    );
  });

  it('says that the training data is unknown without a list', async () => {
    const { out } = await run(
      '--predictions',
      file('d.csv', 'path,actual,predicted\nx,sad,sad\ny,calm,sad\n'),
    );
    assert.match(out, /^training data: unknown; list the training clips with --training-list/m);
  });

  for (const [title, reason, args] of [
    ['an unknown model', /--model no-such-model: there is no such folder/, ['--model', 'no-such-model']],
    ['an unknown corpus', /corpora must be .*SAVEE/, ['--model', 'MODEL', '--corpora', 'SAVE']],
    [
      'other settings than labels',
      /--set training\.epochs: with --model, only labels/,
      ['--model', 'MODEL', '--set', 'training.epochs=1'],
    ],
    ['options of training', /cannot be used with/, ['--model', 'MODEL', '--seeds', '1,2']],
    ['saving', /--save needs training/, ['--model', 'MODEL', '--save']],
    ['a missing file', /none\.csv: /, ['--predictions', 'none.csv']],
    ['a list without predictions', /--training-list needs --predictions/, ['--training-list', 'a.csv']],
    [
      'too many lists',
      /--training-list needs one file, or one for each of the 1 files/,
      ['--predictions', 'a', '--training-list', 'b', 'c'],
    ],
    ['conditions of several models', /--conditions needs one model/, ['--conditions', '--model', 'a,b']],
  ] as const) {
    it(`rejects ${title}`, async () => {
      const { code, err } = await run(...args.map((arg) => (arg === 'MODEL' ? model : arg)));
      assert.notEqual(code, 0);
      assert.match(err, reason);
    });
  }
});
