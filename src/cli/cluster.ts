import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { countOf, printableLines } from '../core/base';
import type { ExperimentConfig } from '../core/config';
import type { ProtocolName } from '../core/dataset';
import type { Corpora } from '../node/corpora';
import { loadEngine } from '../node/engine';
import {
  arrayElements,
  batchScript,
  cancelJobs,
  describeTask,
  type Distributed,
  distributeFolds,
  findPlan,
  planStatus,
  runPlan,
  slurmSettings,
  type StoredPlan,
  storePlan,
} from '../node/cluster';
import { type CompareProtocolsOptions, protocolConfigs, splitProblem } from '../node/experiment';
import { experimentFeatures } from '../node/extraction';
import { paths, projectRoot } from '../node/files';
import { type CommandTools, UsageError } from './command';
import { flag, oneOf, option, type OptionValuesOf, repeated, text } from './options';
import { displayPath, experimentProgress } from './output';

/** The options of every command that can divide its work. */
export const clusterOptions = {
  on: option(
    'WHERE',
    'divide the work into tasks that are done by separate processes: of this computer (--workers of them), or of a cluster, as a Slurm job array. The results are those of the same command without --on',
    oneOf(['local', 'slurm']),
  ),
  slurm: repeated(
    'NAME=VALUE',
    'for --on slurm: partition, account, qos, cpus, mem, time, atOnce (maximum number of tasks that run at once), arraySize, node, setup (a command that runs first), sbatch (an option of sbatch); default: the file slurm.yaml in the project folder',
  ),
  dryRun: flag('with --on: print the plan, and for Slurm the batch script, without starting anything'),
  status: option(
    'PLAN',
    'show the tasks of a plan: done, running, waiting, and failed with reason and log',
    text,
  ),
  cancel: option('PLAN', 'cancel the Slurm jobs of a plan; finished tasks stay', text),
};
type ClusterValues = OptionValuesOf<typeof clusterOptions>;

/** Appended to the help of these commands. */
export const clusterNotes =
  'With --on, the tasks and their results are in runs/plans/PLAN. On a cluster, this folder must be on a disk that all nodes share. Ctrl-C or a closed terminal leaves the jobs on the cluster: the same command returns to them, submits only what is missing, and collects the results once. See src/SCALING.md.';

/** Whether a call only looks at a plan, or starts nothing. */
export const looksAtPlan = ({ status, cancel }: ClusterValues): boolean => (status ?? cancel) !== undefined;

/** Handles `--status` and `--cancel`, and checks the combination of options. @returns the exit code; undefined if the call does work */
export async function lookAtPlan(
  { on, slurm, dryRun, status, cancel }: ClusterValues,
  { print }: CommandTools,
  runs: string = paths.runs,
): Promise<number | undefined> {
  if (status !== undefined || cancel !== undefined) {
    const plan = findPlan(status ?? cancel ?? '', runs);
    if (cancel !== undefined) await cancelJobs(plan);
    print(await describeStatus(plan));
    return 0;
  }
  if (dryRun && on === undefined) throw new UsageError('--dry-run needs --on local or --on slurm');
  if (slurm.length > 0 && on !== 'slurm') throw new UsageError('--slurm needs --on slurm');
  return undefined;
}

async function describeStatus(plan: StoredPlan): Promise<string> {
  const { counts, failed } = await planStatus(plan);
  return [
    `plan: ${displayPath(plan.folder)}`,
    `command: ${plan.command}`,
    `${countOf(plan.tasks.length, 'task')}: ${countsText(counts)}`,
    ...[...failed].map(([task, { reason, log }]) => {
      const where = log === undefined ? '' : `; log: ${displayPath(join(plan.folder, log))}`;
      return `failed: ${describeTask(plan, task)}: ${printableLines(reason)}${where}`;
    }),
    ...(counts.done === plan.tasks.length ? ['run the command to collect the results'] : []),
    ...(counts.failed + counts.missing > 0
      ? ['run the command again for the tasks that failed or are missing']
      : []),
  ].join('\n');
}

