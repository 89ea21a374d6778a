import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runEvaluate } from '../../../src/cli/evaluate';
import { runSweepCommand } from '../../../src/cli/sweep';
import { runTrain } from '../../../src/cli/train';
import { arrayElements, batchScript, findPlan, planStatus, runPlan, slurmSettings, storePlan } from '../../../src/node/cluster'; // prettier-ignore
import { readRunRecords } from '../../../src/node/runs';
import { catchOutput } from '../../cli/catch-output';
import { comparable, logsOf, openPlanLab, type PlanLab } from './plan-lab';

describe('plans', function () {
  this.timeout(120_000);
  let folder: string;
  let lab: PlanLab;
  let data: string | undefined;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-plan-'));
    lab = await openPlanLab(folder);
    data = process.env.SER_DATA;
    process.env.SER_DATA = join(folder, 'data');
  });
  after(() => {
    if (data === undefined) delete process.env.SER_DATA;
    else process.env.SER_DATA = data;
    rmSync(folder, { recursive: true });
  });

  const small = '--preset quick --set model.width=4 --set training.epochs=2 --set training.batchSize=8 --set dataset.folds=2 --set dataset.fold=all --set dataset.validationShare=0.5'.split(' '); // prettier-ignore
  const settings = slurmSettings(undefined);
  const newRuns = () => mkdtempSync(join(folder, 'runs-'));

  it('gives the record and predictions of an ordinary run, once, however often it is collected', async () => {
    const [ordinary, planned] = [newRuns(), newRuns()];
    // With as many processes, each has as many threads.
    await catchOutput(() => runTrain([...small, '--workers', '2'], { runs: ordinary }));
    for (let i = 0; i < 2; i++) {
      const { code, out } = await catchOutput(() =>
        runTrain([...small, '--workers', '2', '--on', 'local'], { runs: planned }),
      );
      assert.equal(code, 0);
      assert.match(out, /^plan: .*folds-[0-9a-f]{12}, 2 tasks$/m);
    }
    const [[first], found] = await Promise.all(
      [ordinary, planned].map(async (runs) => (await readRunRecords(runs)).records.map(comparable)),
    );
    assert.equal(found.length, 1);
    assert.ok(first.predictions.sha256 !== undefined);
    assert.deepEqual(found[0], first);
  });

  it('evaluates folds × seeds × protocols as one plan', async () => {
    const runs = newRuns();
    const args = [...small, '--protocols', 'clips,speakers', '--seeds', '1,2', '--json'];
    const [ordinary, planned] = [newRuns(), runs];
    const scoresOf = async (records: string, more: string[]) => {
      const { code, out } = await catchOutput(() => runEvaluate([...args, ...more], { records }));
      assert.equal(code, 0);
      return JSON.parse(out, (key, value: unknown) =>
        /seconds|path|started|file|records/i.test(key) ? 0 : value,
      ) as object;
    };
    const local = await scoresOf(planned, ['--workers', '2', '--on', 'local']);
    assert.deepEqual(local, await scoresOf(ordinary, ['--workers', '2']));
    const [name] = readdirSync(join(runs, 'plans'));
    assert.equal(findPlan(name, runs).tasks.length, 8);
    assert.equal((await planStatus(findPlan(name, runs))).counts.done, 8);
  });

  it('searches with the table of an ordinary sweep, also in rounds', async () => {
    const args = [...small, '--space', 'training.learningRate=log:1e-3..1e-2', '--method', 'halving', '--trials', '3', '--workers', '2', '--json', '--set', 'dataset.fold=1', '--set', 'training.epochs=4']; // prettier-ignore
    const table = async (more: string[]) => {
      const runs = newRuns();
      const { code, out } = await catchOutput(() => runSweepCommand([...args, ...more], { runs }));
      assert.equal(code, 0);
      return (JSON.parse(out) as object[]).map((trial) => ({ ...trial, seconds: 0, run: '' }));
    };
    const planned = await table(['--on', 'local']);
    assert.ok(planned.length > 3);
    assert.deepEqual(planned, await table([]));
  });

  it('reports a failed task with its log, and does only this task again', async () => {
    const work = await lab.plan();
    const { plan } = work;
    const other = { ...plan, expected: { ...plan.expected, threads: 7 }, folder: `${plan.folder}-other` };
    const stored = await storePlan(other);
    // The process takes the number of threads from the plan, so only the version can differ here.
    const rejected = await storePlan({ ...stored, expected: { ...plan.expected, version: '0.0.1' }, folder: `${plan.folder}-old` }); // prettier-ignore
    const run = (chosen: typeof plan) =>
      runPlan(chosen, { on: 'local', workers: 2, settings }, () => 'collected');
    await assert.rejects(
      run(rejected),
      /2 of 2 tasks failed.*rejected before work started.*workbench version: the plan expects 0\.0\.1, here is .*log .*logs\/0\.log/s,
    );
    assert.doesNotMatch(logsOf(rejected.folder), /epoch 1/);
    assert.equal((await planStatus(rejected)).counts.failed, 2);

    assert.equal(await run(plan), 'collected');
    rmSync(join(plan.folder, 'tasks', '1.json'));
    const logs = logsOf(plan.folder).length;
    assert.equal(await run(plan), 'collected');
    assert.equal(logsOf(plan.folder).slice(logs).length > 0, true);
    assert.equal([...logsOf(plan.folder).matchAll(/^task 0 /gm)].length, 1);
    assert.deepEqual(await lab.found(work), await lab.expected());
  });

  it('names what is wrong with a plan', async () => {
    const { plan } = await lab.plan();
    writeFileSync(join(plan.folder, 'tasks.txt'), '');
    writeFileSync(join(plan.folder, 'plan.json'), '{"format": 2}');
    assert.throws(() => findPlan(plan.folder), /plan\.json: not a plan of this version of the workbench/);
    writeFileSync(join(plan.folder, 'plan.json'), '{"format"');
    assert.throws(() => findPlan(plan.folder), /plan\.json: not JSON .*delete the folder/);
    assert.throws(() => findPlan('nothing', newRuns()), /no plan "nothing"; there are none in /);
  });

  it('prints the plan and the script for --dry-run, and writes nothing', async () => {
    const runs = newRuns();
    const { code, out } = await catchOutput(
      () =>
      runTrain([...small, '--on', 'slurm', '--dry-run', '--slurm', 'time=2:00:00', '--slurm', 'setup=module load nodejs/22'], { runs }), // prettier-ignore
    );
    assert.equal(code, 0);
    assert.match(out, /"kind": "folds"/);
    assert.match(out, /^#SBATCH --array=0-1$/m);
    assert.match(out, /^#SBATCH --time=2:00:00$/m);
    assert.match(out, /^module load nodejs\/22$/m);
    assert.ok(!existsSync(join(runs, 'plans')));
  });

  it('checks the options', async () => {
    const call = (...args: string[]) => catchOutput(() => runTrain([...small, ...args], { runs: newRuns() }));
    assert.match((await call('--dry-run')).err, /--dry-run needs --on/);
    assert.match((await call('--slurm', 'mem=4G')).err, /--slurm needs --on slurm/);
    assert.match((await call('--on', 'slurm', '--slurm', 'memory=4G')).err, /unknown setting memory/);
    assert.match(
      (await call('--on', 'local', '--set', 'model.kind=knn')).err,
      /--on must be used with a network/,
    );
    assert.match((await call('--status', 'x')).err, /no plan "x"/);
  });
});

