import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { countOf, messageOf, WorkbenchError } from '../../core/base';
import {
  endWithProcess,
  moduleFile,
  moduleOptions,
  openFolder,
  projectRoot,
  runOnWorkers,
  waitForLock,
} from '../files';
import {
  clearFailure,
  describeTask,
  storedTasks,
  type StoredPlan,
  type TaskFailure,
  writeFailure,
} from './plan';
import { elementStates, type SlurmSettings, submissionsOf, submit } from './slurm';

/** State of a task; `missing`: neither done nor submitted. */
export type TaskState = 'done' | 'running' | 'waiting' | 'failed' | 'missing';

/** The states of the tasks of a plan. */
export interface PlanStatus {
  /** one per task */
  states: TaskState[];
  counts: Record<TaskState, number>;
  failed: ReadonlyMap<number, TaskFailure>;
}

/** States in which Slurm will still run a job, or runs it. */
const running = new Set(['RUNNING', 'COMPLETING', 'STAGE_OUT', 'SIGNALING', 'STOPPED', 'SUSPENDED']);
const waiting = new Set([
  'PENDING',
  'CONFIGURING',
  'REQUEUED',
  'REQUEUE_FED',
  'REQUEUE_HOLD',
  'RESIZING',
  'SPECIAL_EXIT',
]);

const explanations: Record<string, string> = {
  TIMEOUT: 'out of time (TIMEOUT): raise --slurm time=…; training continues from its checkpoint',
  DEADLINE: 'out of time (DEADLINE)',
  OUT_OF_MEMORY: 'out of memory (OUT_OF_MEMORY): raise --slurm mem=…',
  CANCELLED: 'cancelled (CANCELLED)',
  PREEMPTED: 'preempted and not requeued (PREEMPTED)',
  NODE_FAIL: 'its node failed (NODE_FAIL)',
  BOOT_FAIL: 'its node did not boot (BOOT_FAIL)',
  COMPLETED: 'its job ended without a result (COMPLETED)',
};

/**
 * The states of the tasks, from the plan's folder and, if it was submitted, from Slurm. A task that vanished (killed, out of time or
 * memory) is stored as failed, because Slurm forgets jobs.
 */
export async function planStatus(plan: StoredPlan): Promise<PlanStatus> {
  const elements = await elementStates(plan);
  // After the question to Slurm: a job that has ended by then has written its results.
  const { done, failed } = storedTasks(plan);
  const submissions = submissionsOf(plan);
  const states: TaskState[] = [];
  for (const task of plan.tasks.keys())
    states[task] = done.has(task) ? 'done' : failed.has(task) ? 'failed' : 'missing';
  for (const { number, elements: lists, job } of submissions.slice().reverse()) {
    for (const [index, tasks] of lists.entries()) {
      const found = elements.get(`${number}/${index}`);
      let isFirst = true;
      for (const task of tasks) {
        if (states[task] === 'done') continue;
        if (found && running.has(found.state)) {
          // A task that runs again has only just deleted its earlier failure.
          if (states[task] === 'missing' || tasks.length === 1)
            states[task] = isFirst ? 'running' : 'waiting';
          isFirst = false;
        } else if (found && waiting.has(found.state)) states[task] = 'waiting';
        else if (states[task] === 'missing' && (found ?? job) !== undefined) {
          const log = `logs/${found?.job ?? job}_${index}.log`;
          const what = found
            ? (explanations[found.state] ?? `ended (${found.state})`)
            : 'vanished: Slurm no longer knows its job';
          const failure = { reason: withLastLine(what, join(plan.folder, log)), log };
          await storeFailure(plan, task, failure);
          failed.set(task, failure);
          states[task] = 'failed';
        }
      }
    }
  }
  return {
    states,
    counts: countsOf(states),
    failed: new Map([...failed].filter(([task]) => states[task] === 'failed')),
  };
}

/** Stores a failure, unless the disk is full or read-only: the caller reports it in any case. */
async function storeFailure({ folder }: StoredPlan, task: number, failure: TaskFailure): Promise<void> {
  await writeFailure(folder, task, failure).catch(() => undefined);
}

function countsOf(states: readonly TaskState[]): Record<TaskState, number> {
  const counts = { done: 0, running: 0, waiting: 0, failed: 0, missing: 0 };
  for (const state of states) counts[state]++;
  return counts;
}

/** Lines of V8, TensorFlow and Slurm that do not explain an end. */
const notice = /^(\s|I\d{4} |W\d{4} |<---|-----|\s*\d+: 0x|WARNING: All log messages|done$|task \d|epoch \d)/;

function withLastLine(reason: string, log: string): string {
  const text = existsSync(log) ? readFileSync(log, 'utf8').slice(-4000) : '';
  const lines = text
    .trim()
    .split('\n')
    .filter((line) => line !== '' && !notice.test(line));
  const last = lines.findLast((line) => /error|fatal|killed|memory|slurmstepd/i.test(line)) ?? lines.at(-1);
  return last === undefined ? reason : `${reason}; its log ends with: ${last}`;
}

/** Options of {@link runPlan}. */
export interface RunPlanOptions {
  on: 'local' | 'slurm';
  /** processes, for `local`; default 1 */
  workers?: number;
  /** for `slurm` */
  settings: SlurmSettings;
  signal?: AbortSignal;
  onProgress?: (status: Pick<PlanStatus, 'counts'>) => void;
  /** a line for the user */
  onInfo?: (line: string) => void;
}

