import { relative } from 'node:path';
import type { ParseArgsConfig } from 'node:util';
import { paths, projectRoot } from '../node/files';
import {
  checkGallery,
  type ChosenRuns,
  galleryItems,
  type GalleryOptions,
  isCommitted,
  makeGallery,
  pageProblems,
  refreshPage,
} from '../node/paper';
import { recordSource } from '../node/runs';
import { fromHere } from './from-here';
import { recordTable } from './record-table';
import { runAsProgram } from './run-as-program';
import { parseOptions, sayFailure } from './usage-error';
import { whenReady } from './when-ready';

const help = `npm run figures [-- option …]

  draws every figure and table of the paper, and those that belong beside them, into figures/: what shows recordings from the
  corpora, what shows scores from run records (npm run evaluate -- --save), each with a sidecar that says what made it; and puts
  the tables that README.md shows into it

  --only NAME          an item, or the beginning of several; as often as you like
  --list               draw nothing: show the items that there are
  --check              draw nothing: do files, sidecars and records agree?
  --runs DIR           where records are taken from; default runs/ and figures/records/
  --run PART           part of a record's name: it is shown for its protocol; as often as you like. Default: the runs over most
                       recordings that finished all folds, of these the newest of the presets below
  --preset NAME        of the runs under the honest protocols and of the waterfall; default compact
  --paper-preset NAME  of the run under the paper's protocol; default paper-fast, or else that of --preset
  --output DIR         default figures/, which takes no synthetic demo`;

/** Draws the gallery from the shell. @returns the exit code: 0, 1 when it failed or something asked for was left out, 2 for a wrong call */
export async function runFigures(
  args: readonly string[],
  { output: usual = paths.figures, signal }: Pick<GalleryOptions, 'output' | 'signal'> = {},
): Promise<number> {
  try {
    const { values } = parseOptions(args, { options });
    const output = values.output === undefined ? usual : fromHere(values.output);
    if (values.list) {
      console.log(recordTable(galleryItems.map(({ name, from, about }) => ({ name, from, about }))));
      return 0;
    }
    if (values.check) return await check(output);
    const { only, runs, run, preset, 'paper-preset': paperPreset } = values;
    const { left } = await makeGallery({
      ...{ output, signal, named: run, preset, only },
      ...(runs !== undefined && { runs: fromHere(runs) }),
      ...(paperPreset !== undefined && { paperPresets: [paperPreset] }),
      onChosen: (chosen) => {
        console.log(`${choiceText(chosen)}\n`);
      },
      onItem: ({ name }, outcome) => {
        if ('reason' in outcome) console.log(`${name}: left out: ${outcome.reason}`);
        else console.log(outcome.files.map((file) => relative(projectRoot, file)).join(' '));
      },
    });
    if (isCommitted(output) && (await refreshPage(paths.readme, output))) {
      console.log(relative(projectRoot, paths.readme));
    }
    return only && left.length > 0 ? 1 : 0;
  } catch (error) {
    const code = sayFailure(error, help);
    return signal?.aborted ? 130 : code;
  }
}

const options = {
  only: { type: 'string', multiple: true },
  list: { type: 'boolean' },
  check: { type: 'boolean' },
  runs: { type: 'string' },
  run: { type: 'string', multiple: true },
  preset: { type: 'string' },
  'paper-preset': { type: 'string' },
  output: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

async function check(output: string): Promise<number> {
  const problems = [
    ...(await checkGallery(output)),
    ...(isCommitted(output) ? await pageProblems(paths.readme, output) : []),
  ];
  console.log(problems.join('\n') || 'files, sidecars and records agree');
  return problems.length > 0 ? 1 : 0;
}

function choiceText({ paper, twin, steps, missing }: ChosenRuns): string {
  const line = (what: string, run: ChosenRuns['twin']): string[] =>
    run
      ? [`${what}: ${run.file}, preset ${run.config.name}, ${recordSource({ ...run, data: run.data! })}`]
      : [];
  return [
    ...line('the paper’s protocol', paper),
    ...line('its honest twin', twin),
    ...steps.flatMap((run) => line(`waterfall, ${run.config.dataset.protocol}`, run)),
    ...missing,
  ].join('\n');
}

if (require.main === module) {
  runAsProgram(help, (args) =>
    whenReady((signal) => runFigures(args, { signal }), {
      needsNothing: args.some((arg) => ['--list', '--check'].includes(arg)),
    }),
  );
}
