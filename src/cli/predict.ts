import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, InvalidFileError, messageOf, textTable } from '../core/base';
import { protocolText } from '../core/evaluation';
import { type Prediction } from '../core/prediction';
import { listFiles } from '../node/corpora';
import { loadEngine } from '../node/engine';
import { paths } from '../node/files';
import { createPredictor, loadModel, newestModel } from '../node/models';
import { fromHere, shown } from './from-here';
import { runAsProgram } from './run-as-program';
import { terminalProgress } from './terminal-progress';
import { parseOptions, sayFailure, UsageError } from './usage-error';

const help = `npm run predict -- FILE… [--model DIR …] [--json] [--threshold P] [--hop SEC]

  which emotion a trained model hears in recordings: WAV or AIFF files, 0.1 s to 2 hours, up to 1 GB, or folders of them

  --model DIR      a bundle, or the name of one in data/models/; default the first that \`npm run models\` lists: the newest below
                   runs/, then those that come with the project in data/models/, and last what heard only the synthetic demo;
                   given more than once, they answer as one, by the mean of their probabilities
  --threshold P    least probability of an answer, 0 to 1; default the bundle's own suggestion
  --hop SEC        in a recording longer than a window, from one window to the next; default half a window
  --json           one object: predictions, and failed with the reason of each`;

interface Answer {
  /** as it was named, or found in a folder that was */
  file: string;
  prediction: Prediction;
}

interface Failure {
  file: string;
  reason: string;
}

/** Runs one command. @returns the exit code: 0, 1 when a file could not be used, 2 for a wrong call */
export async function runPredict(args: readonly string[]): Promise<number> {
  const progress = terminalProgress();
  try {
    const { names, models, json, threshold, hopSec } = parse(args);
    const engine = await loadEngine();
    const folders = models.length === 0 ? [newestModel()] : models.map(folderOf);
    const bundles: Awaited<ReturnType<typeof loadModel>>[] = [];
    for (const folder of folders) bundles.push(await loadModel(engine, folder));
    const predictor = createPredictor(bundles, engine);
    const model = folders.map(shown).join(', ');
    const { files, failed } = await findFiles(names);
    const answers: Answer[] = [];
    for (const [i, file] of files.entries()) {
      progress.update('listening', i, files.length, 'files');
      try {
        answers.push({ file, prediction: await predictor.predict(fromHere(file), { threshold, hopSec }) });
      } catch (error) {
        // A mistake in an option is one for every file.
        if (error instanceof InvalidArgumentError) throw error;
        failed.push({ file, reason: error instanceof InvalidFileError ? error.reason : messageOf(error) });
      }
    }
    progress.stop();
    if (json) {
      const predictions = answers.map(({ file, prediction }) => ({ file, ...prediction }));
      console.log(JSON.stringify({ model, predictions, failed }, null, 2));
    } else {
      if (answers.length > 0) console.log(describe(answers, model, bundles[0].card.corpora));
      for (const { file, reason } of failed) console.error(`${file}: ${reason}`);
      if (failed.length > 0) console.error(`${failed.length} of ${answers.length + failed.length} failed`);
    }
    return failed.length > 0 ? 1 : 0;
  } catch (error) {
    progress.stop();
    return sayFailure(error, help);
  }
}

function parse(args: readonly string[]) {
  const { positionals: names, values } = parseOptions(args, {
    allowPositionals: true,
    options: {
      model: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      threshold: { type: 'string' },
      hop: { type: 'string' },
    },
  });
  if (names.length === 0) throw new UsageError('which recordings?');
  const { model: models, json, threshold, hop } = values;
  return {
    names,
    models,
    json,
    threshold: numberOf('--threshold', threshold),
    hopSec: numberOf('--hop', hop),
  };
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isNaN(value)) throw new UsageError(`${option} must be a number, got ${JSON.stringify(text)}`);
  return value;
}

/** The files named, and in place of a folder the audio files below it. */
async function findFiles(names: readonly string[]): Promise<{ files: string[]; failed: Failure[] }> {
  const files: string[] = [];
  const failed: Failure[] = [];
  for (const name of names) {
    const place = fromHere(name);
    if (!existsSync(place) || !statSync(place).isDirectory()) files.push(name);
    else {
      const found = await listFiles(place, /\.(wav|wave|aiff?|aifc)$/i);
      if (found.length === 0)
        failed.push({ file: name, reason: 'there is no WAV or AIFF file in this folder' });
      files.push(...found.map((path) => join(name, path)));
    }
  }
  return { files, failed };
}

/** A model's folder, or that of a published one by its name. */
function folderOf(model: string): string {
  const given = fromHere(model);
  const published = join(paths.models, model);
  return !existsSync(given) && existsSync(published) ? published : given;
}

/**
 * @param folders - of the model, or of several as one
 * @param corpora - clips that the first of them knows, by corpus
 */
function describe(
  answers: readonly Answer[],
  folders: string,
  corpora: Readonly<Record<string, number>> = {},
): string {
  const clips = Object.values(corpora).reduce((sum, count) => sum + count, 0);
  const [{ prediction: first }] = answers;
  const lines = answers.flatMap(({ file, prediction }) => [
    [
      file,
      `${prediction.durationSec.toFixed(1)} s`,
      prediction.abstained ? `unsure (${prediction.emotion})` : prediction.emotion,
      ...prediction.probabilities
        .slice(0, 3)
        .map(({ emotion, probability }, i) =>
          i === 0 ? percent(probability) : `${emotion} ${percent(probability)}`,
        ),
    ],
    ...spans(prediction).map((span) => [`  ${span}`]),
  ]);
  const notes = answers.flatMap(({ file, prediction: { reason, notes } }) =>
    [reason ?? [], notes].flat().map((note) => `${file}: ${note}`),
  );
  return [
    `model: ${first.model} (${clips > 0 ? `${clips.toLocaleString('en-US')} clips; ` : ''}${folders})`,
    `scored under: ${protocolText(first)}`,
    '',
    textTable([['file', 'length', 'emotion', '', 'else', ''], ...lines], [0, 2, 4, 5]),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n');
}

/** What is heard when in a recording of several windows: neighbours with the same answer are one. */
function spans({ timeline }: Prediction): string[] {
  if (timeline.length === 1) return [];
  const merged: { startSec: number; endSec: number; emotion: string }[] = [];
  for (const { startSec, endSec, emotion } of timeline) {
    const last = merged.at(-1);
    if (last?.emotion === emotion && startSec <= last.endSec) last.endSec = endSec;
    else merged.push({ startSec, endSec, emotion });
  }
  return merged.map(
    ({ startSec, endSec, emotion }) => `${startSec.toFixed(1)} to ${endSec.toFixed(1)} s: ${emotion}`,
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

if (require.main === module) {
  runAsProgram(help, runPredict);
}