/**
 * Does the tasks of a stored plan that are not done, waits for them and collects their results. Only one process at a time does this for
 * a plan; others wait. It can be repeated: finished tasks stay, running ones are not submitted again.
 *
 * @param collect - called when all tasks are done
 * @throws {@link WorkbenchError} with reason and log of each task that failed; the same call then does only these again
 * @throws the signal's reason if it is aborted; jobs of Slurm continue
 */
export async function runPlan<Result>(
  plan: StoredPlan,
  options: RunPlanOptions,
  collect: () => Promise<Result> | Result,
): Promise<Result> {
  const { signal, onInfo } = options;
  const lock = await waitForLock(join(plan.folder, 'plan.lock'), {
    signal,
    onHeld: (holder) => onInfo?.(`${holder} works on this plan; waiting for it`),
  });
  try {
    const failed = await (options.on === 'local' ? runLocally : runOnSlurm)(plan, options);
    if (failed.size > 0) throw failures(plan, failed);
    return await collect();
  } finally {
    lock.release();
  }
}

/** Failed tasks that an error names. */
const shownFailures = 10;

function failures(plan: StoredPlan, failed: ReadonlyMap<number, TaskFailure>): WorkbenchError {
  const lines = [...failed].slice(0, shownFailures).map(([task, { reason, log, host }]) => {
    const where = [
      ...(host === undefined ? [] : [`on ${host}`]),
      ...(log === undefined ? [] : [`log ${join(plan.folder, log)}`]),
    ];
    return `\n- ${describeTask(plan, task)}: ${reason}${where.length > 0 ? ` (${where.join(', ')})` : ''}`;
  });
  const more = failed.size > shownFailures ? `\n- and ${failed.size - shownFailures} more` : '';
  return new WorkbenchError(
    `${failed.size} of ${countOf(plan.tasks.length, 'task')} failed; the others are stored, and the same command does only these again:${lines.join('')}${more}`,
  );
}

/** @returns the tasks that failed */
async function runLocally(
  plan: StoredPlan,
  { workers = 1, signal, onProgress }: RunPlanOptions,
): Promise<ReadonlyMap<number, TaskFailure>> {
  const { folder } = plan;
  openFolder(join(folder, 'logs'));
  const { done } = storedTasks(plan);
  const todo = [...plan.tasks.keys()].filter((task) => !done.has(task));
  for (const task of todo) clearFailure(folder, task);
  const failed = new Map<number, TaskFailure>();
  const counts = { done: done.size, running: 0, waiting: todo.length, failed: 0, missing: 0 };
  const slots = Array.from({ length: Math.min(workers, todo.length) }, (_, i) => i);
  await runOnWorkers(todo, slots, { signal }, async (_, task, __, stop) => {
    if (stop.aborted) return;
    counts.waiting--;
    counts.running++;
    onProgress?.({ counts });
    const log = `logs/${task}.log`;
    const problem = await runProcess(plan, task, log, stop);
    counts.running--;
    const stored = storedTasks(plan);
    if (stored.done.has(task)) counts.done++;
    else {
      counts.failed++;
      const failure = stored.failed.get(task) ?? { reason: withLastLine(problem, join(folder, log)), log };
      failed.set(task, failure);
      if (signal?.aborted !== true) await storeFailure(plan, task, failure);
    }
    onProgress?.({ counts });
  });
  signal?.throwIfAborted();
  return failed;
}

/** Runs one task in a process. @returns how it ended */
function runProcess(plan: StoredPlan, task: number, log: string, signal: AbortSignal): Promise<string> {
  const { folder, expected } = plan;
  const output = openSync(join(folder, log), 'a');
  const child = spawn(
    process.execPath,
    [...moduleOptions, moduleFile(__dirname, 'run-task'), folder, String(task)],
    {
      cwd: projectRoot,
      env: {
        ...process.env,
        TF_NUM_INTRAOP_THREADS: String(expected.threads),
        SER_ENGINE: expected.engine,
        SER_TASK_LOG: log,
      },
      stdio: ['ignore', output, output, 'ipc'],
    },
  );
  closeSync(output);
  endWithProcess(child);
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(messageOf(error));
    });
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      resolve(`its process stopped ${killedBy === null ? `with code ${code ?? '?'}` : `by ${killedBy}`}`);
    });
  });
}

/** Time between two questions to Slurm: short at first, because small jobs end soon, ms. */
const pollMs = { first: 500, longest: 20_000, factor: 1.3 };

/** @returns the tasks that failed */
async function runOnSlurm(
  plan: StoredPlan,
  { settings, signal, onProgress, onInfo }: RunPlanOptions,
): Promise<ReadonlyMap<number, TaskFailure>> {
  const { folder } = plan;
  const before = await planStatus(plan);
  const todo = [...plan.tasks.keys()].filter(
    (task) => before.states[task] === 'failed' || before.states[task] === 'missing',
  );
  if (todo.length > 0) {
    for (const task of todo) clearFailure(folder, task);
    const job = await submit(plan, todo, settings);
    onInfo?.(`submitted ${countOf(todo.length, 'task')} as job ${job}`);
  }
  let wait = pollMs.first;
  let problem = '';
  for (;;) {
    try {
      const status = await planStatus(plan);
      problem = '';
      onProgress?.(status);
      if (status.counts.waiting + status.counts.running === 0) return status.failed;
    } catch (error) {
      // For example, the controller restarts.
      if (messageOf(error) !== problem) onInfo?.(`${messageOf(error)}; trying again`);
      problem = messageOf(error);
    }
    await setTimeout(wait, undefined, { signal });
    wait = Math.min(wait * pollMs.factor, pollMs.longest);
  }
}
