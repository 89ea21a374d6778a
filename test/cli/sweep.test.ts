import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from '../../src/cli/command';
import { runSweepCommand, type SweepContext } from '../../src/cli/sweep';
import { loadCorpora } from '../../src/node/corpora';
import { readRunRecords } from '../../src/node/runs';
import type { EndedTrial } from '../../src/node/sweep';
import { toneCorpus } from '../node/experiment/tone-corpus';
import { catchOutput } from './catch-output';

const fakeTrial = join(__dirname, '..', 'node', 'sweep', 'fake-trial.ts');

describe('npm run sweep', function () {
  this.timeout(120_000);
  let folder: string;
  let runs: string;
  let starts: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ser-sweep-cli-'));
  });
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    runs = mkdtempSync(join(folder, 'runs-'));
    starts = process.env.SER_FAKE_LOG = join(runs, 'starts');
    writeFileSync(starts, '');
  });
  afterEach(() => delete process.env.SER_FAKE_LOG);

  /** Uses fake trials, which take no time. */
  const corpora = { root: 'nowhere', clips: [] } as unknown as SweepContext['corpora'];
  const sweep = (args: string, options: SweepContext & CommandContext = {}) =>
    catchOutput(() =>
      runSweepCommand(['--preset', 'quick', ...args.split(' ')], {
        corpora,
        runs,
        module: fakeTrial,
        ...options,
      }),
    );
  const started = (): number => readFileSync(starts, 'utf8').split('\n').length - 1;

  const space = '--space model.width=32,33 --space training.learningRate=log:1e-4..1e-2';

  it('prints the trials, best first, and the best one as arguments of npm run train', async () => {
    const { code, out } = await sweep(`${space} --trials 4 --workers 2 --set training.epochs=3`);
    assert.equal(code, 0);
    const rows = out.split('\n').filter((line) => /^ *[\d.]+ +3[23] /.test(line));
    assert.match(out, /^score +model\.width +training\.learningRate +seconds +run$/m);
    assert.equal(rows.length, 4);
    const scores = rows.map((row) => Number.parseFloat(row));
    assert.deepEqual(
      scores,
      [...scores].sort((a, b) => b - a),
    );
    assert.match(out, /^score: UAR of the validation set; protocol speakers$/m);
    const best = /^best: npm run train -- --preset quick (.*)$/m.exec(out)![1];
    const log = readFileSync(join(runs, 'sweeps', /sweeps\/(\w+\.jsonl)$/m.exec(out)![1]), 'utf8');
    const trials = log.trim().split('\n').map((line) => JSON.parse(line) as EndedTrial & { score: number }); // prettier-ignore
    const [first] = trials.sort((a, b) => b.score - a.score);
    const { 'model.width': width, 'training.learningRate': rate } = first.values;
    // Values of the preset, such as its width, are omitted.
    const settings = [...(width === 32 ? [] : ['model.width=33']), 'training.epochs=3', `training.learningRate=${String(rate)}`]; // prettier-ignore
    assert.equal(best, settings.map((setting) => `--set ${setting}`).join(' '));
  });

  it('runs no trial twice and resumes after an interrupt', async () => {
    const control = new AbortController();
    const progress = {
      update: (_label: string, done: number) => {
        if (done === 2) control.abort();
      },
      note: () => undefined,
      stop: () => undefined,
    };
    const args = '--space model.width=32,33,34,35 --method grid --workers 1';
    const stopped = await sweep(args, { signal: control.signal, progress });
    assert.equal(stopped.code, 130);
    assert.match(stopped.out, /^log: .*; run the same command again to resume$/m);
    assert.equal(stopped.out.match(/^ *[\d.]+ +3\d /gm)?.length, 2);
    const before = started();
    assert.ok(before < 4, `${before} trials were started`);
    const later = await sweep(args);
    assert.equal(later.code, 0);
    assert.equal(later.out.match(/^ *[\d.]+ +3\d /gm)?.length, 4);
    const after = started();
    assert.ok(after - before === 2, `${before} trials were started before, ${after} in all`);
    assert.equal((await sweep(args)).code, 0);
    assert.equal(started(), after);
  });

  it('prints only the trials with --json, with reasons for failures', async () => {
    const { code, out } = await sweep('--space model.width=13,32 --method grid --json');
    assert.equal(code, 0);
    const trials = JSON.parse(out) as EndedTrial[];
    assert.deepEqual(
      trials.map((trial) => [
        trial.values['model.width'],
        trial.status === 'failed' ? trial.reason : trial.run,
      ]),
      [
        [32, 'run-32-12.json'],
        [13, 'unlucky width'],
      ],
    );
    const none = await sweep('--space model.width=13 --method grid');
    assert.equal(none.code, 1);
    assert.match(none.out, /failed: unlucky width/);
    assert.doesNotMatch(none.out, /^best/m);
  });

  it('lists the configs with --list and runs none', async () => {
    const { code, out } = await sweep(
      '--space model.width=32,64 --space model.head=pool,flatten --method grid --list',
    );
    assert.equal(code, 0);
    assert.deepEqual(out.split('\n'), [
      '',
      '--set model.head=flatten',
      '--set model.width=64',
      '--set model.width=64 --set model.head=flatten',
    ]);
    assert.equal(started(), 0);
    assert.equal((await sweep(`${space} --trials 7 --list`)).out.split('\n').length, 7);
  });

  it('prints the reason for a wrong call and runs no trial', async () => {
    for (const args of ['--trials 3', `${space} --fast`, `${space} --method best`]) {
      const { code, err } = await sweep(args);
      assert.equal(code, 2, args);
      assert.match(err, /Usage: npm run sweep -- \[options\]/);
    }
    const wrong: [string, number, RegExp][] = [
      ['--space model.widht=1,2', 1, /did you mean model\.width\?/],
      ['--space seed', 1, /^--space must be of the form seed=VALUES, as seed has no declared sweep range/],
      [`${space} --trials 0`, 2, /^--trials must be an integer from 1 to 10000, got "0"/],
      [`${space} --workers two`, 2, /^--workers must be an integer from 1 to 256, got "two"/],
      [`${space} --method grids`, 2, /^--method must be one of .*, got "grids"; did you mean grid\?/],
      [`${space} --method grid`, 1, /^training\.learningRate must be a list of values \(in a grid\)/],
    ];
    for (const [args, expected, reason] of wrong) {
      const { code, err } = await sweep(args);
      assert.equal(code, expected, args);
      assert.match(err, reason);
    }
    assert.equal(started(), 0);
  });

  it('trains real networks and writes their run records', async () => {
    const data = join(folder, 'data');
    toneCorpus(data);
    const { code, out } = await sweep(
      '--space model.width=2,4 --method grid --workers 2 --set training.epochs=1 --set dataset.folds=2',
      { module: undefined, corpora: await loadCorpora({ root: data }) },
    );
    assert.equal(code, 0, out);
    const { records } = await readRunRecords(runs);
    assert.deepEqual(records.map(({ config }) => config.model.width).sort(), [2, 4]);
    for (const { file } of records) assert.ok(out.includes(file), file);
  });

  it('needs neither engine nor data as a program with --list', () => {
    const args = [
      '--import',
      'tsx',
      'src/cli/sweep.ts',
      '--list',
      '--space',
      'model.width=32',
      '--trials',
      '1',
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, SER_ENGINE: 'none', SER_DATA: join(folder, 'absent') },
    });
    assert.deepEqual([status, stdout, stderr], [0, '--set model.width=32\n', '']);
  });

  it('runs as a program', () => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/sweep.ts'], {
      encoding: 'utf8',
      env: { ...process.env, SER_DATA: folder },
    });
    assert.equal(status, 2);
    assert.match(stderr, /^required option '--space <OPTION=VALUES>' not specified/);
  });
});
