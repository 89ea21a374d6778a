import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { experimentConfig } from '../../../src/core/config';
import {
  runSweep,
  sweepCaveats,
  sweepCoordinates,
  type SweepOptions,
  type SweepProgress,
  type SweepSpace,
  sweepTable,
} from '../../../src/node/sweep';

const module = join(__dirname, 'fake-trial.ts');
const corpora = { root: 'nowhere', clips: [] };
const base = experimentConfig('quick', { training: { epochs: 9 } });

describe('runSweep', function () {
  this.timeout(60_000);
  let folder: string;
  let log: string;
  let starts: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ser-sweep-'));
    log = join(folder, 'deep', 'sweep.jsonl');
    starts = process.env.SER_FAKE_LOG = join(folder, 'starts');
    writeFileSync(starts, '');
  });
  afterEach(() => {
    delete process.env.SER_FAKE_LOG;
    rmSync(folder, { recursive: true });
  });

  /** `width×epochs` of each started trial, sorted as text. */
  const started = () =>
    readFileSync(starts, 'utf8').trim().split('\n').filter(Boolean).map((line) => line.split(' ').slice(1, 3).join('×')).sort(); // prettier-ignore
  const processesUsed = () =>
    new Set(readFileSync(starts, 'utf8').trim().split('\n').map((line) => Number(line.split(' ')[0]))); // prettier-ignore
  const sweep = (space: SweepSpace, options: SweepOptions = {}) =>
    runSweep(base, space, { log, module, corpora, workers: 2, ...options });
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('runs every combination in several processes, and sorts the best first', async () => {
    const progress: SweepProgress[] = [];
    const rates = [1e-4, 3e-3, 1e-2];
    const space: SweepSpace = { 'training.learningRate': rates, 'model.width': [32, 64] };
    const result = await sweep(space, { method: 'grid', onProgress: (now) => progress.push(now) });
    assert.equal(result.outcome, 'finished');
    assert.equal(started().length, 6);
    assert.equal(processesUsed().size, 2);
    assert.deepEqual(
      result.trials.map(({ values }) => [values['training.learningRate'], values['model.width']]),
      [[3e-3, 32], [3e-3, 64], [1e-2, 32], [1e-2, 64], [1e-4, 32], [1e-4, 64]], // prettier-ignore
    );
    const [best] = result.trials;
    assert.ok(best.status === 'finished' && best.epochs === 9 && best.run === 'run-32-9.json');
    assert.ok(progress.some(({ running }) => running.length === 2));
    assert.ok(progress.some(({ running }) => running.some(({ epoch }) => epoch?.epoch === 9)));
    const last = progress.at(-1)!;
    assert.deepEqual([last.done, last.failed, last.total, last.running], [6, 0, 6, []]);
    assert.deepEqual(last.best, best);
    for (const pid of processesUsed()) await untilDead(pid);
  });

  const untilDead = async (pid: number): Promise<void> => {
    for (let i = 0; i < 100 && isAlive(pid); i++) await setTimeout(50);
    assert.ok(!isAlive(pid), `process ${pid} is still there`);
  };

  it('records why a trial failed, and continues', async () => {
    const space: SweepSpace = {
      'model.width': [13, 14, 15, 32, 33],
      'features.fMin': [0, 9000],
      'features.fMax': [8000],
    };
    const result = await sweep(space, { method: 'grid', workers: 1 });
    assert.equal(result.outcome, 'finished');
    assert.deepEqual(
      result.trials.map((trial) =>
        trial.status === 'finished'
          ? trial.run
          : `${String(trial.values['model.width'])}: ${trial.reason.replace(/, got.*/, '')}`,
      ),
      [
        'run-32-9.json',
        'run-33-9.json',
        '13: unlucky width',
        '13: features.fMin must be at least 0 and below fMax (8000 Hz)',
        '14: its process stopped with code 3: last words',
        '14: features.fMin must be at least 0 and below fMax (8000 Hz)',
        '15: score must be a finite number',
        '15: features.fMin must be at least 0 and below fMax (8000 Hz)',
        '32: features.fMin must be at least 0 and below fMax (8000 Hz)',
        '33: features.fMin must be at least 0 and below fMax (8000 Hz)',
      ],
    );
  });

  it('runs no trial twice, except failed ones on request', async () => {
    const space: SweepSpace = { 'model.width': [13, 32, 33] };
    const first = await sweep(space, { method: 'grid' });
    assert.deepEqual(started(), ['13×9', '32×9', '33×9']);
    assert.deepEqual(await sweep(space, { method: 'grid' }), first);
    assert.equal(started().length, 3);
    const wider = { 'model.width': [13, 32, 33, 34] };
    assert.equal((await sweep(wider, { method: 'grid' })).trials.length, 4);
    assert.deepEqual(started(), ['13×9', '32×9', '33×9', '34×9']);
    await sweep(space, { method: 'grid', retryFailed: true });
    assert.deepEqual(started(), ['13×9', '13×9', '32×9', '33×9', '34×9']);
    await runSweep(
      experimentConfig(base, { seed: 2 }),
      { 'model.width': [32] },
      { log, module, corpora, method: 'grid' },
    );
    assert.equal(started().length, 6);
    const others = [{ sha256: 'a', emotion: 'sad' }] as unknown as typeof corpora.clips;
    await sweep({ 'model.width': [32] }, { method: 'grid', corpora: { ...corpora, clips: others } });
    assert.equal(started().length, 7);
  });

  it('trains the best of many short trials for more epochs', async () => {
    const space: SweepSpace = { 'training.learningRate': { logUniform: [1e-5, 1] }, 'model.width': [32, 33] };
    const result = await sweep(space, { method: 'halving', trials: 9, seed: 3 });
    const count = (epochs: number) => started().filter((line) => line.endsWith(`×${epochs}`)).length;
    assert.deepEqual([count(1), count(3), count(9)], [9, 3, 1]);
    assert.equal(result.trials.length, 13);
    const distance = ({ values }: (typeof result.trials)[number]) =>
      Math.abs(Math.log10(values['training.learningRate'] as number) + 2.5);
    const [best, ...others] = result.trials;
    assert.equal(best.epochs, 9);
    for (const other of others) assert.ok(distance(other) >= distance(best));
    // Again, from the log only.
    assert.deepEqual(await sweep(space, { method: 'halving', trials: 9, seed: 3 }), result);
    assert.equal(started().length, 13);
    assert.equal(sweepCoordinates(result).length, 9);
  });

  it('does not promote failed trials', async () => {
    const result = await sweep(
      { 'model.width': [13, 14, 15, 32] },
      { method: 'halving', trials: 4, factor: 2, minEpochs: 5 },
    );
    assert.deepEqual(
      result.trials.filter(({ status }) => status === 'finished').map(({ epochs }) => epochs),
      [9, 5],
    );
    assert.deepEqual(
      started().filter((line) => line.startsWith('32')),
      ['32×5', '32×9'],
    );
  });

  it('stops when interrupted, keeps finished trials, and resumes', async () => {
    const control = new AbortController();
    const space: SweepSpace = { 'model.width': [32, 16, 33] };
    const result = await sweep(space, {
      method: 'grid',
      workers: 1,
      signal: control.signal,
      onProgress: ({ running, done }) => {
        if (done === 1 && running.length === 0)
          void setTimeout(300).then(() => {
            control.abort();
          });
      },
    });
    assert.equal(result.outcome, 'interrupted');
    assert.deepEqual(
      result.trials.map(({ values }) => values),
      [{ 'model.width': 32 }],
    );
    assert.deepEqual(started(), ['16×9', '32×9']);
    for (const pid of processesUsed()) await untilDead(pid);
    const already = await sweep(space, { method: 'grid', signal: control.signal });
    assert.deepEqual([already.outcome, already.trials.length], ['interrupted', 1]);
    const later = await sweep({ 'model.width': [32, 33] }, { method: 'grid' });
    assert.deepEqual([later.outcome, later.trials.length], ['finished', 2]);
    assert.deepEqual(started(), ['16×9', '32×9', '33×9']);
  });

  it('loses only running trials when killed, and leaves no process behind', async () => {
    const script = join(folder, 'sweep.ts');
    writeFileSync(
      script,
      `import { runSweep } from ${JSON.stringify(join(__dirname, '../../../src/node/sweep'))};
       void runSweep(${JSON.stringify(base)}, { 'model.width': [32, 33, 16, 34] }, {
         method: 'grid', workers: 1, corpora: ${JSON.stringify(corpora)},
         module: ${JSON.stringify(module)}, log: ${JSON.stringify(log)},
       });`,
    );
    const process = fork(script, { execArgv: ['--require', require.resolve('tsx/cjs')], stdio: 'ignore' });
    while (started().length < 3) await setTimeout(50);
    process.kill('SIGKILL');
    await once(process, 'exit');
    for (const pid of processesUsed()) await untilDead(pid);
    assert.deepEqual(started(), ['16×9', '32×9', '33×9']);
    await sweep({ 'model.width': [32, 33, 34] }, { method: 'grid' });
    assert.deepEqual(started(), ['16×9', '32×9', '33×9', '34×9']);
  });

  it('resumes from a log with a truncated last line or other content', async () => {
    const space: SweepSpace = { 'model.width': [32, 33] };
    await sweep(space, { method: 'grid', workers: 1 });
    truncateSync(log, readFileSync(log).length - 10);
    await sweep(space, { method: 'grid', workers: 1 });
    assert.deepEqual(started(), ['32×9', '33×9', '33×9']);
    appendFileSync(log, 'null\n{"hash":"x"}\n\n');
    const [line] = readFileSync(log, 'utf8').split('\n');
    for (const odd of ['"leftOut":[5]', '"leftOut":[{"what":"x"}]', '"warnings":{}'])
      appendFileSync(log, `${line.replace('{', `{${odd},`)}\n`);
    const result = await sweep(space, { method: 'grid' });
    assert.equal(started().length, 3);
    assert.equal(result.trials.length, 2);
    assert.deepEqual(sweepCaveats(result), { leftOut: [], warnings: [] });
  });

  it('rejects invalid arguments before any trial runs', async () => {
    const call = (space: SweepSpace, options: SweepOptions) => sweep(space, options);
    const space: SweepSpace = { 'model.width': [32] };
    await assert.rejects(
      call(space, { method: 'best' as 'grid' }),
      /method must be one of grid, random, halving, got "best"/,
    );
    await assert.rejects(call(space, { workers: 0 }), /workers must be a positive integer, got 0/);
    await assert.rejects(call(space, { trials: 1.5 }), /trials must be a positive integer, got 1.5/);
    await assert.rejects(
      call({ 'model.width': [0] }, {}),
      /model.width must be an integer from 1 to 4096 \(channels\), got 0/,
    );
    await assert.rejects(
      call({ 'training.epochs': [3] }, { method: 'halving' }),
      /space must be without training.epochs \(halving varies it\)/,
    );
    assert.deepEqual(started(), []);
  });

  it('rethrows an error of onProgress, and leaves no process behind', async () => {
    const onProgress = ({ running }: SweepProgress) => {
      if (running.some(({ epoch }) => epoch?.epoch === 2)) throw new Error('no more space on the screen');
    };
    const failing = sweep({ 'model.width': [32, 16] }, { method: 'grid', onProgress });
    await assert.rejects(failing, /no more space on the screen/);
    for (const pid of processesUsed()) await untilDead(pid);
  });

  it('fails trials of a module without runTrial', async () => {
    const result = await sweep(
      { 'model.width': [32] },
      { method: 'grid', module: join(__dirname, 'plan.test.ts') },
    );
    assert.match(
      (result.trials[0] as { reason: string }).reason,
      /describe is not defined|does not export runTrial/,
    );
  });
});

