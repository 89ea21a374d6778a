import { countOf, formatCount, textTable } from '../core/base';
import {
  daggerNote,
  percentagePoints,
  protocolMark,
  scoreWithDagger,
  underProtocol,
} from '../core/evaluation';
import { formatEpoch } from '../core/network';
import { loadEngine } from '../node/engine';
import { describeResources, paths } from '../node/files';
import {
  type ComparedResult,
  compareWithPublished,
  type PlannedResult,
  planReproduction,
  type PublishedPlaces,
  type PublishedResults,
  reproduce,
  type ReproducedResult,
  reproductionInputs,
  reproductionTargets,
} from '../node/paper';
import { type CommandTools, defineCommand } from './command';
import { flag, InvalidValue, number, oneOf, option, type Parser, userPath } from './options';
import { displayPath, experimentProgress, readCorpora, toJson } from './output';
import { runAsProgram, stopSignal } from './program';
import { prepareWorkbench } from './setup';

/** Replaced in tests. */
export interface ReproduceContext extends PublishedPlaces {
  runs?: string;
}

const hours: Parser<number> = (value) => {
  const parsed = number(value);
  if (parsed > 0) return parsed;
  throw new InvalidValue('a number of hours above 0', value);
};
const secondsPerHour = 3600;

/** Why scores differ although seed and folds are the same. */
const drift =
  'The same seed gives the same predictions with the same processor type, TensorFlow version and number of threads (TF_NUM_INTRAOP_THREADS). ' +
  'Otherwise sums are rounded in another order, and training amplifies this: expect the scores of all corpora to differ by up to about one point, ' +
  'and those of single small corpora by more (one seed on SAVEE: 37.9 to 40.0 %). The intervals reflect the variation between speakers, not these rounding differences.';

