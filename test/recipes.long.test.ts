import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type * as cells from '../src';
import { encodeWav } from '../src/core/audio';
import { paperFeatures } from '../src/core/features';
import type * as names from '../src/node/corpora/readers/read-names';
import { projectRoot } from '../src/node/files';
import type { RunRecord } from '../src/node/runs';
import { catchOutput } from './cli/catch-output';
import { type CodeBlock, codeBlocks, type NpmCommand, npmCommands } from './markdown-blocks';
import { toneCorpus } from './node/experiment/tone-corpus';
import { pythonWith } from './python';

const recipes = codeBlocks(readFileSync(join(projectRoot, 'src', 'README.md'), 'utf8'));

/** Creates the file of a block, or applies its diff. */
function apply(root: string, { language, code }: CodeBlock): void {
  const [first, ...lines] = code.trimEnd().split('\n');
  if (language === 'ts') {
    const path = join(root, first.replace('// ', ''));
    assert.ok(!existsSync(path), `${path} already exists`);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return;
  }
  const path = join(root, first.replace('+++ ', ''));
  const before = readFileSync(path, 'utf8');
  const shown = lines.filter((line) => !line.startsWith('+')).map((line) => line.slice(1));
  const places = before.split(`${shown.join('\n')}\n`).length - 1;
  assert.equal(places, 1, `${first}: must contain these lines once:\n${shown.join('\n')}`);
  const after = lines
    .filter((line) => !line.startsWith('-'))
    .map((line) => `${line.slice(1)}\n`)
    .join('');
  writeFileSync(
    path,
    before.replace(`${shown.join('\n')}\n`, () => after),
  );
}

function tone(path: string, hz: number): void {
  const sampleRate = 16_000;
  const samples = Float32Array.from(
    { length: 1.2 * sampleRate },
    (_, i) => 0.3 * Math.sin((2 * Math.PI * hz * i) / sampleRate),
  );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, encodeWav({ samples, sampleRate }));
}