describe('sweepTable', () => {
  const space: SweepSpace = { 'model.head': ['pool', 'flatten'], corpora: ['all', ['TESS']] };
  const trials = [
    { hash: 'a', values: { 'model.head': 'pool', corpora: ['TESS'] }, epochs: 9, seconds: 1.26, status: 'finished', score: 0.5, run: 'a.json' },
    { hash: 'b', values: { 'model.head': 'flatten', corpora: 'all' }, epochs: 3, seconds: 0.5, status: 'finished', score: 0.6, run: 'b.json' },
    { hash: 'c', values: { 'model.head': 'pool', corpora: ['TESS'] }, epochs: 3, seconds: 0.5, status: 'finished', score: 0.7, run: 'c.json' },
    { hash: 'd', values: { 'model.head': 'flatten', corpora: ['TESS'] }, epochs: 3, seconds: 2, status: 'failed', reason: 'no rows' },
  ] as const; // prettier-ignore

  it('has a row per trial, with the varied options, and epochs if they differ', () => {
    assert.deepEqual(sweepTable({ space, trials: [...trials] }), [
      { score: 0.5, 'model.head': 'pool', corpora: ['TESS'], epochs: 9, seconds: 1.3, run: 'a.json' },
      { score: 0.6, 'model.head': 'flatten', corpora: 'all', epochs: 3, seconds: 0.5, run: 'b.json' },
      { score: 0.7, 'model.head': 'pool', corpora: ['TESS'], epochs: 3, seconds: 0.5, run: 'c.json' },
      {
        score: undefined,
        'model.head': 'flatten',
        corpora: ['TESS'],
        epochs: 3,
        seconds: 2,
        run: 'failed: no rows',
      },
    ]);
    assert.ok(!('epochs' in sweepTable({ space, trials: trials.slice(1) })[0]));
  });

  it('lists each config once as coordinates, by its longest trial', () => {
    assert.deepEqual(sweepCoordinates({ space, trials: [...trials] }), [
      { parameters: { 'model.head': 'pool', corpora: 'TESS', epochs: 9 }, score: 0.5 },
      { parameters: { 'model.head': 'flatten', corpora: 'all', epochs: 3 }, score: 0.6 },
    ]);
  });
});
