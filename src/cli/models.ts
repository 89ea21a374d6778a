import { existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { formatCount, nearestName, printable, WorkbenchError } from '../core/base';
import { scoreText } from '../core/evaluation';
import { paths } from '../node/files';
import {
  defaultModel,
  exportOnnx,
  findModels,
  type FoundModel,
  modelOfRun,
  modelScoreText,
  onnxInputs,
  publishModel,
} from '../node/models';
import { findRun } from '../node/runs';
import { type CommandTools, defineCommands, subcommand } from './command';
import { oneOf, option, text, userPath } from './options';
import { displayPath, readRecords, recordTable } from './output';
import { runAsProgram } from './program';

/** Replaced in tests. */
export interface ModelsContext {
  runs?: string;
  models?: string;
}

export const modelsCommand = defineCommands<ModelsContext>('npm run models', {
  summary: 'List trained models, publish one, or export one to ONNX.',
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
    export: subcommand({
      summary:
        'Export a network or an ensemble to ONNX: a recording in, calibrated probabilities out, with a model card and example programs.',
      arguments: { '<MODEL>': { help: 'folder of a model, name of a published model or of a run' } },
      options: {
        onnx: {
          ...option('DIR', 'folder to write; an earlier export in it is replaced', userPath),
          isRequired: true,
        },
        input: option(
          'INPUT',
          `what the file reads: ${onnxInputs.join(' or ')}; default: waveform if all features can be computed in ONNX`,
          oneOf(onnxInputs),
        ),
      },
      run: ({ onnx, input }, { args: [name], print }: CommandTools) => {
        const { path } = chooseModel(name, 'MODEL');
        const { bytes, classes, sampleRate, ...made } = exportOnnx(path, onnx, { input });
        const reads = made.input === 'waveform' ? `mono audio at ${formatCount(sampleRate)} Hz` : 'features';
        print(`${displayPath(onnx)}/model.onnx: ${(bytes / 1e6).toFixed(2)} MB, from ${displayPath(path)}`);
        print(`reads ${reads}, returns the probabilities of ${classes.join(', ')}`);
        print('read its README.md for the use, the scores and the licences of the training data');
        return 0;
      },
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

/** A model to predict with, and why. */
export interface ChosenModel {
  path: string;
  reason: string;
  /** `UAR 54.2 % [49.0, 61.9] under speakers`, if its card has a score */
  score?: string;
}

/** The first model that `npm run models` lists. */
export function modelByDefault(): ChosenModel {
  const model = defaultModel();
  return { path: model.path, reason: model.reason, score: modelScoreText(model) };
}

/**
 * Finds the model for `--model`: a folder, or the name of a published model or a run.
 *
 * @throws WorkbenchError if there is none, or the folder contains several
 */
export const modelByName = (name: string): ChosenModel => chooseModel(name, '--model');

/** @param origin - the option or argument that names the model, for messages */
function chooseModel(name: string, origin: string): ChosenModel {
  const reason = `chosen with ${origin}`;
  const given = userPath(name);
  const found = findModels();
  const isSame = (folder: string) => (model: FoundModel) => resolve(model.path) === resolve(folder);
  const known =
    found.find(isSame(given)) ??
    found.find(isSame(join(paths.models, name))) ??
    // For a run with several splits, use the first: the choice must not depend on the scores.
    found.find(({ run }) => run !== undefined && run === name.replace(/\.json$/, ''));
  if (known) return { path: known.path, reason, score: modelScoreText(known) };
  const below = existsSync(given) ? findModels([given]) : [];
  if (below.length === 1 || (below.length > 0 && resolve(below[0].path) === resolve(given)))
    return { path: below[0].path, reason, score: modelScoreText(below[0]) };
  if (below.length > 1) {
    const names = below.map(({ path }) => relative(given, path)).join(', ');
    throw new WorkbenchError(
      `${origin} ${printable(name)}: this folder contains several models; choose one of ${names}`,
    );
  }
  if (existsSync(given)) return { path: given, reason }; // loading it reports what is missing
  const names = found.flatMap(({ path, origin, run }) => [
    displayPath(path),
    ...(origin === 'published' ? [basename(path)] : []),
    ...(run === undefined ? [] : [run]),
  ]);
  const nearest = nearestName(name, [...new Set(names)]);
  throw new WorkbenchError(
    `${origin} ${printable(name)}: there is no such folder, published model or run; ` +
      (nearest === undefined ? 'npm run models lists them' : `did you mean ${printable(nearest)}?`),
  );
}