describe('the recipes of src/README.md', function () {
  this.timeout(240_000);
  let root: string;
  const environment = { ...process.env };
  const blocksOf = (heading: string, language?: string): CodeBlock[] => {
    const found = recipes.filter(
      (block) => block.heading === heading && [undefined, block.language].includes(language),
    );
    assert.ok(found.length > 0, `recipe not found: ${heading}`);
    return found;
  };
  const commandsOf = (heading: string): NpmCommand[] =>
    blocksOf(heading, 'sh').flatMap(({ code }) => npmCommands(code));
  const load = async <Module>(path: string): Promise<Module> =>
    (await import(join(root, 'src', path))) as Module;
  const isCell = ({ language, code }: CodeBlock): boolean => language === 'ts' && !code.startsWith('// src/');

  /** Runs a command as npm would, in this process. */
  async function run({ text, script, args, environment: own }: NpmCommand): Promise<string> {
    const command = await load<Record<string, (args: readonly string[]) => Promise<number>>>(
      `cli/${script}.ts`,
    );
    const name = Object.keys(command).find((one) => one.startsWith('run'))!;
    const before = process.env;
    process.env = { ...before, ...own };
    const { code, out, err } = await catchOutput(() => command[name](args));
    process.env = before;
    assert.equal(code, 0, `${text}\n${err}`);
    return out;
  }
  async function lastRun(): Promise<RunRecord & { file: string }> {
    const { readRunRecords } = await load<typeof cells>('index.ts');
    return (await readRunRecords()).records.at(-1)!;
  }

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-recipes-'));
    for (const name of ['src', 'package.json', 'tsconfig.json', 'data/manifests', 'data/folds'])
      cpSync(join(projectRoot, name), join(root, name), { recursive: true });
    symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
    for (const block of recipes) {
      const isFile = block.language === 'ts' && !isCell(block);
      if (isFile || block.language === 'diff') apply(root, block);
    }
    const [cell] = recipes.filter(isCell);
    writeFileSync(
      join(root, 'src', 'recipe-cell.ts'),
      `import * as ser from './index';\nexport async function cell(): Promise<void> {\n${cell.code}}\n`,
    );
    const data = join(root, 'tones');
    toneCorpus(data, 2);
    const [{ code: table }] = blocksOf('Use your own data', 'csv');
    mkdirSync(join(data, 'phone-calls'));
    writeFileSync(join(data, 'phone-calls', 'clips.csv'), table);
    for (const [i, line] of table.trim().split('\n').slice(1).entries())
      tone(join(data, 'phone-calls', line.split(',')[0]), 200 + 100 * i);
    for (const speaker of [1, 2, 3, 4, 5, 6])
      for (const [e, code] of ['an', 'ha', 'sa', 'xx'].entries())
        tone(
          join(
            data,
            'enterface',
            `subject ${speaker}`,
            code,
            `sentence ${e + 1}`,
            `s${speaker}_${code}_${e + 1}.wav`,
          ),
          150 * (e + 1) + 7 * speaker,
        );
    process.env.SER_DATA = data;
    process.env.INIT_CWD = root;
  });
  after(() => {
    process.env = environment;
    rmSync(root, { recursive: true });
  });

  it('compile when all are applied, and the added model trains', async () => {
    const [command, ...others] = commandsOf('Add a model');
    assert.deepEqual(others, []);
    const { script, args } = command;
    // Two epochs are too few to show that the loss falls.
    const longer = ['--set', 'training.epochs=12'];
    const { status, stdout, stderr } = spawnSync('npm', ['run', script, '--', ...args, ...longer], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /library: compiled/);
    assert.match(stdout, /^\* {3}kind: bag-of-frames \(preset: compact\)$/m);
    const { config, status: end, splits } = await lastRun();
    assert.deepEqual([config.model.kind, end], ['bag-of-frames', 'finished']);
    const losses = splits[0].history.map(({ loss }) => loss);
    assert.equal(losses.length, 12);
    assert.ok(losses[11] < 0.9 * losses[0], losses.join(' '));
  });

  it('read your own data and train on it', async () => {
    const [list, train] = commandsOf('Use your own data');
    assert.match(await run(list), /^ {2}phone-calls: 4 clips, 2 speakers$/m);
    await run(train);
    const { data, splits } = await lastRun();
    assert.equal(data?.clips, 4);
    assert.equal(splits[0].rows.test, 2);
  });

  it('change hyperparameters from the shell, the environment, a cell and a sweep', async () => {
    const [set, variable, sweep] = commandsOf('Change a hyperparameter');
    const hashes: string[] = [];
    for (const command of [set, variable]) {
      await run(command);
      const { config, hash, splits } = await lastRun();
      assert.deepEqual([config.training.epochs, config.model.width, splits[0].history.length], [2, 16, 2]);
      hashes.push(hash);
    }
    const { cell } = await load<{ cell: () => Promise<void> }>('recipe-cell.ts');
    const { out } = await catchOutput(async () => {
      await cell();
      return 0;
    });
    assert.match(out, /^Protocol: speakers/m);
    assert.match(out, /^pooled .* speakers$/m);
    assert.equal(hashes[0], hashes[1], 'both commands run the same experiment');
    const best = await run(sweep);
    assert.match(best, /npm run train -- --preset quick .*model\.width=(8|16)/);
  });

  it('add a feature, with correct values, and train on it', async () => {
    const { spectralCentroid } = await load<{
      spectralCentroid: (samples: Float32Array, config: cells.FeatureConfig) => cells.dsp.Matrix;
    }>('core/features/spectral-centroid.ts');
    for (const hz of [500, 3000]) {
      const samples = Float32Array.from({ length: 22_050 }, (_, i) =>
        Math.sin((2 * Math.PI * hz * i) / 22_050),
      );
      const { data, shape } = spectralCentroid(samples, paperFeatures);
      assert.deepEqual(shape, [44, 1]);
      assert.ok(Math.abs(data[20] - hz) < 0.05 * hz, `${hz}: ${data[20]}`);
    }
    const [command] = commandsOf('Add a feature');
    await run(command);
    const { config, status } = await lastRun();
    assert.deepEqual([config.features.features, status], [['zcr', 'rms', 'mfcc', 'centroid'], 'finished']);
    const { loadModel, models, loadEngine } = await load<typeof cells>('index.ts');
    const { normaliser } = (await loadModel(
      await loadEngine(),
      models.newestModel(),
    )) as cells.models.SingleModel;
    const { mean } = normaliser as cells.dataset.Scaler;
    assert.equal(mean.length, 23);
    assert.ok(mean[22] > 100 && mean[22] < 8000, String(mean[22]));
  });

  it('run a model elsewhere: an added feature is an input of the file', async () => {
    const [command] = commandsOf('Run a model elsewhere');
    const { models } = await load<typeof cells>('index.ts');
    const out = join(root, 'onnx');
    const args = command.args.map((word) => ({ MODEL: models.newestModel(), DIR: out })[word] ?? word);
    assert.match(await run({ ...command, args }), /reads features, returns the probabilities of angry, /);
    assert.match(readFileSync(join(out, 'README.md'), 'utf8'), /zcr, rms, mfcc, centroid at 22,050 Hz/);
  });

  it('add a corpus: clips are labelled by their names, other files are reported', async () => {
    const { labelByName } = await load<typeof names>('node/corpora/readers/read-names.ts');
    const found = labelByName('enterface/subject 11/anger/sentence 1/s12_an_1.wav');
    assert.ok(found);
    const { label, emotion, speaker, sentence } = found.labels;
    assert.deepEqual(
      [found.corpus, label, emotion, speaker, sentence],
      ['eNTERFACE', 'anger', 'angry', 'eNTERFACE-11', '1'],
    );
    for (const name of ['s1_an_1.wav', 'subject 1/anger/sentence 1/s1_xx_1.wav'])
      assert.equal(labelByName(name), undefined, name);
    const [list, train] = commandsOf('Add a corpus');
    const listed = await run(list);
    assert.match(listed, /^ {2}eNTERFACE: 18 clips, 6 speakers$/m);
    assert.match(
      listed,
      /not known \(6\): enterface\/subject 1\/xx\/sentence 4\/s1_xx_4\.wav: "xx" is no label of/,
    );
    assert.match(listed, /^eNTERFACE +English +1,290 +43 +18 +rule only/m);
    await run(train);
    const { data, report } = await lastRun();
    assert.equal(data?.clips, 18);
    assert.deepEqual(
      report?.perCorpus.map(({ name }) => name),
      ['eNTERFACE'],
    );
  });

  it('make one model of several, and save it', async () => {
    const commands = commandsOf('Make one model of several');
    const files: string[] = [];
    for (const train of commands.slice(0, -1)) {
      await run(train);
      files.push((await lastRun()).file);
    }
    const together = commands.at(-1)!;
    const args = together.args.map((word) => ({ RUN1: files[0], RUN2: files[1] })[word] ?? word);
    assert.match(await run({ ...together, args }), /^ensemble of 2 models, each calibrated /m);
    const { members } = await lastRun();
    assert.deepEqual(
      members?.map(({ kind }) => kind),
      ['compact', 'knn'],
    );
  });

  it('write features and predictions that Python reads', async function () {
    const commands = commandsOf('Use features and predictions in Python or R');
    const [written, , exported] = [await run(commands[0]), await run(commands[1]), await run(commands[2])];
    const [, rows, columns] = /features\.parquet: (\d+) rows × ([\d,]+) features/.exec(written)!;
    const { report } = await lastRun();
    assert.match(exported, new RegExp(`predictions\\.csv: ${report!.pooled.rows} rows$`));
    const python = pythonWith('pandas', 'pyarrow');
    if (python === undefined) return this.skip();
    const [{ code }] = blocksOf('Use features and predictions in Python or R', 'python');
    const { stdout, stderr } = spawnSync(python, ['-c', code], { cwd: root, encoding: 'utf8' });
    assert.equal(stderr, '');
    const [shape, accuracy] = stdout.trim().split('\n');
    assert.equal(shape, `(${rows}, ${columns.replace(',', '')}) 5 folds`);
    assert.ok(Math.abs(Number(accuracy.split(' ')[1]) - report!.pooled.scores.accuracy!.value) < 1e-9);
  });

  it('publish a model, and list it', async () => {
    const [publish, list] = commandsOf('Publish a model');
    const { file } = await lastRun();
    const args = publish.args.map((word) => ({ RUN: file, NAME: 'tones' })[word] ?? word);
    await run({ ...publish, args });
    assert.match(readFileSync(join(root, 'data', 'models', 'tones', 'README.md'), 'utf8'), /^# tones$/m);
    assert.match(await run(list), /data\/models\/tones +finished +SAVEE, eNTERFACE, phone-calls /m);
  });
});
