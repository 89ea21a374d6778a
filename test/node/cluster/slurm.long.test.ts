import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentChanges } from '../../../src/core/config';
import {
  cancelJobs,
  type Distributed,
  distributeFeatures,
  distributeTrials,
  planStatus,
  runPlan,
  slurmSettings,
  type StoredPlan,
  storePlan,
} from '../../../src/node/cluster';
import { loadEngine } from '../../../src/node/engine';
import { runRecorded, type TrainedFold } from '../../../src/node/experiment';
import { extractFeatures } from '../../../src/node/extraction';
import { readRunRecords } from '../../../src/node/runs';
import { type PlannedTrial, runSweep, sweepTable } from '../../../src/node/sweep';
import { logsOf, openPlanLab, type PlanLab } from './plan-lab';
import { type SlurmCluster, startSlurm, until, whyNoSlurm } from './slurm-cluster';

/** Long enough to be interrupted, short enough to finish. */
const long: ExperimentChanges = { training: { epochs: 400 } };

describe('plans on a real Slurm', function () {
  this.timeout(300_000);
  let cluster: SlurmCluster;
  let lab: PlanLab;
  let expected: Float32Array;

  before(async function () {
    const reason = whyNoSlurm();
    if (reason !== undefined) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    cluster = await startSlurm();
    lab = await openPlanLab(cluster.folder);
    expected = await lab.expected(long);
  });
  after(async () => {
    if ((cluster as SlurmCluster | undefined) !== undefined) await cluster.close();
  });

  const run = (
    { plan }: Distributed<unknown>,
    slurm: readonly string[] = [],
    more: { signal?: AbortSignal; onInfo?: (line: string) => void } = {},
  ) => {
    return runPlan(
      plan,
      { on: 'slurm', settings: slurmSettings(undefined, slurm), ...more },
      () => 'collected',
    );
  };
  const epochsIn = (plan: StoredPlan) =>
    [...logsOf(plan.folder).matchAll(/^epoch (\d+),/gm)].map(([, n]) => Number(n));
  const untilTraining = (plan: StoredPlan) => until('epoch 3 has ended', () => epochsIn(plan).includes(3));
  const isRequeued = (plan: StoredPlan) => logsOf(plan.folder).includes('resuming after epoch');
  /** Processes that do tasks of a plan. */
  const processesOf = (plan: StoredPlan) =>
    readdirSync('/proc').filter((id) => {
      try {
        const line = readFileSync(`/proc/${id}/cmdline`, 'utf8');
        return /^\d+$/.test(id) && line.includes('run-task') && line.includes(plan.folder);
      } catch {
        return false;
      }
    });
  /** Slurm lets requeued jobs wait for two minutes; here they start at once. */
  const startRequeued = async (): Promise<void> => {
    const waiting = () => cluster.call('squeue', '--noheader', '--array', '--states=PENDING', '--format=%A|%r').split('\n').find((line) => line.includes('BeginTime')); // prettier-ignore
    await until('the job is requeued', () => waiting() !== undefined);
    cluster.call('scontrol', 'update', `JobId=${waiting()!.split('|')[0]}`, 'StartTime=now');
  };
  /** A fold that trains long, submitted in the background. */
  const startLong = async (slurm: readonly string[] = []) => {
    const work = await lab.plan({ ...long, dataset: { fold: '1' } });
    const ended = run(work, slurm).catch((error: unknown) => error as Error);
    await untilTraining(work.plan);
    return { work, ended };
  };
  const assertComplete = async (work: Distributed<TrainedFold>): Promise<void> => {
    assert.equal(await run(work), 'collected');
    const found = await lab.found(work, { ...long, dataset: { fold: '1' } });
    assert.deepEqual(found, expected.subarray(0, found.length));
    assert.deepEqual(readdirSync(join(work.plan.folder, 'tasks')).sort(), ['0.json']);
    const epochs = epochsIn(work.plan);
    assert.equal(new Set(epochs).size, epochs.length, 'an epoch was trained twice');
  };

  it('trains all folds as a job array, with the predictions of an ordinary run', async () => {
    const work = await lab.plan(long);
    assert.equal(await run(work, ['atOnce=2', 'time=10']), 'collected');
    assert.deepEqual(await lab.found(work, long), expected);
    const status = await planStatus(work.plan);
    assert.deepEqual(status.counts, { done: 2, running: 0, waiting: 0, failed: 0, missing: 0 });
  });

  it('reports a killed task with its log; the same call does only this task again, from its last epoch', async () => {
    const { work, ended } = await startLong();
    const pids = processesOf(work.plan);
    assert.ok(pids.length > 0);
    for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
    const error = await ended;
    assert.match(
      String(error),
      /1 of 1 task failed.*\n- task 0 \(speakers, seed \d+, fold fold 1\): ended \(FAILED\).*log .*\/logs\/\d+_0\.log/s,
    );
    await assertComplete(work);
    assert.ok(isRequeued(work.plan));
  });

  it('reports cancelled tasks', async () => {
    const { work, ended } = await startLong();
    await cancelJobs(work.plan);
    assert.match(String(await ended), /cancelled \(CANCELLED\)/);
    assert.equal((await planStatus(work.plan)).counts.failed, 1);
    await assertComplete(work);
  });

  it('resumes preempted tasks without a failure', async () => {
    const { work, ended } = await startLong(['partition=low']);
    cluster.call('sbatch', '--partition=high', '--exclusive', '--output=/dev/null', '--wrap=true');
    await startRequeued();
    assert.equal(await ended, 'collected');
    assert.ok(isRequeued(work.plan));
    await assertComplete(work);
  });

  it('resumes requeued tasks without a failure', async () => {
    const { work, ended } = await startLong();
    cluster.call('scontrol', 'requeue', readFileSync(join(work.plan.folder, 'jobs', '1.id'), 'utf8').trim());
    await startRequeued();
    assert.equal(await ended, 'collected');
    assert.ok(isRequeued(work.plan));
    await assertComplete(work);
  });

  it('reports a task that is out of time, which then continues from its last epoch', async () => {
    const work = await lab.plan({ training: { epochs: 10_000, batchSize: 1 }, dataset: { fold: '1' } });
    await assert.rejects(run(work, ['time=2']), /out of time.*time=….*log .*_0\.log/s);
    assert.ok(epochsIn(work.plan).length > 3);
    const before = epochsIn(work.plan).length;
    const stop = new AbortController();
    const ended = run(work, [], { signal: stop.signal }).catch((error: unknown) => error as Error);
    await until('it continues', () => epochsIn(work.plan).length > before);
    stop.abort();
    assert.match(String(await ended), /abort/i);
    const epochs = epochsIn(work.plan);
    assert.equal(new Set(epochs).size, epochs.length);
    // Leaving the terminal does not stop the jobs; cancelling does.
    assert.equal((await planStatus(work.plan)).counts.running, 1);
    await cancelJobs(work.plan);
    await until('it is cancelled', async () => (await planStatus(work.plan)).counts.running === 0);
  });

  // Without cgroups, which containers lack, Slurm cannot limit memory: the job limits itself.
  it('reports a task that is out of memory', async () => {
    const work = await lab.plan({ dataset: { fold: '1' } });
    await assert.rejects(
      run(work, ['setup=export NODE_OPTIONS=--max-old-space-size=12']),
      /heap out of memory.*log .*_0\.log/s,
    );
    assert.equal(await run(work), 'collected');
  });

  it('survives a restart of the controller', async () => {
    const { work, ended } = await startLong();
    await cluster.stopController();
    await assert.rejects(planStatus(work.plan), /squeue failed: .*Unable to contact slurm controller/s);
    await cluster.startController();
    assert.equal(await ended, 'collected');
    await assertComplete(work);
  });

  it('collects once when two processes do it at the same time', async () => {
    const work = await lab.plan();
    const info: string[] = [];
    const { runs } = work.plan;
    const collect = () =>
      runPlan(
        work.plan,
        { on: 'slurm', settings: slurmSettings(undefined), onInfo: (line) => info.push(line) },
        () =>
          runRecorded(lab.config(), {
            corpora: lab.corpora,
            runs,
            trainedFold: work.results(),
            checkpoints: join(work.plan.folder, 'checkpoints'),
            keepsCheckpoints: true,
          }),
      );
    const [first, second] = await Promise.all([collect(), collect()]);
    assert.equal(first.path, second.path);
    assert.equal((await readRunRecords(runs)).records.length, 1);
    assert.ok(info.some((line) => /^process \d+ works on this plan; waiting for it$/.test(line)));
    assert.equal(info.filter((line) => line.startsWith('submitted 2 tasks')).length, 1);
  });

  it('loses nothing on a full shared disk', async function () {
    const disk = join(cluster.folder, 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status !== 0) {
      console.log('      skipped: tmpfs cannot be mounted here');
      this.skip();
    }
    try {
      const made = await lab.plan({ dataset: { fold: '1' } });
      const plan = await storePlan({ ...made.plan, folder: join(disk, 'plan') });
      const full = `setup=dd if=/dev/zero of=${disk}/full bs=64k 2>/dev/null`;
      await assert.rejects(run({ ...made, plan }, [full]), /1 of 1 task failed.*log /s);
      assert.equal((await planStatus(plan)).counts.done, 0);
      rmSync(join(disk, 'full'));
      assert.equal(await run({ ...made, plan }), 'collected');
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  it('rejects a node with another Node version or engine before work starts', async () => {
    const made = await lab.plan({ dataset: { fold: '1' } });
    const { expected: versions } = made.plan;
    const other = { ...versions, node: versions.node - 2, engineVersion: 'TensorFlow 1.0' };
    const plan = await storePlan({
      ...made.plan,
      expected: other,
      folder: join(made.plan.runs, 'plans', 'folds-other'),
    });
    const found = `here is ${versions.node}`;
    await assert.rejects(
      run({ ...made, plan }),
      (error: Error) =>
        error.message.includes('rejected before work started') &&
        error.message.includes(`Node major version: the plan expects ${versions.node - 2}, ${found}`) &&
        error.message.includes('engine version: the plan expects TensorFlow 1.0'),
    );
    assert.deepEqual(epochsIn(plan), []);
    if (versions.engine === 'native')
      await assert.rejects(
        run(made, ['setup=export SER_ENGINE=wasm']),
        /engine: the plan expects native, here is wasm/,
      );
    await assert.rejects(
      run(made, ['setup=export SER_TRAINING=eager']),
      /training \(SER_TRAINING\): the plan expects graph, here is eager/,
    );
    assert.equal(await run(made), 'collected');
  });

  it('computes features in shards that fill one store', async () => {
    // Options that no earlier test has had: nothing is in the store.
    const config = lab.config({ features: { offsetSec: (Date.now() % 1e6) / 1e7 } });
    const engine = await loadEngine();
    const options = { command: 'npm run features', corpora: lab.corpora, engine, threads: engine.threads };
    const made = await distributeFeatures(config, { ...options, runs: join(cluster.folder, 'features') });
    // A corpus this small is one shard, unless it is divided here.
    const clips = lab.corpora.clips.length;
    const tasks = [0, 1, 2].map((i) => ({ config: 0, from: (i * clips) / 3, to: ((i + 1) * clips) / 3 }));
    const plan = await storePlan({ ...made.plan, tasks });
    assert.equal(await run({ ...made, plan }, ['atOnce=2']), 'collected');
    const computed: unknown[] = [];
    const { failed } = await extractFeatures(lab.corpora, config.features, {
      onProgress: (progress) => computed.push(progress),
    });
    assert.deepEqual([failed, computed], [[], []]);
  });

  it('runs a sweep with the table of a local one', async () => {
    const space = { 'training.learningRate': [1e-3, 3e-3, 1e-2], 'model.width': [4, 8] };
    const engine = await loadEngine();
    const base = lab.config({ dataset: { fold: '1' } });
    const sweep = (name: string, runTrials?: (trials: readonly PlannedTrial[]) => Promise<never>) => {
      const runs = join(cluster.folder, name);
      return runSweep(base, space, { method: 'grid', workers: 2, corpora: lab.corpora, runs, runTrials });
    };
    const local = await sweep('sweep-local');
    const onSlurm = await sweep('sweep-slurm', async (trials) => {
      const options = { command: 'npm run sweep', corpora: lab.corpora, engine, threads: 1 };
      const { plan, results } = await distributeTrials(trials, {
        ...options,
        runs: join(cluster.folder, 'sweep-slurm'),
      });
      await run({ plan: await storePlan(plan), results }, ['atOnce=4', 'arraySize=3']);
      return results() as never;
    });
    const table = (result: typeof local) =>
      sweepTable(result).map((row) => ({ ...row, seconds: 0, run: '' }));
    assert.deepEqual(table(onSlurm), table(local));
    const { records } = await readRunRecords(join(cluster.folder, 'sweep-slurm'));
    assert.equal(records.length, 6);
  });
});
