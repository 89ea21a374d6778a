import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { parse, YAMLParseError } from 'yaml';
import * as z from 'zod';
import {
  InvalidArgumentError,
  InvalidFileError,
  messageOf,
  nearestName,
  WorkbenchError,
} from '../../core/base';
import {
  explainFileError,
  moduleFile,
  moduleOptions,
  openFolder,
  projectRoot,
  writeFileAtomic,
} from '../files';
import type { StoredPlan } from './plan';

const word = z.string().regex(/^[^\s"'`$\\]+$/, 'must be one word');
const lines = z.union([z.string().transform((line) => [line]), z.array(z.string())]);

/** Resources and environment of the jobs, from `slurm.yaml` and `--slurm`. */
const settingsSchema = z.strictObject({
  partition: word.optional(),
  account: word.optional(),
  qos: word.optional(),
  /** TensorFlow threads of each task; results are the same only for the same number */
  cpus: z.coerce.number().pipe(z.int().min(1).max(1024)).default(1),
  /** as in `sbatch --mem`; default that of the cluster */
  mem: z.coerce
    .string()
    .regex(/^\d+[KMGT]?$/, 'must be a size such as 4G')
    .optional(),
  /** as in `sbatch --time` */
  time: z.coerce
    .string()
    .regex(/^(\d+-)?\d+(:\d+){0,2}$/, 'must be minutes, or a time such as 2:00:00 or 1-12:00:00')
    .optional(),
  /** maximum number of tasks that run at once; default no limit */
  atOnce: z.coerce.number().pipe(z.int().min(1)).optional(),
  /** most elements of a job array (`MaxArraySize` of the cluster); more tasks are done by the same element, one after the other */
  arraySize: z.coerce.number().pipe(z.int().min(1).max(4_000_000)).default(1000),
  /** further options of sbatch, such as `--exclude=n1` */
  sbatch: lines.default([]),
  /** commands that run first, such as `module load nodejs/22` */
  setup: lines.default([]),
  /** the Node program on the cluster */
  node: word.default(process.execPath),
});

/** Settings of {@link submit}. */
export type SlurmSettings = z.infer<typeof settingsSchema>;

const names = Object.keys(settingsSchema.shape);

/**
 * The settings in a YAML file, changed by `NAME=VALUE` texts of the command line.
 *
 * @param file - undefined or missing: only the texts
 * @throws {@link InvalidFileError} if the file breaks a rule
 * @throws {@link InvalidArgumentError} if a text breaks a rule
 */
export function slurmSettings(file: string | undefined, texts: readonly string[] = []): SlurmSettings {
  const stored = file !== undefined && existsSync(file) ? settingsIn(file) : {};
  const given: Record<string, unknown> = {};
  for (const text of texts) {
    const [, name, value] = (/^(\w+)=(.*)$/s.exec(text) ?? []) as (string | undefined)[];
    if (name === undefined)
      throw new InvalidArgumentError('--slurm', 'of the form NAME=VALUE, such as time=2:00:00', text);
    given[name] =
      name === 'sbatch' || name === 'setup'
        ? [...((given[name] as string[] | undefined) ?? []), value]
        : value;
  }
  const problem = problemIn(given);
  if (problem !== undefined) throw new InvalidArgumentError('--slurm', `valid: ${problem}`, texts.join(' '));
  return settingsSchema.parse({ ...stored, ...given });
}

function settingsIn(file: string): object {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw new InvalidFileError(file, `not YAML: ${error.message.split('\n')[0]}`);
    throw explainFileError(error, file);
  }
  const problem = problemIn(content);
  if (problem !== undefined) throw new InvalidFileError(file, problem);
  return content as object;
}

function problemIn(content: unknown): string | undefined {
  const { error } = settingsSchema.safeParse(content);
  return error?.issues
    .map(({ path, message, ...issue }) => {
      if (issue.code !== 'unrecognized_keys') return [path.join('.'), message].filter(Boolean).join(' ');
      const [unknown] = issue.keys;
      const near = nearestName(unknown, names);
      return `unknown setting ${unknown}; ${near === undefined ? `settings are ${names.join(', ')}` : `did you mean ${near}?`}`;
    })
    .join('; ');
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Distributes tasks over the elements of a job array. */
export function arrayElements(tasks: readonly number[], { arraySize }: SlurmSettings): number[][] {
  const perElement = Math.ceil(tasks.length / arraySize);
  return Array.from({ length: Math.ceil(tasks.length / perElement) }, (_, i) =>
    tasks.slice(i * perElement, (i + 1) * perElement),
  );
}

const jobFile = (folder: string, submission: number, extension: string) =>
  join(folder, 'jobs', `${submission}.${extension}`);

/** The name of a job: the plan and the number of the submission. */
const jobName = (folder: string, submission: number): string => `${basename(folder)}-${submission}`;

/** The batch script of a submission. */
export function batchScript(
  { folder, expected }: StoredPlan,
  submission: number,
  elements: readonly (readonly number[])[],
  settings: SlurmSettings,
): string {
  const { partition, account, qos, mem, time, cpus, atOnce, sbatch, setup, node } = settings;
  const options = [
    `--job-name=${jobName(folder, submission)}`,
    `--array=0-${elements.length - 1}${atOnce === undefined ? '' : `%${atOnce}`}`,
    `--output="${join(folder, 'logs', '%A_%a.log')}"`,
    '--open-mode=append',
    '--nodes=1',
    '--ntasks=1',
    `--cpus-per-task=${cpus}`,
    '--requeue',
    '--signal=B:TERM@30',
    ...Object.entries({ partition, account, qos, mem, time }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    ),
    ...sbatch,
  ];
  const program = [node, ...moduleOptions, moduleFile(__dirname, 'run-task'), folder].map(quoted).join(' ');
  return `${[
    '#!/bin/bash',
    ...options.map((line) => `#SBATCH ${line}`),
    '',
    `cd ${quoted(projectRoot)} || exit 1`,
    `export TF_NUM_INTRAOP_THREADS=${expected.threads} SER_ENGINE=${expected.engine}`,
    'export SER_TASK_LOG="logs/${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}.log"',
    ...setup,
    `tasks=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${quoted(jobFile(folder, submission, 'txt'))})`,
    `exec ${program} "$tasks"`,
  ].join('\n')}\n`;
}

/** A submitted job array. */
interface Submission {
  number: number;
  /** tasks of each element */
  elements: number[][];
  /** Slurm's id; undefined if the command was killed while it submitted */
  job?: string;
}

/** The submissions of a plan, oldest first. */
export function submissionsOf({ folder }: Pick<StoredPlan, 'folder'>): Submission[] {
  const parent = join(folder, 'jobs');
  const files = existsSync(parent) ? readdirSync(parent).filter((name) => /^\d+\.txt$/.test(name)) : [];
  return files
    .map((name) => Number.parseInt(name))
    .sort((a, b) => a - b)
    .map((number) => {
      const id = jobFile(folder, number, 'id');
      return {
        number,
        elements: readFileSync(jobFile(folder, number, 'txt'), 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => line.split(',').map(Number)),
        ...(existsSync(id) && { job: readFileSync(id, 'utf8').trim() }),
      };
    });
}

/** Submits tasks as a job array. @returns Slurm's id of the job */
export async function submit(
  plan: StoredPlan,
  tasks: readonly number[],
  settings: SlurmSettings,
): Promise<string> {
  const { folder } = plan;
  const number = (submissionsOf(plan).at(-1)?.number ?? 0) + 1;
  const elements = arrayElements(tasks, settings);
  openFolder(join(folder, 'logs'));
  const script = jobFile(folder, number, 'sh');
  await writeFileAtomic(script, batchScript(plan, number, elements, settings));
  // Before the job, so that it can be found again by its name if this process is killed.
  await writeFileAtomic(jobFile(folder, number, 'txt'), `${elements.join('\n')}\n`);
  const out = await slurm('sbatch', ['--parsable', script]);
  const [job] = out.trim().split(';');
  await writeFileAtomic(jobFile(folder, number, 'id'), `${job}\n`);
  return job;
}

/** An element of a job array, as Slurm reports it. */
interface ElementState {
  /** Slurm's name: PENDING, RUNNING, COMPLETED, TIMEOUT … */
  state: string;
  /** why it waits */
  reason: string;
  job: string;
}

/**
 * The states of all elements of the submissions, by `submission/element`. Elements that Slurm has forgotten are missing; with accounting,
 * it forgets none.
 */
export async function elementStates(plan: StoredPlan): Promise<Map<string, ElementState>> {
  const submissions = submissionsOf(plan);
  const states = new Map<string, ElementState>();
  if (submissions.length === 0) return states;
  const add = (name: string, job: string, indices: string, state: string, reason: string): void => {
    for (const index of indicesIn(indices)) {
      const key = `${name.slice(name.lastIndexOf('-') + 1)}/${index}`;
      if (!states.has(key)) states.set(key, { state: state.split(' ')[0], reason, job });
    }
  };
  const jobs = submissions.map(({ number }) => jobName(plan.folder, number)).join(',');
  const queue = await slurm('squeue', [
    '--noheader',
    '--array',
    '--states=all',
    `--name=${jobs}`,
    '--format=%j|%F|%K|%T|%r',
  ]);
  for (const line of queue.split('\n').filter(Boolean)) {
    const [name, job, index, state, reason] = line.split('|');
    add(name, job, index, state, reason);
  }
  const ids = submissions.flatMap(({ job, number, elements }) =>
    job !== undefined && elements.some((_, i) => !states.has(`${number}/${i}`)) ? [job] : [],
  );
  if (ids.length === 0) return states;
  // Without accounting, sacct fails.
  const history = await slurm('sacct', [
    '--noheader',
    '--parsable2',
    '--allocations',
    `--jobs=${ids.join(',')}`,
    '--format=JobName%100,JobID,State',
  ]).catch(() => '');
  for (const line of history.split('\n').filter(Boolean)) {
    const [name, id, state] = line.split('|');
    const [job, index = ''] = id.split('_');
    add(name, job, index.replaceAll(/[[\]]/g, ''), state, '');
  }
  return states;
}

/** The numbers in a list of ranges such as `0-3,7%2`. */
function indicesIn(text: string): number[] {
  return text
    .replace(/%\d+$/, '')
    .split(',')
    .filter((part) => /^\d+(-\d+)?$/.test(part))
    .flatMap((part) => {
      const [first, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

/** Cancels all jobs of a plan. */
export async function cancelJobs(plan: StoredPlan): Promise<void> {
  for (const { number } of submissionsOf(plan))
    await slurm('scancel', [`--name=${jobName(plan.folder, number)}`]);
}

/** Runs a program of Slurm. @throws WorkbenchError with its message */
async function slurm(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, [...args], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT')
      throw new WorkbenchError(
        `${program} was not found; --on slurm needs a login node of a cluster with Slurm, --on local works everywhere`,
      );
    throw new WorkbenchError(
      `${program} failed: ${stderr === undefined || stderr === '' ? messageOf(error) : stderr.trim()}`,
    );
  }
}
