import { relative } from 'node:path';
import type { ParseArgsConfig } from 'node:util';
import { paths, projectRoot } from '../node/files';
import {
  checkGallery,
  type FigureRuns,
  galleryItems,
  type GalleryOptions,
  galleryPages,
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
  --runs DIR           folder of run records: draw the newest finished run of each protocol; default: the runs listed in
                       figures/figures.json
  --run PART           part of a run record's name: draw this run instead of the one under the same protocol; repeatable
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
    const { only, runs, run } = values;
    const { skipped } = await makeGallery({
      ...{ output, signal, named: run, only },
      ...(runs !== undefined && { runs: fromHere(runs) }),
      onChosen: (chosen) => {
        console.log(`${choiceText(chosen)}\n`);
      },
      onItem: ({ name }, outcome) => {
        if ('reason' in outcome) console.log(`${name}: left out: ${outcome.reason}`);
        else console.log(outcome.files.map((file) => relative(projectRoot, file)).join(' '));
      },
    });
    for (const page of isCommitted(output) ? galleryPages : []) {
      if (await refreshPage(page, output)) console.log(relative(projectRoot, page));
    }
    return only && skipped.length > 0 ? 1 : 0;
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
  output: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

async function check(output: string): Promise<number> {
  const problems = [
    ...(await checkGallery(output)),
    ...(
      await Promise.all((isCommitted(output) ? galleryPages : []).map((page) => pageProblems(page, output)))
    ).flat(),
  ];
  console.log(problems.join('\n') || 'files, sidecars and records agree');
  return problems.length > 0 ? 1 : 0;
}

function choiceText({ paper, speakers, waterfall }: FigureRuns): string {
  const line = (what: string, run: FigureRuns['paper']): string[] =>
    run
      ? [`${what}: ${run.file}, preset ${run.config.name}, ${recordSource({ ...run, data: run.data! })}`]
      : [];
  return [
    ...line('paper', paper),
    ...line('speakers', speakers),
    ...waterfall.flatMap((run) => line(`waterfall, ${run.config.dataset.protocol}`, run)),
  ].join('\n');
}

if (require.main === module) {
  runAsProgram(help, (args) =>
    whenReady((signal) => runFigures(args, { signal }), {
      needsNothing: args.some((arg) => ['--list', '--check'].includes(arg)),
    }),
  );
}