export const reproduceCommand = defineCommand('npm run reproduce', {
  summary: 'Compute the published results again and compare them.',
  details: `First it prints what it will run, and how long that takes on this machine, estimated from measured training steps. Then it runs it, the most important first. Records, predictions and models are written to runs/. Ctrl-C, a crash or the end of the budget lose at most one epoch: the same command continues, and skips what is done (a finished run in runs/ with the same config hash on the same clips).

paper: the runs of the paper's figures and tables, and its networks under every protocol. speakers: the published model with its scores, also under recording conditions. all: every published record.

At the end, and when it is interrupted, a table compares each published score with the one computed here. The exit code is 0 if everything that the plan chose was computed.`,
  arguments: { '[TARGET]': { help: 'default: paper', parse: oneOf(reproductionTargets) } },
  options: {
    budget: option(
      'HOURS',
      'compute only what fits into this time, and stop at its end; what does not fit is left for later. If nothing fits, the first run is started. Default: no limit',
      hours,
    ),
    dryRun: flag('print the plan, without training'),
    runs: option('DIR', 'folder of the run records; default: runs/', userPath),
    json: flag('print plan and comparison as one JSON object'),
  },
  interrupted: 'interrupted before the first run',
  run: async (
    { budget, dryRun, json, runs: chosenRuns },
    { runs: standardRuns = paths.runs, gallery, model, ...tools }: CommandTools & ReproduceContext,
  ) => {
    const { args, line, info, print, progress, signal } = tools;
    const startedMs = performance.now();
    const target = reproductionTargets.find((name) => name === args.at(0)) ?? 'paper';
    const runs = chosenRuns ?? standardRuns;
    const engine = await loadEngine();
    info(`${target}: ${engine.version}, ${countOf(engine.threads, 'thread')}; ${describeResources()}`);
    const corpora = await readCorpora(progress, signal);
    const inputs = await reproductionInputs(target, { engine, corpora, runs, gallery, model });
    const plan = await planReproduction(inputs, {
      ...(budget !== undefined && { budgetSec: budget * secondsPerHour }),
      signal,
      onMeasure: (what) => {
        progress.note(`measuring ${what}`);
      },
    });
    progress.stop();
    info(`\n${describePlan(plan, inputs, budget)}\n`);
    const planJson = {
      target,
      budgetHours: budget ?? null,
      plan: plan.map(plainPlan),
      unknown: inputs.unknown,
    };
    if (dryRun) {
      if (json) print(toJson(planJson));
      return 0;
    }
    const { onSeed, onFeatures, onStep, onSplitEnd } = experimentProgress(progress);
    const results = await reproduce(inputs, plan, {
      onFeatures,
      onStep,
      onSplitEnd,
      signal,
      isLate: () => performance.now() - startedMs > (budget ?? Infinity) * secondsPerHour * 1000,
      onResult: (planned, position, count) => {
        const { name, config } = planned.result;
        onSeed({ seed: config.seed, number: 1, count: 1 }); // a new progress bar
        info(`\n${position} of ${count}: ${name}, ${config.dataset.protocol}, seed ${config.seed}, about ${inHours(planned.seconds.all)} h`); // prettier-ignore
      },
      onSplit: ({ name }) => {
        info(name);
      },
      onResume: ({ length }) => {
        info(`  resuming after epoch ${length}`);
      },
      onEpoch: (record) => {
        info(`  ${formatEpoch(record)}`);
      },
      onResultEnd: ({ outcome, reason }, seconds) => {
        progress.stop();
        info(`${outcome} after ${inHours(seconds)} h${reason === undefined ? '' : `: ${reason}`}`);
      },
      onClips: (done, total) => {
        progress.update('predicting', done, total, 'clips');
      },
      onHeld: (holder) => {
        info(`${holder} reproduces results in ${displayPath(runs)}; waiting for it`);
      },
    });
    progress.stop();
    const compared = await compareWithPublished(inputs);
    info(`\n${describeComparison(compared, results)}\n\n${drift}`);
    if (json) print(toJson({ ...planJson, results: results.map(plainOutcome), comparison: compared.map(plainComparison) })); // prettier-ignore
    const open = results.filter(({ outcome }) => outcome !== 'done' && outcome !== 'done before');
    const failed = open.filter(({ outcome }) => outcome === 'failed');
    for (const { planned, reason } of failed) console.error(`failed: ${planned.result.name}, seed ${planned.result.config.seed}: ${reason}`); // prettier-ignore
    if (open.length > failed.length)
      info(`\n${countOf(open.length, 'result')} of ${results.length} left. To continue: ${line}`);
    if (signal?.aborted) return 130;
    return open.some(({ planned }) => planned.state !== 'later') ? 1 : 0;
  },
});
export const runReproduce = reproduceCommand.run;

const inHours = (seconds: number): string => (seconds / secondsPerHour).toFixed(2);

const stateTexts: Record<PlannedResult['state'], string> = {
  done: 'done',
  run: 'now',
  part: 'now, in part',
  later: 'left for later',
};

function describePlan(
  plan: readonly PlannedResult[],
  { unknown }: Pick<PublishedResults, 'unknown'>,
  budget: number | undefined,
): string {
  const secondsOf = (...states: PlannedResult['state'][]): string =>
    inHours(plan.reduce((sum, { state, seconds }) => sum + (states.includes(state) ? seconds.all : 0), 0));
  const limit = budget === undefined ? '' : ` of a budget of ${budget} h`;
  const hasBaselines = plan.some(({ result, state, stepMs }) => result.kind === 'run' && state !== 'done' && stepMs === undefined); // prettier-ignore
  return [
    textTable([planColumns, ...plan.map(planRow)], [0, 1, planColumns.length - 1]),
    '',
    `now: about ${secondsOf('run', 'part')} h${limit}; left for later: about ${secondsOf('later')} h`,
    ...(plan.some(({ state }) => state === 'part')
      ? [
          'Nothing fits into the budget. The first run is started and stops at the end of an epoch; the next call continues it.',
        ]
      : []),
    ...(hasBaselines ? ['Classifiers without training steps: the time of the published run.'] : []),
    ...unknown.map(({ name, reason }) => `not included: ${name}: ${reason}`),
  ].join('\n');
}

