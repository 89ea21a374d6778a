import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatCount,
  formatPercent,
  InvalidArgumentError,
  InvalidFileError,
  messageOf,
  textTable,
} from '../core/base';
import { protocolText } from '../core/evaluation';
import type { Prediction } from '../core/prediction';
import { listFiles } from '../node/corpora';
import { loadEngine } from '../node/engine';
import { paths } from '../node/files';
import { createPredictor, loadModel, newestModel } from '../node/models';
import { defineCommand, runAsProgram } from './command';
import { flag, number, option, repeated, userPath } from './options';
import { displayPath } from './output';

export const predictCommand = defineCommand('npm run predict', {
  summary: 'Predict the emotion in recordings with a trained model.',
  details:
    'Recordings are WAV or AIFF files, 0.1 s to 2 hours long, up to 1 GB. Without --model, the first model listed by npm run models is used: models in runs/ come first (newest first), then published models in data/models/, then models trained only on the synthetic demo.',
  arguments: { '<FILE...>': { help: 'recordings, or folders that contain them' } },
  options: {
    model: repeated('DIR', 'model folder, or the name of a published model; several models are averaged'),
    threshold: option(
      'P',
      'report "unsure" below this probability, 0 to 1; default: the value saved with the model',
      number,
    ),
    hop: option('SEC', 'in long recordings, time between windows in seconds; default: half a window', number),
    json: flag('print one JSON object with "predictions", and "failed" with the reasons'),
  },
  run: async ({ model: names, threshold, hop, json }, { args, print, progress }) => {
    const engine = await loadEngine();
    const folders = names.length === 0 ? [newestModel()] : names.map(folderOf);
    const models: Awaited<ReturnType<typeof loadModel>>[] = [];
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
        if (error instanceof InvalidArgumentError) throw error;
        failed.push({ file, reason: error instanceof InvalidFileError ? error.reason : messageOf(error) });
      }
    }
    if (json) {
      const predictions = results.map(({ file, prediction }) => ({ file, ...prediction }));
      print(JSON.stringify({ model, predictions, failed }, null, 2));
    } else {
      if (results.length > 0) print(describe(results, model, models[0].card.corpora));
      progress.stop();
      for (const { file, reason } of failed) console.error(`${file}: ${reason}`);
      if (failed.length > 0) console.error(`${failed.length} of ${results.length + failed.length} failed`);
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
      const found = await listFiles(place, /\.(wav|wave|aiff?|aifc)$/i, {
        onProblem: (path, reason) => failed.push({ file: join(name, path), reason }),
      });
      if (found.length === 0) failed.push({ file: name, reason: 'no WAV or AIFF file in this folder' });
      files.push(...found.map((path) => join(name, path)));
    }
  }
  return { files, failed };
}

/** The folder of a model that is given by its path or, if it is published, by its name. */
function folderOf(model: string): string {
  const given = userPath(model);
  const published = join(paths.models, model);
  return !existsSync(given) && existsSync(published) ? published : given;
}

/**
 * @param folders - the model folders, for the heading
 * @param corpora - number of training clips of each corpus
 */
function describe(
  results: readonly FilePrediction[],
  folders: string,
  corpora: Readonly<Record<string, number>> = {},
): string {
  const clips = Object.values(corpora).reduce((sum, count) => sum + count, 0);
  const [{ prediction: first }] = results;
  const lines = results.flatMap(({ file, prediction }) => [
    [
      file,
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
    [reason ?? [], notes].flat().map((note) => `${file}: ${note}`),
  );
  return [
    `model: ${first.model} (${clips > 0 ? `${formatCount(clips)} clips; ` : ''}${folders})`,
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
