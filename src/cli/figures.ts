import { relative } from 'node:path';
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
import { formatSkippedRecords, recordSource } from '../node/runs';
import { type CommandTools, defineCommand } from './command';
import { flag, option, repeated, userPath } from './options';
import { recordTable } from './output';
import { runAsProgram, stopSignal } from './program';
import { prepareWorkbench } from './setup';

export const figuresCommand = defineCommand('npm run figures', {
  summary: 'Draw the figures and tables of the paper, and related ones, into figures/.',
  details:
    'Figures of recordings are drawn from the corpora, figures of scores from run records (npm run evaluate). A sidecar file next to each figure records how it was made. The tables in README.md and figures/README.md are updated as well.',
  options: {
    only: repeated('NAME', 'draw the items with this name or prefix'),
    list: flag('list the items without drawing'),
    check: flag('check that files, sidecars and records agree, without drawing'),
    runs: option(
      'DIR',
      'folder of run records: draw the newest finished run of each protocol; default: the runs listed in figures/figures.json',
      userPath,
    ),
    run: repeated(
      'PART',
      "part of a run record's name: draw this run instead of the one under the same protocol",
    ),
    output: option(
      'DIR',
      'output folder; default: figures/, which does not accept the synthetic demo',
      userPath,
    ),
  },
  skipsPreparation: ({ list, check }) => list || check,
  run: async (
    { only, list, check, runs, run, output },
    { output: standardOutput = paths.figures, signal, print }: CommandTools & Pick<GalleryOptions, 'output'>,
  ) => {
    const folder = output ?? standardOutput;
    if (list) {
      print(recordTable(galleryItems.map(({ name, from, about }) => ({ name, from, about }))));
      return 0;
    }
    if (check) {
      const problems = await findProblems(folder);
      print(problems.join('\n') || 'files, sidecars and records agree');
      return problems.length > 0 ? 1 : 0;
    }
    const { skipped } = await makeGallery({
      output: folder,
      signal,
      ...(run.length > 0 && { named: [...run] }),
      ...(only.length > 0 && { only: [...only] }),
      ...(runs !== undefined && { runs }),
      onSkippedRecords: (files) => {
        console.error(formatSkippedRecords(files));
      },
      onChosen: (chosen) => {
        print(`${describeRuns(chosen)}\n`);
      },
      onItem: ({ name }, outcome) => {
        if ('reason' in outcome) print(`${name}: skipped: ${outcome.reason}`);
        else print(outcome.files.map((file) => relative(projectRoot, file)).join(' '));
      },
    });
    for (const page of isCommitted(folder) ? galleryPages : []) {
      if (await refreshPage(page, folder)) print(relative(projectRoot, page));
    }
    return only.length > 0 && skipped.length > 0 ? 1 : 0;
  },
});
export const runFigures = figuresCommand.run;

async function findProblems(output: string): Promise<string[]> {
  const pages = isCommitted(output) ? galleryPages : [];
  const onPages = await Promise.all(pages.map((page) => pageProblems(page, output)));
  return [...(await checkGallery(output)), ...onPages.flat()];
}

function describeRuns({ paper, speakers, waterfall }: FigureRuns): string {
  const line = (use: string, run: FigureRuns['paper']): string[] =>
    run
      ? [`${use}: ${run.file}, preset ${run.config.name}, ${recordSource({ ...run, data: run.data! })}`]
      : [];
  return [
    ...line('paper', paper),
    ...line('speakers', speakers),
    ...waterfall.flatMap((run) => line(`waterfall, ${run.config.dataset.protocol}`, run)),
  ].join('\n');
}

if (require.main === module) {
  runAsProgram(runFigures, { signal: stopSignal(), prepare: prepareWorkbench });
}
