import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertClose } from '../assert-close';
import { catchOutput } from '../cli/catch-output';
import { sampleCorpus } from '../node/extraction/sample-corpus';
import { pythonWith } from '../python';
import type { FeatureBench } from './features';
import { runBench } from './main';
import type { TrainBench } from './train';

const run = (...args: string[]) => catchOutput(() => runBench(args));

describe('npm run bench -- features', function () {
  this.timeout(120_000);
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'bench-'));
    const durations = Array.from({ length: 6 }, (_, i) => 0.7 + i / 100);
    const { clips } = sampleCorpus(join(directory, 'corpora', 'mine'), durations);
    const lines = clips.map(({ path, emotion }) => `${path},${emotion}`);
    writeFileSync(join(directory, 'corpora', 'mine', 'clips.csv'), ['path,emotion', ...lines].join('\n'));
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });
  const bench = (...args: string[]) => run('features', join(directory, 'corpora'), '--rounds', '1', ...args);

  it('prints one object, whose numbers agree with one another', async () => {
    const { code, out } = await bench('--clips', '4', '--json');
    assert.equal(code, 0);
    const result = JSON.parse(out) as FeatureBench;
    const keys = ['clips', 'clipsPerSecond', 'cpuMsPerClip', 'stages', 'workers', 'frontEnd'];
    assert.deepEqual(Object.keys(result), keys);
    assert.equal(result.clips, 4);
    assert.deepEqual(
      result.workers.map(({ workers }) => workers),
      [1, 2],
    );
    assert.equal(result.workers[0].clipsPerSecond, result.clipsPerSecond);
    const stages = ['read', 'hash', 'resample', 'noise', 'pitch', 'features'];
    assert.deepEqual(Object.keys(result.stages), stages);
    const numbers = [result.clipsPerSecond, result.cpuMsPerClip, result.workers[1].clipsPerSecond];
    assert.ok(
      numbers.every((value) => value > 0 && value < Infinity),
      String(numbers),
    );
    assert.ok(
      Object.values(result.stages).every((ms) => ms >= 0 && ms < 1000),
      JSON.stringify(result.stages),
    );
  });

  it('compares with librosa, where there is a Python that has it', async function () {
    const python = pythonWith('librosa') ?? this.skip();
    const { out } = await bench('--clips', '3', '--json', '--python', python);
    const { peer, ratio, cpuMsPerClip } = JSON.parse(out) as FeatureBench;
    assert.match(peer?.version ?? '', /^\d+\.\d+/);
    assert.ok(peer!.cpuMsPerClip > 0 && peer!.clipsPerSecond > 0);
    assertClose([ratio!], [peer!.cpuMsPerClip / cpuMsPerClip], 1e-9, 'of one round');
  });

  it('says which recordings, how fast, and where the time goes', async () => {
    const { code, out } = await bench('--clips', '2');
    assert.equal(code, 0);
    assert.match(out, /^2 clips, four versions each, (kernel|plain) signal functions$/m);
    assert.match(out, /^clips a second: [\d.]+ with 1, [\d.]+ with 2 \([\d.]+ times\)$/m);
    assert.match(out, /^ {2}pitch +[\d.]+ ms$/m);
  });

  it('says what a Python without librosa lacks, and what is no Python', async () => {
    const without = join(directory, 'python-without');
    writeFileSync(
      without,
      "#!/bin/sh\ncat > /dev/null\necho 'Traceback' >&2\necho \"ModuleNotFoundError: No module named 'librosa'\" >&2\nexit 1\n",
    );
    chmodSync(without, 0o755);
    const { code, err } = await bench('--clips', '2', '--python', without);
    assert.equal(code, 1);
    assert.match(err, /python-without failed: ModuleNotFoundError: No module named 'librosa'$/);
    const absent = await bench('--clips', '2', '--python', join(directory, 'absent'));
    assert.deepEqual([absent.code, /absent.* ENOENT/.test(absent.err)], [1, true], absent.err);
  });

  it('answers a wrong call with the reason and the help', async () => {
    for (const args of [[], ['models'], ['features', 'a', 'b'], ['features', '--fast']]) {
      const { code, err } = await run(...args);
      assert.equal(code, 2);
      assert.match(err, /npm run bench -- features \[DIR\]/);
    }
    for (const clips of ['1', '2.5', 'many']) {
      const { code, err } = await bench('--clips', clips);
      assert.equal(code, 1);
      assert.match(err, new RegExp(`^--clips must be an integer of at least 2, got "${clips}"`));
    }
    assert.match((await bench('--rounds', '0')).err, /^--rounds must be an integer of at least 1, got "0"/);
    const { code, err } = await run('features', join(directory, 'absent'));
    assert.equal(code, 1);
    assert.match(err, /absent/);
  });

  it('runs as a program', () => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'test/bench/main.ts'], {
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.match(stderr, /what is to be measured\?/);
  });
});

