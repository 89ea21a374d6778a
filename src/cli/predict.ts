import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatCount,
  formatLeftOut,
  formatPercent,
  InvalidArgumentError,
  InvalidFileError,
  leftOutOf,
  messageOf,
  printable,
  textTable,
} from '../core/base';
import { protocolText } from '../core/evaluation';
import { type Model, type Prediction, trainingCorpora } from '../core/prediction';
import { audioFileName, listFiles } from '../node/corpora';
import { loadEngine } from '../node/engine';
import { createPredictor, loadModel } from '../node/models';
import { type ChosenModel, modelByDefault, modelByName } from './choose-model';
import { defineCommand } from './command';
import { flag, number, option, repeated, userPath } from './options';
import { displayPath } from './output';
import { runAsProgram } from './program';

export const predictCommand = defineCommand('npm run predict', {
  summary: 'Predict the emotion in recordings with a trained model.',
  details:
    'Recordings are WAV or AIFF files, 0.1 s to 2 hours long, up to 1 GB. Without --model, the first model listed by npm run models is used: the newest finished run that scores above the published model under the same protocol, on the same recordings and test folds; otherwise the published model.',
  arguments: { '<FILE...>': { help: 'recordings, or folders that contain them' } },
  options: {
    model: repeated(
      'DIR',
      'model folder, or the name of a published model or a run; several models are averaged',
    ),
    threshold: option(
      'P',
      'report "unsure" below this probability, 0 to 1; default: the value saved with the model',
      number,
    ),
    hop: option('SEC', 'in long recordings, time between windows in seconds; default: half a window', number),
    json: flag(
      'print one JSON object with "model", "chosen" (the reason), "predictions", "failed" with the reasons, and "leftOut" with their counts',
    ),
  },
  run: async ({ model: names, threshold, hop, json }, { args, print, progress }) => {
    const chosen = names.length === 0 ? [modelByDefault()] : names.map(modelByName);
    const folders = chosen.map(({ path }) => path);
    const engine = await loadEngine();
    const models: Model[] = [];
    for (const folder of folders) models.push(await loadModel(engine, folder));
    const predictor = createPredictor(models, engine);
    const model = folders.map(displayPath).join(', ');
    const { files, failed } = await findFiles(args);
    const results: FilePrediction[] = [];
    for (const [i, file] of files.entries()) {
      progress.update('predicting', i, files.length, 'files');
      try {
        const prediction = await predictor.predict(userPath(file), { threshold, hopSec: hop });
        results.push({ file, prediction });
      } catch (error) {
        // An invalid option fails for every file: report it once.
        if (error instanceof InvalidArgumentError && /^(threshold|hopSec)$/.test(error.parameter))
          throw error;
        failed.push({ file, reason: error instanceof InvalidFileError ? error.reason : messageOf(error) });
      }
    }
    const leftOut = leftOutOf(
      'recordings not predicted',
      failed.map(({ file, reason }) => ({ name: file, reason })),
    );
    if (json) {
      const predictions = results.map(({ file, prediction }) => ({ file, ...prediction }));
      print(
        JSON.stringify(
          { model, chosen: chosen.map(({ reason }) => reason), predictions, failed, leftOut },
          null,
          2,
        ),
      );
    } else {
      if (results.length > 0) print(describe(results, chosen, models));
      progress.stop();
      for (const { file, reason } of failed.slice(0, maxFailures))
        console.error(`${printable(file)}: ${printable(reason)}`);
      if (failed.length > maxFailures)
        console.error(`… and ${formatCount(failed.length - maxFailures)} more, listed with --json`);
      for (const line of formatLeftOut(leftOut)) console.error(line);
    }
    return failed.length > 0 ? 1 : 0;
  },
});
export const runPredict = predictCommand.run;

interface FilePrediction {
  /** as the user wrote it, or found in a folder */
  file: string;
  prediction: Prediction;
}

/** Maximum number of failed recordings that are printed. */
const maxFailures = 10;

interface Failure {
  file: string;
  reason: string;
}

/** Replaces each folder by the audio files in it. */
async function findFiles(names: readonly string[]): Promise<{ files: string[]; failed: Failure[] }> {
  const files: string[] = [];
  const failed: Failure[] = [];
  for (const name of names) {
    const place = userPath(name);
    if (!existsSync(place) || !statSync(place).isDirectory()) files.push(name);
    else {
      const found = await listFiles(place, audioFileName, {
        onProblem: (path, reason) => failed.push({ file: join(name, path), reason }),
      });
      if (found.length === 0) failed.push({ file: name, reason: 'no audio file in this folder' });
      files.push(...found.map((path) => join(name, path)));
    }
  }
  return { files, failed };
}

/** One line with the models, their training corpora, their scores and the reason for the choice. */
function modelLine(
  results: readonly FilePrediction[],
  chosen: readonly ChosenModel[],
  models: readonly Model[],
): string {
  const corpora = models.map(({ card }) => trainingCorpora(card));
  const clips = Math.max(...corpora.map((own) => own.reduce((sum, { clips: count }) => sum + count, 0)));
  const [{ prediction }] = results;
  const scores = chosen.flatMap(({ score }) => score ?? []);
  return [
    `model: ${printable(prediction.model)} (${clips > 0 ? `${formatCount(clips)} clips; ` : ''}${chosen.map(({ path }) => printable(displayPath(path))).join(', ')})`,
    ...(scores.length > 0 ? [printable(scores.join(', '))] : []),
    printable([...new Set(chosen.map(({ reason }) => reason))].join(', ')),
  ].join('; ');
}

function describe(
  results: readonly FilePrediction[],
  chosen: readonly ChosenModel[],
  models: readonly Model[],
): string {
  const [{ prediction: first }] = results;
  const lines = results.flatMap(({ file, prediction }) => [
    [
      printable(file),
      `${prediction.durationSec.toFixed(1)} s`,
      prediction.abstained ? `unsure (${prediction.emotion})` : prediction.emotion,
      ...prediction.probabilities
        .slice(0, 3)
        .map(({ emotion, probability }, i) =>
          i === 0 ? formatPercent(probability) : `${emotion} ${formatPercent(probability)}`,
        ),
    ],
    ...spans(prediction).map((span) => [`  ${span}`]),
  ]);
  const notes = results.flatMap(({ file, prediction: { reason, notes } }) =>
    [reason ?? [], notes].flat().map((note) => `${printable(file)}: ${note}`),
  );
  return [
    modelLine(results, chosen, models),
    `scored under: ${protocolText(first)}`,
    '',
    textTable([['file', 'length', 'emotion', '', 'next', ''], ...lines], [0, 2, 4, 5]),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n');
}

/** The timeline of a recording with several windows; neighbours with the same emotion are merged. */
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

if (require.main === module) {
  runAsProgram(runPredict);
}