describe('slurmSettings', () => {
  it('reads slurm.yaml, and the command line changes it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ser-yaml-'));
    const file = join(folder, 'slurm.yaml');
    try {
      writeFileSync(file, 'partition: cpu\ntime: 1:00:00\nmem: 4G\nsetup:\n  - module load nodejs/22\n');
      const { partition, time, mem, setup, cpus } = slurmSettings(file, ['time=30', 'cpus=2']);
      assert.deepEqual(
        [partition, time, mem, setup, cpus],
        ['cpu', '30', '4G', ['module load nodejs/22'], 2],
      );
      writeFileSync(file, 'partitoin: cpu');
      assert.throws(
        () => slurmSettings(file),
        /slurm\.yaml: unknown setting partitoin; did you mean partition\?/,
      );
      writeFileSync(file, 'mem: lots');
      assert.throws(() => slurmSettings(file), /slurm\.yaml: mem must be a size such as 4G/);
      writeFileSync(file, 'mem: [');
      assert.throws(() => slurmSettings(file), /slurm\.yaml: not YAML/);
      assert.throws(() => slurmSettings(undefined, ['mem']), /--slurm must be of the form NAME=VALUE/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('puts several tasks in an element when there are more than the cluster allows', () => {
    const settings = slurmSettings(undefined, ['arraySize=3', 'atOnce=2']);
    const elements = arrayElements([0, 1, 2, 3, 5, 6, 9], settings);
    assert.deepEqual(elements, [[0, 1, 2], [3, 5, 6], [9]]);
    const plan = { folder: '/shared/it’s here', expected: { threads: 1, engine: 'native' } } as never;
    const script = batchScript(plan, 2, elements, settings);
    assert.match(script, /^#SBATCH --array=0-2%2$/m);
    assert.match(script, /^#SBATCH --requeue$/m);
    assert.match(script, /^#SBATCH --signal=B:TERM@30$/m);
    assert.match(script, /\/shared\/it’s here\/jobs\/2\.txt/);
  });
});