describe('npm run bench -- train', function () {
  this.timeout(240_000);
  const bench = (...args: string[]) => run('train', '--steps', '1', '--rounds', '1', '--batch', '4', ...args);

  it('prints one object: engine, times and memory, and no peers where no Python is named', async () => {
    const { code, out } = await bench('--json');
    assert.equal(code, 0);
    const { engine, model, batch, msPerStep, msPerPrediction, peakRssMb, peers, ratios } = JSON.parse(
      out,
    ) as TrainBench;
    assert.match(engine, /TensorFlow/);
    assert.deepEqual([model, batch, peers, ratios], ['compact', 4, {}, {}]);
    const numbers = [msPerStep, msPerPrediction, peakRssMb];
    assert.ok(
      numbers.every((value) => value > 0 && value < Infinity),
      String(numbers),
    );
    assert.ok(peakRssMb > 20 && peakRssMb < 20_000, String(peakRssMb));
  });

  it('says it in words, with the WebAssembly engine below where that is asked for', async () => {
    const { code, out } = await bench('--wasm');
    assert.equal(code, 0);
    const lines = out.split('\n');
    assert.equal(lines[0], 'compact CNN, 54,407 parameters, batches of 4');
    assert.equal(lines.length, 3);
    for (const line of lines.slice(1)) {
      assert.match(line, /^ {2}\S.* +[\d.]+ ms a step +[\d.]+ ms a prediction +\d+ MB$/);
    }
    assert.match(lines[2], /WebAssembly/);
  });

  it('compares with Keras or PyTorch, where there is a Python that has one', async function () {
    const python = pythonWith('torch') ?? this.skip();
    const { out } = await bench('--json', '--python', python);
    const { peers, ratios, msPerStep } = JSON.parse(out) as TrainBench;
    assert.match(peers.torch.version, /\d+\.\d+/);
    assertClose([ratios.torch.step], [msPerStep / peers.torch.msPerStep], 1e-9, 'of one round');
  });

  /** A Python that says it has PyTorch, and that its network has so many parameters; it notes how it is called. */
  const pythonOf = (folder: string, parameters: number): string => {
    const path = join(folder, `python-of-${parameters}`);
    const said = { version: 'PyTorch 0', parameters, msPerStep: 1, msPerPrediction: 1, peakRssMb: 1 };
    const note = `echo "$2 $3 $4 $5 $6" >> '${join(folder, 'calls')}'`;
    const lines = [
      '#!/bin/sh',
      `[ "$1" = -c ] && echo '["torch"]' && exit`,
      note,
      `echo '${JSON.stringify(said)}'`,
    ];
    writeFileSync(path, lines.join('\n'));
    chmodSync(path, 0o755);
    return path;
  };

  it('compares with a network as wide as its own, and refuses one of another size', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const alike = await bench('--json', '--python', pythonOf(folder, 54_407));
    assert.equal(alike.code, 0, alike.err);
    const { parameters, peers } = JSON.parse(alike.out) as TrainBench;
    assert.equal(parameters, peers.torch.parameters);
    assert.equal(readFileSync(join(folder, 'calls'), 'utf8'), 'torch compact 64 4 1\n');
    const { code, err } = await bench('--python', pythonOf(folder, 199_175));
    assert.equal(code, 1);
    assert.match(
      err,
      /the compact CNN must have as many parameters in PyTorch 0 as here, 54,407, got 199,175: they are different networks$/,
    );
    rmSync(folder, { recursive: true });
  });

  it('says what a Python without frameworks lacks, and what is no Python', async () => {
    const without = join(mkdtempSync(join(tmpdir(), 'bench-')), 'python-without');
    writeFileSync(without, '#!/bin/sh\necho "[]"\n');
    chmodSync(without, 0o755);
    const { code, err } = await bench('--python', without);
    assert.equal(code, 1);
    assert.match(err, /python-without has neither TensorFlow nor PyTorch to compare with$/);
    const absent = await bench('--python', join(tmpdir(), 'no', 'python'));
    assert.deepEqual([absent.code, absent.err.includes('ENOENT')], [1, true], absent.err);
    rmSync(join(without, '..'), { recursive: true });
  });

  it('answers a wrong call with the reason', async () => {
    const wrong: [string[], RegExp][] = [
      [['--model', 'big'], /^--model must be paper or compact, got "big"/],
      [['--batch', '1'], /^--batch must be an integer of at least 2, got "1"/],
      [['--steps', 'no'], /^--steps must be an integer of at least 1, got "no"/],
    ];
    for (const [args, reason] of wrong) {
      const { code, err } = await bench(...args);
      assert.equal(code, 1, args.join(' '));
      assert.match(err, reason);
    }
    const { code, err } = await run('train', 'compact');
    assert.equal(code, 2);
    assert.match(err, /what is to be measured\?/);
  });
});
