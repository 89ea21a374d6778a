import { relative } from 'node:path';
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
import { type CommandTools, defineCommand, runAsProgram, stopSignal } from './command';
import { flag, option, repeated, text, userPath } from './options';
import { recordTable } from './output';
import { prepareWorkbench } from './setup';

export const figuresCommand = defineCommand('npm run figures', {
  summary: 'Draw the figures and tables of the paper, and related ones, into figures/.',
  details:
    'Figures of recordings are drawn from the corpora, figures of scores from run records (npm run evaluate -- --save). A sidecar file next to each figure records how it was made. The tables shown in README.md are updated as well.',
  options: {
    only: repeated('NAME', 'draw the items with this name or prefix'),
    list: flag('draw nothing; list the items'),
    check: flag('draw nothing; check that files, sidecars and records agree'),
    runs: option('DIR', 'folder with run records; default: runs/ and figures/records/', userPath),
    run: repeated(
      'PART',
      'use the run with this part in its record name for its protocol; default: of the finished runs over all folds and most recordings the newest of the presets below',
    ),
    preset: option(
      'NAME',
      'preset of the runs under the speaker-independent protocols and in the waterfall; default: compact',
      text,
    ),
    paperPreset: option(
      'NAME',
      'preset of the run under the protocol of the paper; default: paper-fast, otherwise that of --preset',
      text,
    ),
    output: option(
      'DIR',
      'output folder; default: figures/, which does not accept the synthetic demo',
      userPath,
    ),
  },
  skipsPreparation: ({ list, check }) => list || check,
  run: async (
    { only, list, check, runs, run, preset, paperPreset, output },
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
    const { left } = await makeGallery({
      output: folder,
      signal,
      preset,
      ...(run.length > 0 && { named: [...run] }),
      ...(only.length > 0 && { only: [...only] }),
      ...(runs !== undefined && { runs }),
      ...(paperPreset !== undefined && { paperPresets: [paperPreset] }),
      onChosen: (chosen) => {
        print(`${describeRuns(chosen)}\n`);
      },
      onItem: ({ name }, outcome) => {
        if ('reason' in outcome) print(`${name}: skipped: ${outcome.reason}`);
        else print(outcome.files.map((file) => relative(projectRoot, file)).join(' '));
      },
    });
    if (isCommitted(folder) && (await refreshPage(paths.readme, folder))) {
      print(relative(projectRoot, paths.readme));
    }
    return only.length > 0 && left.length > 0 ? 1 : 0;
  },
});
export const runFigures = figuresCommand.run;

const findProblems = async (output: string): Promise<string[]> => [
  ...(await checkGallery(output)),
  ...(isCommitted(output) ? await pageProblems(paths.readme, output) : []),
];

function describeRuns({ paper, twin, steps, missing }: ChosenRuns): string {
  const line = (use: string, run: ChosenRuns['twin']): string[] =>
    run
      ? [`${use}: ${run.file}, preset ${run.config.name}, ${recordSource({ ...run, data: run.data! })}`]
      : [];
  return [
    ...line('protocol of the paper', paper),
    ...line('speaker-independent counterpart', twin),
    ...steps.flatMap((run) => line(`waterfall, ${run.config.dataset.protocol}`, run)),
    ...missing,
  ].join('\n');
}

if (require.main === module) {
  runAsProgram(runFigures, { signal: stopSignal(), prepare: prepareWorkbench });
}
