import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import * as z from 'zod';
import { canonicalHash, InvalidFileError, WorkbenchError } from '../../core/base';
import { configHash, type ExperimentConfig } from '../../core/config';
import type { Engine } from '../../core/network';
import {
  explainFileError,
  fileErrorCode,
  namesIn,
  paths,
  projectRoot,
  writeFileAtomic,
  writeNew,
} from '../files';
import { trainingMode } from '../engine';
import { commitOf, packageVersions } from '../runs';

const count = z.int().nonnegative();

/** A unit of work. All tasks of a plan are of one kind. */
const taskSchema = z.union([
  z.strictObject({ config: count, fold: z.string() }),
  z.strictObject({ config: count, from: count, to: count }),
  z.strictObject({ config: count }),
]);

const planSchema = z.strictObject({
  format: z.literal(1),
  kind: z.enum(['folds', 'trials', 'features']),
  /** the command that made the plan; it also collects the results */
  command: z.string(),
  /** what must be the same on every computer */
  expected: z.strictObject({
    /** of the workbench */
    version: z.string(),
    commit: z.string().optional(),
    /** major version */
    node: z.int().positive(),
    engine: z.enum(['native', 'wasm']),
    engineVersion: z.string(),
    training: z.enum(['graph', 'eager']),
    threads: z.int().positive(),
  }),
  data: z.strictObject({
    root: z.string(),
    /** of all clips in `root` with the labels of the config */
    fingerprint: z.string(),
  }),
  /** folder of the run records */
  runs: z.string(),
  /** file that exports `runTrial`; default that of `npm run sweep` */
  module: z.string().optional(),
  configs: z.array(z.record(z.string(), z.unknown())).min(1),
  tasks: z.array(taskSchema).min(1),
});

/** A plan: work divided into tasks that any computer with the same data, code and engine can do. */
export type Plan = Omit<z.infer<typeof planSchema>, 'configs'> & { configs: ExperimentConfig[] };
/** One task of a {@link Plan}. */
export type PlanTask = z.infer<typeof taskSchema>;

/** A plan and its folder: `plan.json`, results and failures in `tasks/`, output in `logs/`, submissions to Slurm in `jobs/`. */
export interface StoredPlan extends Plan {
  folder: string;
}

/** What the caller of a plan decides; the rest follows from the computer. */
export type PlannedWork = Pick<Plan, 'kind' | 'command' | 'data' | 'configs' | 'tasks' | 'module'> & {
  runs: string;
  engine: Pick<Engine, 'name' | 'version'>;
  threads: number;
};

/** Completes a plan with the versions that every computer must have. Nothing is written. The same work has the same folder. */
export async function makePlan({ engine, threads, ...work }: PlannedWork): Promise<StoredPlan> {
  const { version } = workbench();
  const expected = {
    version,
    node: nodeMajor(),
    engine: engine.name,
    engineVersion: engine.version,
    training: trainingMode(),
    threads: engine.name === 'wasm' ? 1 : threads,
  };
  const plan = {
    format: 1 as const,
    ...work,
    runs: resolve(work.runs),
    data: { ...work.data, root: resolve(work.data.root) },
  };
  const hash = canonicalHash({ ...plan, command: '', expected }).slice(0, 12);
  const { commit } = await commitOf(projectRoot);
  return {
    ...plan,
    expected: { ...expected, ...(commit !== undefined && { commit }) },
    folder: join(plan.runs, 'plans', `${plan.kind}-${hash}`),
  };
}

const workbench = () => ({ version: Object.values(packageVersions())[0] ?? 'unknown' });
const nodeMajor = (): number => Number(process.versions.node.split('.')[0]);

/** Writes a plan to its folder, unless it is there already. @returns the stored plan, which may be of an earlier commit */
export async function storePlan(plan: StoredPlan): Promise<StoredPlan> {
  const { folder, ...content } = plan;
  await writeNew(join(folder, 'plan.json'), `${JSON.stringify(content, null, 1)}\n`);
  return readPlan(folder);
}

/**
 * Reads the plan in a folder.
 *
 * @throws {@link InvalidFileError} if there is none, or it breaks the format
 */
export function readPlan(folder: string): StoredPlan {
  const path = join(folder, 'plan.json');
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new InvalidFileError(
        path,
        `not JSON (${error.message}); delete the folder and run the command again`,
      );
    if (fileErrorCode(error) === 'ENOENT')
      throw new InvalidFileError(path, 'no plan; plans are folders in runs/plans');
    throw explainFileError(error, path);
  }
  const parsed = planSchema.safeParse(content);
  if (!parsed.success)
    throw new InvalidFileError(
      path,
      `not a plan of this version of the workbench: ${z.prettifyError(parsed.error)}`,
    );
  const { configs, tasks } = parsed.data;
  const wrong = tasks.find(({ config }) => config >= configs.length);
  if (wrong)
    throw new InvalidFileError(path, `a task has config ${wrong.config}, but there are ${configs.length}`);
  return { ...parsed.data, configs: configs as unknown as ExperimentConfig[], folder };
}