const countsText = (counts: Awaited<ReturnType<typeof planStatus>>['counts']): string =>
  Object.entries(counts).flatMap(([state, count]) => (count > 0 ? [`${count} ${state}`] : [])).join(', '); // prettier-ignore

/** What a command passes on to plans. */
export interface DivideContext {
  corpora: Corpora;
  runs: string;
  /** default 1 */
  workers?: number;
}

/** The inputs of a plan that follow from the options. */
export async function planInputs(
  options: ClusterValues,
  { corpora, runs, workers = 1 }: DivideContext,
  { line }: Pick<CommandTools, 'line'>,
) {
  const settings = settingsOf(options);
  const threads =
    options.on === 'slurm' ? settings.cpus : Math.max(1, Math.floor(availableParallelism() / workers));
  return { command: line, corpora, engine: await loadEngine(), threads, runs };
}

const settingsOf = ({ on, slurm }: ClusterValues) =>
  slurmSettings(on === 'slurm' ? join(projectRoot, 'slurm.yaml') : undefined, slurm);

/**
 * Does the tasks of a plan and collects their results.
 *
 * @returns undefined for a dry run, which only prints the plan
 */
export async function divide<Results, Result>(
  { plan, results }: Distributed<Results>,
  options: ClusterValues & { workers?: number },
  { info, print, progress, signal }: CommandTools,
  collect: (results: Results, plan: StoredPlan) => Promise<Result> | Result,
): Promise<Result | undefined> {
  const { on = 'local', workers, dryRun } = options;
  const settings = settingsOf(options);
  if (dryRun) {
    const { folder, ...content } = plan;
    print(JSON.stringify({ folder, ...content }, null, 1));
    if (on === 'slurm') {
      const tasks = [...plan.tasks.keys()];
      print(`\n${batchScript(plan, 1, arrayElements(tasks, settings), settings)}`);
    }
    return undefined;
  }
  const stored = await storePlan(plan);
  info(`plan: ${displayPath(stored.folder)}, ${countOf(stored.tasks.length, 'task')}`);
  try {
    return await runPlan(
      stored,
      {
        on,
        workers,
        settings,
        signal,
        onInfo: info,
        onProgress: ({ counts }) => {
          const { done, ...others } = counts;
          progress.update(
            `tasks (${countsText({ done: 0, ...others }) || 'ending'})`,
            done,
            stored.tasks.length,
            'files',
          );
        },
      },
      () => {
        progress.stop();
        return collect(results(), stored);
      },
    );
  } catch (error) {
    if (signal?.aborted && on === 'slurm') {
      progress.stop();
      console.error(
        `The jobs continue on the cluster. The same command returns to them; --status ${displayPath(stored.folder)} shows them, and --cancel ${displayPath(stored.folder)} stops them.`,
      );
    }
    throw error;
  }
}

/**
 * Trains the folds of an evaluation as a plan, and scores them.
 *
 * @param score - evaluates with these options
 * @returns the exit code
 */
export async function evaluateDivided(
  { config, protocols, seeds }: { config: ExperimentConfig; protocols?: ProtocolName[]; seeds?: number[] },
  options: ClusterValues & { workers?: number },
  context: DivideContext,
  tools: CommandTools,
  score: (more?: Partial<CompareProtocolsOptions>) => Promise<number>,
): Promise<number> {
  const { progress, signal } = tools;
  const inputs = await planInputs(options, context, tools);
  const { onFeatures } = experimentProgress(progress);
  const set = await experimentFeatures(context.corpora, config, { signal, onFeatures });
  const possible = ({ dataset }: ExperimentConfig) => splitProblem(set, dataset) === undefined;
  const experiments = protocols ? protocolConfigs(config, protocols).filter(possible) : [config];
  if (experiments.length === 0) return score(); // reports why no protocol can split the clips
  const work = await distributeFolds(experiments, { ...inputs, seeds, set, signal, onFeatures });
  const code = await divide(work, options, tools, (trainedFold, { folder }) =>
    // The checkpoints stay, so that collecting again writes no second record.
    score({ set, trainedFold, checkpoints: join(folder, 'checkpoints'), keepsCheckpoints: true }),
  );
  return code ?? 0;
}
