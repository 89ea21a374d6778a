import { percent } from '../core/evaluation';
import type { ModelCard } from '../core/prediction';
import { paths } from '../node/files';
import { findModels, modelOfRun, publishModel } from '../node/models';
import { readRunRecords, runNamed } from '../node/runs';
import { shown } from './from-here';
import { recordTable } from './record-table';
import { runAsProgram } from './run-as-program';
import { parseOptions, sayFailure, UsageError } from './usage-error';

const help = `npm run models -- [list]
  the trained models that there are, with the score of each on its own test rows; the first answers \`npm run predict\`

npm run models -- publish RUN NAME [--split NAME]
  puts the model of a run into data/models/NAME, with a model card, to be committed. RUN is part of a record's name in runs/,
  of several the newest; of the run's splits the first, or the one named`;

/** What a test replaces. */
export interface ModelsContext {
  runs?: string;
  models?: string;
}

/** Runs one command. @returns the exit code: 0, 1 when it failed, 2 for a wrong call */
export async function runModels(
  args: readonly string[],
  { runs = paths.runs, models = paths.models }: ModelsContext = {},
): Promise<number> {
  try {
    const { values, positionals } = parseOptions(args, {
      allowPositionals: true,
      options: { split: { type: 'string' } },
    });
    const [command = 'list', ...names] = positionals;
    if (command === 'list' && names.length === 0) {
      console.log(list([runs, models]));
      return 0;
    }
    if (command !== 'publish' || names.length !== 2)
      throw new UsageError('which model, and under which name?');
    const [run, name] = names;
    const { records } = await readRunRecords(runs);
    const record = runNamed(records.reverse(), run);
    const bundle = modelOfRun(record, runs, values.split);
    const { folder, bytes } = publishModel(record, { bundle, name, models });
    console.log(`${shown(folder)}/: ${(bytes / 1e6).toFixed(2)} MB, from ${shown(bundle)}`);
    console.log('read its README.md, and commit the folder as it is: its files are checked by their SHA-256');
    return 0;
  } catch (error) {
    return sayFailure(error, help);
  }
}

function list(folders: readonly string[]): string {
  const found = findModels(folders);
  if (found.length === 0) return 'there is no trained model yet: npm run train';
  return recordTable(
    found.map(({ path, isOfDemo, card }) => ({
      model: shown(path),
      'trained on': isOfDemo ? 'the synthetic demo' : Object.keys(card.corpora ?? {}).join(', '),
      ...aboutModel(card),
    })),
  );
}

/** What a card says, as far as it is one that this project wrote. */
function aboutModel({ clips, protocol, scores, date }: ModelCard) {
  const own = (scores as { ownSplit?: { accuracy?: { value?: unknown } } } | undefined)?.ownSplit;
  const accuracy = own?.accuracy?.value;
  return {
    clips: typeof clips === 'number' ? clips : '',
    accuracy: typeof accuracy === 'number' ? `${percent(accuracy)} %` : '',
    protocol: typeof protocol === 'string' ? protocol.replace(/ \(.*/, '') : '',
    date: typeof date === 'string' ? date : '',
  };
}

if (require.main === module) {
  runAsProgram(help, runModels);
}