/** The folder of a plan given by its path, or by a part of its name in a folder of runs. */
export function findPlan(name: string, runs: string = paths.runs): StoredPlan {
  if (existsSync(join(name, 'plan.json'))) return readPlan(resolve(name));
  const parent = join(runs, 'plans');
  const found = namesIn(parent).filter((candidate) => candidate.includes(basename(name)));
  if (found.length === 1) return readPlan(join(parent, found[0]));
  const all = found.length > 1 ? found : namesIn(parent);
  throw new WorkbenchError(
    `no ${found.length > 1 ? 'single ' : ''}plan ${JSON.stringify(name)}; ${all.length === 0 ? `there are none in ${parent}` : `there are ${all.join(', ')}`}`,
  );
}

/**
 * Compares this process with what the plan expects.
 *
 * @returns the reasons why results from here would differ; empty if none
 */
export async function differencesFrom({ expected }: Plan, engine: Engine): Promise<string[]> {
  const { commit } = await commitOf(projectRoot);
  const here: [what: string, planned: unknown, found: unknown][] = [
    ['Node major version', expected.node, nodeMajor()],
    ['engine', expected.engine, engine.name],
    ['engine version', expected.engineVersion, engine.version],
    ['training (SER_TRAINING)', expected.training, trainingMode()],
    ['TensorFlow threads', expected.threads, engine.threads],
    ['workbench version', expected.version, workbench().version],
    // Copies without git have no commit.
    ...(commit !== undefined && expected.commit !== undefined
      ? ([['commit of the workbench', expected.commit, commit]] as [string, unknown, unknown][])
      : []),
  ];
  return here
    .filter(([, planned, found]) => planned !== found)
    .map(
      ([what, planned, found]) => `${what}: the plan expects ${String(planned)}, here is ${String(found)}`,
    );
}

/** Who did a task, and where. */
export interface TaskOrigin {
  host: string;
  node: string;
  /** Slurm's id of the job, with the index in its array */
  job?: string;
}

/** Why a task failed. */
export interface TaskFailure {
  reason: string;
  /** path of the output, in the plan's folder */
  log?: string;
  host?: string;
}

const resultFile = (folder: string, task: number) => join(folder, 'tasks', `${task}.json`);
const failureFile = (folder: string, task: number) => join(folder, 'tasks', `${task}.failed.json`);

/**
 * Writes the result of a task, completely or not at all. The first result of a task stays.
 *
 * @returns false if there is one already
 */
export async function writeResult(
  folder: string,
  task: number,
  result: unknown,
  origin: TaskOrigin,
): Promise<boolean> {
  // JSON has neither NaN nor typed arrays.
  const value = serialize(result).toString('base64');
  const isFirst = await writeNew(
    resultFile(folder, task),
    `${JSON.stringify({ format: 1, task, ...origin, value })}\n`,
  );
  clearFailure(folder, task);
  return isFirst;
}

/** Reads the result of a task. @throws {@link InvalidFileError} if it is missing or damaged */
export function readResult(folder: string, task: number): unknown {
  const path = resultFile(folder, task);
  try {
    const { value, ...head } = JSON.parse(readFileSync(path, 'utf8')) as { value: string; task: number };
    if (head.task !== task) throw new Error(`it is the result of task ${head.task}`);
    return deserialize(Buffer.from(value, 'base64'));
  } catch (error) {
    if (fileErrorCode(error) !== undefined) throw explainFileError(error, path);
    throw new InvalidFileError(path, 'damaged; delete it and run the command again');
  }
}

/** Deletes the result of a task, so that it is done again. */
export function deleteResult(folder: string, task: number): void {
  rmSync(resultFile(folder, task), { force: true });
}

/** Stores why a task failed, for `--status` and the next call. */
export async function writeFailure(folder: string, task: number, failure: TaskFailure): Promise<void> {
  await writeFileAtomic(failureFile(folder, task), `${JSON.stringify(failure)}\n`);
}

/** Forgets an earlier failure, because the task runs again. */
export function clearFailure(folder: string, task: number): void {
  rmSync(failureFile(folder, task), { force: true });
}

/** The tasks with a result, and the failures of the others. */
export function storedTasks({ folder, tasks }: StoredPlan): {
  done: Set<number>;
  failed: Map<number, TaskFailure>;
} {
  const names = existsSync(join(folder, 'tasks')) ? readdirSync(join(folder, 'tasks')) : [];
  const numbers = (pattern: RegExp) =>
    names.flatMap((name) => {
      const number = Number(pattern.exec(name)?.[1]);
      return number < tasks.length ? [number] : [];
    });
  const done = new Set(numbers(/^(\d+)\.json$/));
  const failed = new Map<number, TaskFailure>();
  for (const task of numbers(/^(\d+)\.failed\.json$/)) {
    if (done.has(task)) continue;
    try {
      failed.set(task, JSON.parse(readFileSync(failureFile(folder, task), 'utf8')) as TaskFailure);
    } catch {
      // deleted since, because the task runs again
    }
  }
  return { done, failed };
}

/** What a task does, in a few words. */
export function describeTask({ configs, tasks }: Plan, task: number): string {
  const found = tasks[task];
  const { seed, dataset } = configs[found.config];
  if ('fold' in found) return `task ${task} (${dataset.protocol}, seed ${seed}, fold ${found.fold})`;
  if ('from' in found) return `task ${task} (clips ${found.from + 1} to ${found.to})`;
  return `task ${task} (trial ${configHash(configs[found.config]).slice(0, 8)})`;
}
