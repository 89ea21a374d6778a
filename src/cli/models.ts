import { formatCount, printable } from '../core/base';
import { scoreText } from '../core/evaluation';
import { paths } from '../node/files';
import { findModels, type FoundModel, modelOfRun, publishModel } from '../node/models';
import { findRun } from '../node/runs';
import { type CommandTools, defineCommands, subcommand } from './command';
import { option, text } from './options';
import { displayPath, recordTable, readRecords } from './output';
import { runAsProgram } from './program';

/** Replaced in tests. */
export interface ModelsContext {
  runs?: string;
  models?: string;
}

export const modelsCommand = defineCommands<ModelsContext>('npm run models', {
  summary: 'List trained models, or publish one.',
  defaultCommand: 'list',
  commands: {
    list: subcommand({
      summary:
        'List the trained models with their scores. The first, marked *, is the one that npm run predict uses.',
      run: (_, { runs = paths.runs, models = paths.models, print }: CommandTools & ModelsContext) => {
        print(listModels([runs, models]));
        return 0;
      },
    }),
    publish: subcommand({
      summary: 'Copy the model of a run to data/models/NAME and write its model card, ready to be committed.',
      arguments: {
        '<RUN>': { help: 'part of the name of a record in runs/; the newest one that matches is used' },
        '<NAME>': { help: 'name of the published model' },
      },
      options: { split: option('NAME', 'which split of the run to publish; default: the first', text) },
      run: async ({ split }, tools: CommandTools & ModelsContext) => publish(split, tools),
    }),
  },
});
export const runModels = modelsCommand.run;

async function publish(
  split: string | undefined,
  { args: [run, name], runs = paths.runs, models = paths.models, print }: CommandTools & ModelsContext,
): Promise<number> {
  const records = await readRecords(runs);
  const record = findRun(records.reverse(), run);
  const model = modelOfRun(record, runs, split);
  const { folder, bytes } = publishModel(record, { model, name, models });
  print(`${displayPath(folder)}/: ${(bytes / 1e6).toFixed(2)} MB, from ${displayPath(model)}`);
  print('read its README.md, then commit the folder unchanged: its files are verified by SHA-256');
  return 0;
}

function listModels(folders: readonly string[]): string {
  const found = findModels(folders);
  if (found.length === 0) return 'no trained models yet; train one with npm run train';
  return recordTable(found.map((model, i) => modelLine(model, i === 0)));
}

/** A line of the table; a column is empty if the model card lacks the field. */
function modelLine(
  { path, isOfDemo, status, card, trainedOn, uar, protocol, reason }: FoundModel,
  isDefault: boolean,
) {
  const { clips, date } = card;
  return {
    '': isDefault ? '*' : ' ',
    model: printable(displayPath(path)),
    status,
    'trained on': isOfDemo ? 'the synthetic demo' : printable(trainedOn.map(({ name }) => name).join(', ')),
    clips: typeof clips === 'number' ? formatCount(clips) : '',
    UAR: uar ? scoreText('uar', uar) : '',
    protocol: printable(protocol ?? '').slice(0, 40),
    date: typeof date === 'string' ? printable(date.slice(0, 10)) : '',
    default: isDefault ? `yes: ${reason}` : `no: ${reason}`,
  };
}

if (require.main === module) {
  runAsProgram(runModels);
}