const planColumns = [
  'run',
  'protocol',
  'seed',
  'folds',
  'steps',
  'ms a step',
  'clips to extract',
  'hours',
  'when',
];
const planRow = ({
  result,
  state,
  folds,
  steps,
  stepsDone,
  stepMs,
  clips,
  seconds,
}: PlannedResult): string[] => {
  const { protocol, seed } = placeOf(result);
  const head = [result.name, protocol, seed];
  if (state === 'done') return [...head, '', '', '', '', '', stateTexts.done];
  return [
    ...head,
    String(folds),
    steps === 0 ? '' : formatCount(steps - stepsDone),
    stepMs === undefined ? '' : stepMs.toFixed(1),
    clips === 0 ? '' : formatCount(clips),
    inHours(seconds.all),
    stateTexts[state],
  ];
};

const placeOf = ({ kind, config: { dataset, seed } }: PlannedResult['result']) => ({
  protocol: `${protocolMark(underProtocol(dataset.protocol))}${dataset.fold === 'all' ? '' : `, fold ${dataset.fold}`}`,
  seed: kind === 'run' ? String(seed) : '',
});

function describeComparison(
  compared: readonly ComparedResult[],
  results: readonly ReproducedResult[],
): string {
  const ofMetric = ({ scores }: ComparedResult, metric: 'accuracy' | 'uar'): string[] => {
    const { published, here, difference } = scores.find((one) => one.metric === metric) ?? {};
    const text = (score: typeof published) => (score ? scoreWithDagger(metric, score) : '–');
    return [text(published), text(here), difference === undefined ? '–' : points(difference)];
  };
  const rows = compared.flatMap((one, i) => {
    if (one.conditions) return [];
    const { protocol, seed } = placeOf(one.result);
    const { outcome } = results[i];
    const state = one.run === undefined ? outcome : (one.predictions ?? '–');
    return [[one.result.name, protocol, seed, ...ofMetric(one, 'accuracy'), ...ofMetric(one, 'uar'), state]];
  });
  const heads = ['accuracy', 'UAR'].flatMap((name) => [`published ${name}`, 'here', 'points']);
  const conditions = compared.flatMap(({ result, run, conditions: all }) =>
    all && run !== undefined
      ? [
          '',
          result.name,
          textTable(
            [
              ['condition', 'published accuracy', 'here', 'points'],
              ...all.map(({ condition, published, here, difference }) => [
                condition,
                scoreWithDagger('accuracy', published),
                here ? scoreWithDagger('accuracy', here) : '–',
                difference === undefined ? '–' : points(difference),
              ]),
            ],
            [0],
          ),
        ]
      : [],
  );
  const note = daggerNote(rows.flat());
  return [
    textTable([['run', 'protocol', 'seed', ...heads, 'predictions'], ...rows], [0, 1, heads.length + 3]),
    ...conditions,
    ...(note === undefined ? [] : ['', note]),
  ].join('\n');
}

const points = (difference: number): string => {
  const text = percentagePoints(difference);
  return difference > 0 && Number(text) !== 0 ? `+${text}` : text.replace(/^-0\.0$/, '0.0');
};

/** A published result as plain data. */
const plainResult = ({ kind, key, name, config: { dataset, seed }, record }: PlannedResult['result']) => ({
  ...{ kind, key, name, protocol: dataset.protocol, fold: dataset.fold, seed },
  published: record?.file ?? null,
});

const plainPlan = ({ result, state, ...estimate }: PlannedResult) => ({
  ...plainResult(result),
  state,
  ...estimate,
});

const plainOutcome = ({ planned: { result }, outcome, reason }: ReproducedResult) => ({
  key: result.key,
  outcome,
  ...(reason !== undefined && { reason }),
});

const plainComparison = ({ result, ...rest }: ComparedResult) => ({ ...plainResult(result), ...rest });

if (require.main === module) {
  runAsProgram(runReproduce, { signal: stopSignal(), prepare: prepareWorkbench });
}
