import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { parse } from 'csv-parse/sync';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { runPredict } from '../../src/cli/predict';
import { WaveFile } from 'wavefile';
import { encodeWav } from '../../src/core/audio';
import { type LeftOut } from '../../src/core/base';
import { type Prediction } from '../../src/core/prediction';
import { readAudio } from '../../src/node/corpora';
import { createPredictor, loadModel, modelOf, saveModel } from '../../src/node/models';
import { voice } from '../babble';
import { openToneLab, type ToneLab } from '../node/experiment/tone-lab';
import { catchOutput } from './catch-output';

interface Output {
  predictions: (Prediction & { file: string })[];
  failed: { file: string; reason: string }[];
  chosen: string[];
  leftOut: LeftOut[];
}

describe('npm run predict', function () {
  this.timeout(120_000);
  let lab: ToneLab;
  let model: string;
  let files: string[];
  let text: string;
  const run = (...args: string[]) => catchOutput(() => runPredict([...args, '--model', model]));

  before(async () => {
    lab = await openToneLab();
    model = join(lab.folder, 'model');
    await saveModel(lab.engine, model, modelOf(await lab.train()));
    files = lab.corpora.clips.slice(0, 3).map((clip) => lab.corpora.fileOf(clip));
    text = join(lab.folder, 'notes.wav');
    writeFileSync(text, 'no sound at all');
  });
  after(() => lab.close());

  it('prints the same predictions as the library', async () => {
    const { code, out } = await run(...files, '--json');
    assert.equal(code, 0);
    const { predictions, failed } = JSON.parse(out) as Output;
    assert.deepEqual(failed, []);
    assert.deepEqual(
      predictions.map(({ file }) => file),
      files,
    );
    const predictor = createPredictor(await loadModel(lab.engine, model), lab.engine);
    for (const { file, ...prediction } of predictions) {
      assert.deepEqual(prediction, await predictor.predict(file));
      assert.deepEqual(prediction, await predictor.predict(await readAudio(file)));
    }
  });

  it('prints a table with the model and the protocol of its scores', async () => {
    const { code, out, err } = await run(...files, '--threshold', '0');
    assert.equal(code, 0, err);
    assert.match(
      out,
      /^model: quick, trained on SAVEE \(48 clips; .*model\); UAR [\d.]+ % \[.*\] under speakers; chosen with --model$/m,
    );
    assert.match(out, /^scored under: speakers \(new speakers of/m);
    for (const file of files)
      assert.match(
        out,
        new RegExp(`^${file} +1\\.2 s +(angry|happy|neutral) +[\\d.]+ % +\\w+ [\\d.]+ %`, 'm'),
      );
  });

  it('finds a published model by its name', async () => {
    const { code, out, err } = await catchOutput(() => runPredict([files[0], '--model', 'speakers']));
    assert.equal(code, 0, err);
    assert.match(
      out,
      /^model: ensemble of 3: robust and robust-log-mel, trained on .* \(12,162 clips; data\/models\/speakers\); UAR [\d.]+ % \[[\d., ]+\] under speakers; chosen with --model$/m,
    );
  });

  it('reports a bad file with its reason, continues, and exits with code 1', async () => {
    const absent = join(lab.folder, 'absent.wav');
    const { code, out } = await run(absent, text, files[0], '--json');
    assert.equal(code, 1);
    const { predictions, failed, leftOut, chosen } = JSON.parse(out) as Output;
    assert.deepEqual(
      predictions.map(({ file }) => file),
      [files[0]],
    );
    assert.deepEqual([leftOut[0].what, leftOut[0].count], ['recordings not predicted', 2]);
    assert.deepEqual(chosen, ['chosen with --model']);
    assert.deepEqual(failed[0], { file: absent, reason: 'there is no such file' });
    assert.equal(failed[1].file, text);
    assert.match(failed[1].reason, /it is not an audio file/);

    const table = await run(absent, text, files[0]);
    assert.equal(table.code, 1);
    assert.match(
      table.err,
      /absent\.wav: there is no such file\n.*notes\.wav: it is not .*\n2 recordings not predicted \(.*; for example .*absent\.wav$/s,
    );
    assert.ok(table.out.includes(files[0]));
  });

  it('predicts all recordings in a folder, and reports an empty folder', async () => {
    const folder = dirname(files[0]);
    const { out } = await run(folder, '--json');
    assert.equal((JSON.parse(out) as Output).predictions.length, lab.corpora.clips.length);
    const empty = join(lab.folder, 'empty');
    mkdirSync(empty, { recursive: true });
    const { code, err } = await run(empty);
    assert.equal(code, 1);
    assert.match(err, /empty: no audio file in this folder\n1 recording not predicted \(no audio file/);
  });

  it('abstains below --threshold and explains why', async () => {
    const { out } = await run(files[0], '--threshold', '1');
    assert.match(out, /\((angry|happy|neutral)\)/);
    assert.match(out, /most probable with [\d.]+ %, below the threshold of 100.0 %/);
  });

  it('prints a timeline of long recordings, with windows every --hop seconds', async () => {
    const { samples, sampleRate } = await readAudio(files[0]);
    const long = new Float32Array(6 * sampleRate);
    for (let at = 0; at + samples.length < long.length; at += samples.length) long.set(samples, at);
    const file = join(lab.folder, 'long.wav');
    writeFileSync(file, encodeWav({ samples: long, sampleRate }));
    const counts: number[] = [];
    for (const args of [[], ['--hop', '0.5'], ['--hop', 'Infinity']]) {
      const { out } = await run(file, '--json', ...args);
      counts.push((JSON.parse(out) as Output).predictions[0].timeline.length);
    }
    assert.deepEqual(counts, [3, 6, 1]);
    const { out } = await run(file, '--threshold', '0');
    assert.match(out, /^ {2}0\.0 to \d\.\d s +(angry|happy|neutral) +[\d.]+ % +\w+ [\d.]+ %/m);
    assert.match(out, / to 6\.0 s +(angry|happy|neutral|silence)\b/);
  });

  it('writes the segments as CSV, label track and figure, and replaces nothing without --overwrite', async () => {
    const folder = join(lab.folder, 'outputs');
    const [csv, labels, figure] = ['all.csv', 'labels/', 'page.html'].map((name) => join(folder, name));
    const odd = join(lab.folder, '=a,"b".wav');
    cpSync(files[1], odd);
    const all = [files[0], odd, '--csv', csv, '--labels', labels, '--figure', figure, '--threshold', '0'];
    const { code, out, err } = await run(...all);
    assert.equal(code, 0, err);
    assert.match(out, /^wrote .*all\.csv$/m);
    const rows = parse<Record<string, string>>(readFileSync(csv, 'utf8'), { columns: true });
    assert.deepEqual([...new Set(rows.map(({ file }) => file))], [files[0], odd]);
    const { predictions } = JSON.parse(
      (await run(files[0], odd, '--json', '--threshold', '0')).out,
    ) as Output;
    const segments = predictions.flatMap((one) => one.segments);
    assert.deepEqual(
      rows.map((row) => [row.channel, row.start_sec, row.end_sec, row.emotion]),
      segments.map((one) => ['mix', one.startSec.toFixed(3), one.endSec.toFixed(3), one.label]),
    );
    for (const [i, { label, probabilities }] of segments.entries())
      for (const { emotion, probability } of label === 'silence' ? [] : probabilities)
        assert.equal(rows[i][emotion], probability.toFixed(4));

    assert.deepEqual(
      readdirSync(labels).sort(),
      ['a-b.labels.txt', `${basename(files[0], '.wav').replace(/[^a-z0-9]+/gi, '-')}.labels.txt`].sort(),
    );
    const track = readFileSync(join(labels, 'a-b.labels.txt'), 'utf8');
    assert.match(track, /^0\.000000\t[\d.]+\t(angry|happy|neutral|silence)( \d+ %)?\n/);
    const page = readFileSync(figure, 'utf8');
    assert.match(page, /<h2>=a,&quot;b&quot;\.wav<\/h2>/);
    assert.equal(page.match(/<\/script/g)?.length, 3, 'Plotly and two figures');
    assert.doesNotMatch(page, /<script[^>]* src=/);

    const before = readFileSync(csv, 'utf8');
    const again = await run(files[1], '--csv', csv);
    assert.deepEqual([again.code, again.out], [1, '']);
    assert.match(again.err, /all\.csv exists; choose another name, or add --overwrite$/);
    assert.equal(readFileSync(csv, 'utf8'), before);
    assert.equal((await run(files[1], '--csv', csv, '--overwrite')).code, 0);
    assert.notEqual(readFileSync(csv, 'utf8'), before);
  });

  it('writes one picture for each of several recordings, and a label track to a named file', async () => {
    const folder = join(lab.folder, 'pictures');
    const same = join(lab.folder, 'copy', basename(files[0]));
    cpSync(files[0], same);
    const { code, err } = await run(files[0], same, '--figure', join(folder, 'p.svg'));
    assert.equal(code, 0, err);
    const stem = basename(files[0], '.wav').replace(/[^a-z0-9]+/gi, '-');
    assert.deepEqual(readdirSync(folder).sort(), [`p-${stem}-2.svg`, `p-${stem}.svg`]);
    assert.match(readFileSync(join(folder, `p-${stem}.svg`), 'utf8'), /^<svg[^]*segments/);
    const labels = join(folder, 'mine.txt');
    assert.equal((await run(files[0], '--labels', labels)).code, 0);
    assert.match(readFileSync(labels, 'utf8'), /^0\.000000\t/);
  });

  it('names outputs after the recordings that were given, whether or not they can be predicted', async () => {
    const folder = join(lab.folder, 'partly');
    const stem = basename(files[0], '.wav').replace(/[^a-z0-9]+/gi, '-');
    const outputs = ['--labels', join(folder, 'labels'), '--figure', join(folder, 'p.svg')];
    const { code } = await run(text, files[0], ...outputs, '--csv', join(folder, 'all.csv'));
    assert.equal(code, 1);
    const written = ['all.csv', 'labels', join('labels', `${stem}.labels.txt`), `p-${stem}.svg`];
    assert.deepEqual(readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort(), written.sort());
    const alone = join(lab.folder, 'alone');
    mkdirSync(alone);
    cpSync(files[0], join(alone, 'one.wav'));
    const labels = join(lab.folder, 'labels of a folder');
    assert.equal((await run(alone, '--labels', labels)).code, 0);
    assert.deepEqual(readdirSync(labels), ['one.labels.txt']);

    const nothing = join(lab.folder, 'nothing');
    const failed = await run(text, '--csv', join(nothing, 'all.csv'));
    assert.deepEqual([failed.code, existsSync(nothing)], [1, false]);
    assert.deepEqual((await run(text, '--csv', '-')).out, '');
  });

  it('names the outputs of channels, and rejects them before predicting if they cannot be written', async () => {
    const folder = join(lab.folder, 'channels');
    const stereo = join(lab.folder, 'stereo.wav');
    const wav = new WaveFile();
    const channels = ['one', 'other'].map((seed) => voice(seed, 1).samples.map((sample) => 3e4 * sample));
    wav.fromScratch(2, 16_000, '16', channels);
    writeFileSync(stereo, wav.toBuffer());
    const labels = join(folder, 'labels');
    const figure = join(folder, 'p.svg');
    const all = [stereo, '--channels', 'each', '--labels', labels, '--figure', figure];
    assert.equal((await run(...all)).code, 0);
    assert.deepEqual(readdirSync(labels).sort(), ['stereo-left.labels.txt', 'stereo-right.labels.txt']);
    const again = await run(...all);
    assert.deepEqual([again.code, again.out], [1, '']);
    assert.match(again.err, /stereo-left\.labels\.txt exists; choose another name/);
    const picture = await run(stereo, '--channels', 'each', '--figure', figure);
    assert.match(picture.err, /p-stereo-left\.svg exists; choose another name/);

    const second = JSON.parse((await run(stereo, '--channels', '2', '--json')).out) as Output;
    const right = JSON.parse((await run(stereo, '--channels', 'right', '--json')).out) as Output;
    assert.deepEqual(second, right);
    const wrong = await run(stereo, '--channels', '0');
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /--channels must be mix, left, right, each, or the number of a channel from 1/);

    const mono = join(folder, 'mono');
    assert.equal((await run(files[0], '--channels', 'each', '--labels', mono)).code, 0);
    assert.equal(readdirSync(mono).length, 1);
    for (const option of ['--labels', '--csv', '--figure']) {
      const path = option === '--labels' ? stereo : join(stereo, 'a.svg');
      const { code, out, err } = await run(stereo, '--channels', 'each', option, path, '--overwrite');
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, /stereo\.wav.*: a part of the path is a file, not a folder/, option);
    }
  });

  it('writes neither two outputs to one file nor one over a recording', async () => {
    const same = join(lab.folder, 'same');
    const twice = await run(files[0], '--csv', same, '--labels', same);
    assert.equal(twice.code, 2);
    assert.match(twice.err, /^--labels and --csv are the same file, .*same: choose another name/);
    const own = join(lab.folder, 'own.wav');
    cpSync(files[0], own);
    const over = await run(own, '--csv', own, '--overwrite');
    assert.equal(over.code, 2);
    assert.match(over.err, /^--csv and a recording are the same file/);
    assert.deepEqual(readFileSync(own), readFileSync(files[0]));
  });

  it('predicts the others if a recording is too long for --hop', async () => {
    const long = join(lab.folder, 'too long.wav');
    const samples = new Float32Array(5010 * 1000);
    writeFileSync(long, encodeWav({ samples, sampleRate: 1000 }, { bitDepth: '8' }));
    const { code, out } = await run(files[0], long, files[1], '--hop', '0.05', '--json');
    const { predictions, failed } = JSON.parse(out) as Output;
    assert.deepEqual([code, predictions.map(({ file }) => file)], [1, [files[0], files[1]]]);
    assert.match(failed[0].reason, /^hopSec must be at least 0\.05\d \(at most 100000 windows\), got 0\.05$/);
    rmSync(long);
  });

  it('prints only the table with --csv -, and rejects outputs that cannot be written', async () => {
    const { code, out } = await run(files[0], '--csv', '-');
    assert.equal(code, 0);
    const lines = out.split('\n');
    assert.equal(lines[0], 'file,channel,start_sec,end_sec,emotion,angry,happy,neutral');
    assert.ok(lines.slice(1).every((line) => line.startsWith(`${files[0]},mix,`)));
    const wrong: [string[], RegExp][] = [
      [['--csv', '-', '--json'], /^--csv - and --json both write to stdout/],
      [
        ['--figure', 'a.pdf'],
        /^--figure must be a file name that ends in \.html, \.png or \.svg, got "a\.pdf"/,
      ],
    ];
    for (const [args, reason] of wrong) {
      const { code: failed, err } = await run(files[0], ...args);
      assert.equal(failed, 2);
      assert.match(err, reason);
    }
    const { code: failed, err } = await run(files[0], '--csv', lab.folder);
    assert.equal(failed, 1);
    assert.match(err, /--csv must be a file, got .*it is a folder/);
  });

  it('stops when it is interrupted', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    const { code, err } = await catchOutput(() => runPredict([files[0], '--model', model], { signal }));
    assert.deepEqual([code, err], [130, 'interrupted']);
  });

  it('prints the reason and the usage after a wrong call, and an invalid option once', async () => {
    for (const args of [[], ['--fast'], [files[0], '--threshold', 'high'], [files[0], '--hop', '']]) {
      const { code, err } = await run(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, /Usage: npm run predict -- \[options\] <FILE\.\.\.>/);
    }
    const { code, err } = await run(...files, '--threshold', '2');
    assert.deepEqual([code, err], [1, 'threshold must be a probability from 0 to 1, got 2']);
    const folder = join(lab.folder, 'no-model');
    mkdirSync(folder);
    const none = await catchOutput(() => runPredict([files[0], '--model', folder]));
    assert.equal(none.code, 1);
    assert.match(none.err, /bundle\.json: it is missing: the folder is not a saved model, or is incomplete/);
  });

  it('lists at most ten failures, with control characters made visible, and counts the others', async () => {
    const absent = Array.from({ length: 14 }, (_, i) => join(lab.folder, `absent \u001b[31m${i}.wav`));
    const { code, err } = await run(...absent, files[0]);
    const lines = err.split('\n');
    assert.deepEqual([code, lines.length], [1, 12]);
    assert.ok(!err.includes('\u001b'), err);
    assert.match(lines[10], /^… and 4 more, listed with --json$/);
    assert.match(
      lines[11],
      /^14 recordings not predicted \(there is no such file\); for example .*absent \\u001b\[31m0\.wav$/,
    );
  });

  it('suggests the nearest model for a misspelt name, and the models of a folder that contains several', async () => {
    const misspelt = await catchOutput(() => runPredict([files[0], '--model', 'speeker']));
    assert.deepEqual(
      [misspelt.code, misspelt.err],
      [1, '--model speeker: there is no such folder, published model or run; did you mean speakers?'],
    );
    const several = join(lab.folder, 'several');
    for (const name of ['fold-1', 'fold-2']) cpSync(model, join(several, name), { recursive: true });
    const { err } = await catchOutput(() => runPredict([files[0], '--model', several]));
    assert.match(err, /this folder contains several models; choose one of fold-1, fold-2$/);
  });

  it('resolves paths relative to the folder of the user, as a program', () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'src/cli/predict.ts', relative(lab.folder, files[0]), '--model', 'model', '--json'],
      { encoding: 'utf8', env: { ...process.env, INIT_CWD: lab.folder } },
    );
    assert.equal(status, 0);
    const [{ file }] = (JSON.parse(stdout) as Output).predictions;
    assert.equal(file, relative(lab.folder, files[0]));
  });
});
