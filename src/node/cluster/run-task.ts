import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { messageOf, WorkbenchError } from '../../core/base';
import { type Corpora, corporaFor, loadCorpora } from '../corpora';
import { loadEngine } from '../engine';
import { checkpointOf, deleteCheckpoints, foldEnd, prepareExperiment, trainSplit } from '../experiment';
import { extractFeatures } from '../extraction';
import { moduleFile } from '../files';
import { dataFingerprint, redactPaths } from '../runs';
import { runTrialOf, type TrialEnd } from '../sweep';
import {
  clearFailure,
  describeTask,
  differencesFrom,
  type PlanTask,
  readPlan,
  storedTasks,
  type StoredPlan,
  writeFailure,
  writeResult,
} from './plan';

/** Exit code of a task that was stopped by a signal: 128 + SIGTERM. */
const stoppedCode = 143;
/** A job that received SIGTERM waits at most this long for Slurm to end it, ms. */
const longestGraceMs = 900_000;

interface TaskContext {
  plan: StoredPlan;
  corpora: Corpora;
  signal: AbortSignal;
}

/** Does a task that is not done yet, and writes its result. @returns what to delete after the result is stored */
async function runTask(
  task: PlanTask,
  { plan, corpora, signal }: TaskContext,
): Promise<{ result: unknown; remove?: () => void }> {
  const config = plan.configs[task.config];
  if ('from' in task) {
    const clips = corporaFor(corpora, config).clips.slice(task.from, task.to);
    const problems: string[] = [];
    const {
      expected: { threads },
    } = plan;
    const { failed } = await extractFeatures({ ...corpora, clips }, config.features, {
      workers: threads,
      signal,
      onWarning: (problem) => problems.push(problem),
    });
    if (problems.length > 0) throw new WorkbenchError(problems[0]);
    return { result: { clips: clips.length, failed: failed.length } };
  }
  if ('fold' in task) {
    const prepared = await prepareExperiment(config, { corpora, signal });
    const { engine, set, input, labels, classes } = prepared;
    const split = prepared.splits.find(({ name }) => name === task.fold);
    if (!split)
      throw new WorkbenchError(`there is no fold ${JSON.stringify(task.fold)} here, but in the plan`);
    const checkpoint = checkpointOf(join(plan.folder, 'checkpoints'), split, prepared, engine);
    const trained = await trainSplit(engine, set, input, split, prepared.config, {
      labels,
      classes,
      signal,
      checkpoint,
      onResume: ({ length }) => {
        console.log(`resuming after epoch ${length}`);
      },
      onEpoch: ({ epoch, loss }) => {
        console.log(`epoch ${epoch}, loss ${loss.toFixed(4)}`);
      },
      onWarning: console.error,
    });
    if (trained.outcome === 'interrupted') signal.throwIfAborted();
    const remove = () => {
      rmSync(checkpoint.path, { force: true });
    };
    return { result: await foldEnd(prepared.config, engine, trained), remove };
  }
  return runTrialTask(config, { plan, corpora, signal });
}

async function runTrialTask(
  config: StoredPlan['configs'][number],
  { plan, signal }: TaskContext,
): Promise<{ result: TrialEnd; remove?: () => void }> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const { module = moduleFile(join(__dirname, '..', 'sweep'), 'experiment-trial') } = plan;
  try {
    const { checkpoints, ...end } = await runTrialOf(module, config, {
      runs: plan.runs,
      signal,
      onEpoch: ({ epoch, loss }) => {
        console.log(`epoch ${epoch}, loss ${loss.toFixed(4)}`);
      },
    });
    signal.throwIfAborted();
    return {
      result: { seconds: seconds(), status: 'finished', ...end },
      ...(checkpoints !== undefined && {
        remove: () => {
          deleteCheckpoints(checkpoints);
        },
      }),
    };
  } catch (error) {
    signal.throwIfAborted();
    console.error(messageOf(error));
    return { result: { seconds: seconds(), status: 'failed', reason: redactPaths(messageOf(error)) } };
  }
}

/** The job of this process and the path of its output, if Slurm or `--on local` started it. */
function originHere() {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: index = '', SER_TASK_LOG: log } = process.env;
  return {
    host: hostname(),
    node: process.versions.node,
    ...(job !== undefined && { job: `${job}_${index}` }),
    log,
  };
}

/** Does tasks of a plan, one after the other. @returns the exit code */
async function main(folder: string, numbers: readonly number[]): Promise<number> {
  const { log, ...origin } = originHere();
  const stop = new AbortController();
  // Slurm may send several signals: the time limit, a preemption, then SIGKILL.
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const) {
    process.on(name, () => {
      console.error(
        `${name}: stopping after the current step; training continues from its last epoch when the task runs again`,
      );
      stop.abort(new Error(`stopped by ${name}`));
    });
  }
  if (process.send) process.on('disconnect', () => process.exit(1)); // the command that started it is gone
  const plan = readPlan(folder);
  const fail = (task: number, reason: string) =>
    writeFailure(folder, task, {
      reason: redactPaths(reason),
      host: origin.host,
      ...(log !== undefined && { log }),
    });
  process.env.TF_NUM_INTRAOP_THREADS = String(plan.expected.threads);
  process.env.SER_DATA = plan.data.root;

  let code = 0;
  let context: TaskContext | undefined;
  for (const number of numbers) {
    if (storedTasks(plan).done.has(number)) continue;
    clearFailure(folder, number);
    try {
      console.log(`${describeTask(plan, number)} on ${origin.host}, Node ${origin.node}`);
      context ??= await openContext(plan, stop.signal);
      const { result, remove } = await runTask(plan.tasks[number], context);
      if (!(await writeResult(folder, number, result, origin)))
        console.log('another process was faster: its result stays');
      remove?.();
      console.log('done');
    } catch (error) {
      if (stop.signal.aborted) {
        // If a preempted job ended by itself, Slurm would not requeue it, and would not name the time limit of another.
        if (origin.job !== undefined) await setTimeout(longestGraceMs);
        return stoppedCode;
      }
      console.error(messageOf(error));
      code = 1;
      await fail(number, messageOf(error));
      if (!context) break; // nothing can run here
    }
  }
  return code;
}

/** Checks that results of this computer are those of the plan. @throws WorkbenchError with each difference */
async function openContext(plan: StoredPlan, signal: AbortSignal): Promise<TaskContext> {
  const engine = await loadEngine();
  const differences = await differencesFrom(plan, engine);
  if (differences.length > 0) {
    throw new WorkbenchError(
      `${hostname()} was rejected before work started, because its results would differ: ${differences.join('; ')}. ` +
        'Install the same on all nodes, exclude this node (--slurm sbatch="--exclude=NODE"), or delete the plan and make it again',
    );
  }
  const corpora = await loadCorpora({ labels: plan.configs[0].labels, signal });
  const fingerprint = dataFingerprint(corpora.clips);
  if (fingerprint !== plan.data.fingerprint) {
    throw new WorkbenchError(
      `${plan.data.root}: the clips differ from those of the plan (${fingerprint} instead of ${plan.data.fingerprint}); are all corpora there?`,
    );
  }
  return { plan, corpora, signal };
}

if (require.main === module) {
  const [, , folder, numbers] = process.argv;
  void main(folder, numbers.split(',').map(Number)).then(
    (code) => process.exit(code),
    (error: unknown) => {
      console.error(messageOf(error));
      process.exit(1);
    },
  );
}
