import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelOf, saveModel } from '../../src/node/models';
import { assertClose } from '../assert-close';
import { catchOutput } from '../cli/catch-output';
import { openToneLab, type ToneLab } from '../node/experiment/tone-lab';
import { sampleCorpus } from '../node/extraction/sample-corpus';
import { pythonWith } from '../python';
import type { Clip } from '../../src/core/base';
import { loadCorpora } from '../../src/node/corpora';
import type { FeatureBench } from './features';
import type { ClipsBench } from './million-clips';
import { runBench } from './main';
import type { LongBench, PredictBench } from './predict';
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

  it('prints one JSON object with consistent numbers', async () => {
    const { code, out } = await bench('--clips', '4', '--json');
    assert.equal(code, 0);
    const result = JSON.parse(out) as FeatureBench;
    const keys = ['preset', 'clips', 'clipsPerSecond', 'cpuMsPerClip', 'stages', 'workers', 'frontEnd'];
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

  it('compares with librosa if a Python with librosa is available', async function () {
    const python = pythonWith('librosa') ?? this.skip();
    for (const preset of ['paper', 'compact']) {
      const { out } = await bench('--clips', '3', '--json', '--preset', preset, '--python', python);
      const { peer, ratio, cpuMsPerClip } = JSON.parse(out) as FeatureBench;
      assert.match(peer?.version ?? '', /^\d+\.\d+/);
      assert.ok(peer!.cpuMsPerClip > 0 && peer!.clipsPerSecond > 0);
      assertClose([ratio!], [peer!.cpuMsPerClip / cpuMsPerClip], 1e-9, 'of one round');
    }
  });

  it('prints the number of clips, the speed and the time of each step', async () => {
    const { code, out } = await bench('--clips', '2');
    assert.equal(code, 0);
    assert.match(out, /^2 clips, features of the preset paper, (kernel|plain) signal functions$/m);
    assert.match(out, /^clips per second: [\d.]+ with 1, [\d.]+ with 2 \([\d.]+ times\)$/m);
    assert.match(out, /^ {2}pitch +[\d.]+ ms$/m);
  });

  it('reports a Python without librosa and a missing Python', async () => {
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
    assert.deepEqual([absent.code, /absent.*ENOENT/.test(absent.err)], [1, true], absent.err);
  });

  it('prints the reason and the usage after a wrong call', async () => {
    for (const args of [['models'], ['features', 'a', 'b'], ['features', '--fast']]) {
      const { code, err } = await run(...args);
      assert.equal(code, 2);
      assert.match(err, /Usage: npm run bench -- /);
    }
    for (const clips of ['1', '2.5', 'many']) {
      const { code, err } = await bench('--clips', clips);
      assert.equal(code, 2);
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
    assert.match(stderr, /^Commands:\n +features .*\n[^]* train [^]* predict /m);
  });
});

describe('npm run bench -- train', function () {
  this.timeout(240_000);
  const bench = (...args: string[]) => run('train', '--steps', '1', '--rounds', '1', '--batch', '4', ...args);

  it('prints one JSON object with engine, times and memory, and without --python no other frameworks', async () => {
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

  it('prints text, with --wasm also for the WebAssembly engine', async () => {
    const { code, out } = await bench('--wasm');
    assert.equal(code, 0);
    const lines = out.split('\n');
    assert.equal(lines[0], 'compact CNN, 54,407 parameters, batches of 4');
    assert.equal(lines.length, 3);
    for (const line of lines.slice(1)) {
      assert.match(line, /^ {2}\S.* +[\d.]+ ms per step +[\d.]+ ms per prediction +\d+ MB$/);
    }
    assert.match(lines[2], /WebAssembly/);
  });

  it('measures the log-mel CNN, with the same number of parameters in PyTorch', async function () {
    const python = pythonWith('torch') ?? this.skip();
    const { code, out, err } = await bench('--model', 'log-mel', '--json', '--python', python);
    assert.equal(code, 0, err);
    const { model, parameters, peers } = JSON.parse(out) as TrainBench;
    assert.deepEqual([model, parameters, peers.torch.parameters], ['log-mel', 61_303, 61_303]);
  });

  it('compares with Keras or PyTorch if available', async function () {
    const python = pythonWith('torch') ?? this.skip();
    const { out } = await bench('--json', '--python', python);
    const { peers, ratios, msPerStep } = JSON.parse(out) as TrainBench;
    assert.match(peers.torch.version, /\d+\.\d+/);
    assertClose([ratios.torch.step], [msPerStep / peers.torch.msPerStep], 1e-9, 'of one round');
  });

  /** A fake Python that reports PyTorch and a number of parameters, and logs its arguments. */
  const pythonOf = (folder: string, parameters: number): string => {
    const path = join(folder, `python-of-${parameters}`);
    const result = { version: 'PyTorch 0', parameters, msPerStep: 1, msPerPrediction: 1, peakRssMb: 1 };
    const note = `echo "$2 $3 $4 $5 $6" >> '${join(folder, 'calls')}'`;
    const lines = [
      '#!/bin/sh',
      `[ "$1" = -c ] && echo '["torch"]' && exit`,
      note,
      `echo '${JSON.stringify(result)}'`,
    ];
    writeFileSync(path, lines.join('\n'));
    chmodSync(path, 0o755);
    return path;
  };

  it('compares networks of the same width and rejects one of a different size', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const same = await bench('--json', '--python', pythonOf(folder, 54_407));
    assert.equal(same.code, 0, same.err);
    const { parameters, peers } = JSON.parse(same.out) as TrainBench;
    assert.equal(parameters, peers.torch.parameters);
    assert.equal(readFileSync(join(folder, 'calls'), 'utf8'), 'torch compact 64 4 1\n');
    const { code, err } = await bench('--python', pythonOf(folder, 199_175));
    assert.equal(code, 1);
    assert.match(
      err,
      /the compact CNN must have 54,407 parameters in PyTorch 0 as it has here, got 199,175; the networks differ$/,
    );
    rmSync(folder, { recursive: true });
  });

  it('reports a Python without frameworks and a missing Python', async () => {
    const without = join(mkdtempSync(join(tmpdir(), 'bench-')), 'python-without');
    writeFileSync(without, '#!/bin/sh\necho "[]"\n');
    chmodSync(without, 0o755);
    const { code, err } = await bench('--python', without);
    assert.equal(code, 1);
    assert.match(err, /python-without has neither TensorFlow nor PyTorch$/);
    const absent = await bench('--python', join(tmpdir(), 'no', 'python'));
    assert.deepEqual([absent.code, absent.err.includes('ENOENT')], [1, true], absent.err);
    rmSync(join(without, '..'), { recursive: true });
  });

  it('prints the reason for a wrong call', async () => {
    const wrong: [string[], RegExp][] = [
      [['--model', 'big'], /^--model must be one of paper, compact, log-mel, got "big"/],
      [['--batch', '1'], /^--batch must be an integer of at least 2, got "1"/],
      [['--steps', 'no'], /^--steps must be an integer of at least 1, got "no"/],
    ];
    for (const [args, reason] of wrong) {
      const { code, err } = await bench(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, reason);
    }
    const { code, err } = await run('train', 'compact');
    assert.equal(code, 2);
    assert.match(err, /^too many arguments for 'train'/);
  });
});

describe('npm run bench -- predict', function () {
  this.timeout(120_000);
  let lab: ToneLab;
  let model: string;
  before(async () => {
    lab = await openToneLab();
    model = join(lab.folder, 'model');
    await saveModel(lab.engine, model, modelOf(await lab.train()));
  });
  after(() => lab.close());
  const bench = (...args: string[]) =>
    catchOutput(() => runBench(['predict', '--model', model, '--rounds', '1', ...args]));

  it('prints one JSON object with the times in a warm and in a new process', async () => {
    const { code, out, err } = await bench('--json');
    assert.equal(code, 0, err);
    const result = JSON.parse(out) as PredictBench;
    assert.equal(result.durationSec, 3);
    assert.equal(result.model, 'quick, trained on SAVEE');
    assert.ok(result.warmMs > 0 && result.slowestMs >= result.warmMs, out);
    assert.ok(result.coldMs > result.warmMs, 'a new process has to load the engine first');
    assert.ok(['compiled', 'sources'].includes(result.cold));
  });

  it('measures a given recording and reports one that cannot be read', async () => {
    const { out } = await bench(lab.corpora.fileOf(lab.corpora.clips[0]));
    assert.match(out, /^predicting 1\.2 s of audio: median [\d.]+ ms, maximum [\d.]+ ms$/m);
    assert.match(out, /^in a new process \((compiled|sources)\): [\d.]+ s$/m);
    const { code, err } = await bench(join(lab.folder, 'absent.wav'));
    assert.equal(code, 1);
    assert.match(err, /absent\.wav: there is no such file$/);
  });

  it('measures a long recording, with its segments and the memory', async () => {
    const { code, out, err } = await catchOutput(() =>
      runBench(['long', '--model', model, '--minutes', '1', '--rounds', '1', '--json']),
    );
    assert.equal(code, 0, err);
    const result = JSON.parse(out) as LongBench;
    assert.equal(result.durationSec, 60);
    // 20 times two seconds of noise, then one of silence; the model may split the noise into several emotions.
    assert.ok(result.segments >= 40, out);
    assert.ok(result.warmMs > 0 && result.peakRssMb.after >= result.peakRssMb.before, out);
  });
});

describe('npm run bench -- clips', function () {
  this.timeout(180_000);

  it('loads many generated recordings twice with the same result, and a change is noticed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bench-clips-'));
    try {
      const { code, out } = await run('clips', directory, '--clips', '20000', '--json');
      assert.equal(code, 0);
      const { clips, first, again } = JSON.parse(out) as ClipsBench;
      assert.deepEqual([clips, first.clips, again.clips, first.corpora], [20_000, 20_000, 20_000, 2]);
      const cacheDirectory = join(directory, '.cache');
      const read: string[] = [];
      const load = (): Promise<{ clips: Clip[] }> => loadCorpora({ root: directory, cacheDirectory });
      const before = (await load()).clips;
      assert.equal(new Set(before.map(({ sha256 }) => sha256)).size, 20_000);
      const [{ path }] = before;
      writeFileSync(join(directory, path), readFileSync(join(directory, before[1].path)));
      for (const clip of (await load()).clips) if (clip.remark !== undefined) read.push(clip.path);
      assert.deepEqual(read, [path, before[1].path].sort());
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
