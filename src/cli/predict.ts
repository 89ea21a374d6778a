import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { channelByName, type ChannelChoice } from '../core/audio';
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
import { createEnvelope, type Envelope } from '../core/figures';
import {
  type Model,
  type PredictOptions,
  type Prediction,
  type RecordingPart,
  trainingCorpora,
} from '../core/prediction';
import { audioFileName, listFiles } from '../node/corpora';
import { loadEngine } from '../node/engine';
import { createPredictor, loadModel } from '../node/models';
import { type ChosenModel, modelByDefault, modelByName } from './models';
import { defineCommand } from './command';
import { flag, InvalidValue, number, option, type Parser, repeated, text, userPath } from './options';
import { displayPath } from './output';
import {
  checkOutputs,
  type FilePrediction,
  outputNames,
  segmentCells,
  segmentCsv,
  writeOutputs,
} from './predict-outputs';
import { runAsProgram, stopSignal } from './program';

/** A channel, or `each`. */
const channelOption: Parser<ChannelChoice | 'each'> = (value) => {
  const choice = value === 'each' ? value : channelByName(value);
  if (choice !== undefined) return choice;
  throw new InvalidValue('mix, left, right, each, or the number of a channel from 1', value);
};

export const predictCommand = defineCommand('npm run predict', {
  summary: 'Predict the emotion in recordings with a trained model.',
  details:
    'Recordings are WAV, AIFF, CAF, MP3, FLAC, Ogg, Opus or WebM files, and all others that ffmpeg reads if it is installed (such as M4A), 0.1 s to 2 hours long, up to 1 GB. Several channels are mixed, with a note if they differ. Without --model, the first model listed by npm run models is used: the newest finished run that scores above the published model under the same protocol, on the same recordings and test folds; otherwise the published model. A recording longer than a window is divided into segments without gap or overlap: an emotion, "unsure" below the threshold, or silence (pauses of at least 0.4 s). Existing files are not replaced without --overwrite.',
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
    channels: option(
      'NAME',
      'which channel to use if a recording has several: mix (the mean of all), left, right, a number from 1, or each separately, for example with one speaker per channel',
      channelOption,
      'mix',
    ),
    csv: option(
      'FILE',
      'write all segments as a CSV table with the probability of each class; - for stdout',
      text,
    ),
    labels: option(
      'PATH',
      'write the segments as a label track for Audacity; for a folder, several recordings or --channels each, one file each in the folder PATH',
      text,
    ),
    figure: option(
      'FILE',
      'draw waveform, segments and probabilities: FILE.html (one page for all recordings), FILE.png or FILE.svg (one file for each)',
      text,
    ),
    overwrite: flag('replace existing files'),
    json: flag(
      'print one JSON object with "model", "chosen" (the reason), "predictions", "failed" with the reasons, and "leftOut" with their counts',
    ),
  },
  run: async (
    { model: names, threshold, hop, channels, json, ...outputs },
    { args, info, print, progress, signal },
  ) => {
    const { files, failed } = await findFiles(args);
    const isEach = channels === 'each';
    // A folder may contain one recording today, and several tomorrow.
    const isSingle = !isEach && args.length === 1 && files[0] === args[0];
    checkOutputs({ ...outputs, json, isSingle, isEach }, files);
    const fileNames = outputNames(files);
    const chosen: ChosenModel[] = names.length === 0 ? [modelByDefault()] : names.map(modelByName);
    const folders = chosen.map(({ path }) => path);
    const engine = await loadEngine();
    const models: Model[] = [];
    for (const folder of folders) models.push(await loadModel(engine, folder));
    const predictor = createPredictor(models, engine);
    const model = folders.map(displayPath).join(', ');
    const results: FilePrediction[] = [];
    for (const [i, file] of files.entries()) {
      progress.update('predicting', i, files.length, 'files');
      const waveform = outputs.figure === undefined ? undefined : collectEnvelope();
      try {
        const options: PredictOptions = {
          ...{ threshold, hopSec: hop, signal, onPart: waveform?.onPart },
          onProgress: (doneSec, durationSec) => {
            if (durationSec < longSec) return;
            const label = `predicting ${printable(basename(file))}, seconds`;
            progress.update(label, Math.floor(doneSec), Math.ceil(durationSec), 'files');
          },
        };
        const path = userPath(file);
        const predictions = isEach
          ? await predictor.predictChannels(path, options)
          : [await predictor.predict(path, { ...options, channel: channels })];
        for (const prediction of predictions)
          results.push({
            ...{ file, name: fileNames[i], prediction },
            ...(waveform && { envelope: waveform.result(prediction.channel) }),
          });
      } catch (error) {
        if (signal?.aborted) throw error;
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
    if (outputs.csv === '-') {
      if (results.length > 0) print(segmentCsv(results, predictor.classes));
    } else if (json) {
      const predictions = results.map(({ file, prediction }) => ({ file, ...prediction }));
      print(
        JSON.stringify(
          { model, chosen: chosen.map(({ reason }) => reason), predictions, failed, leftOut },
          null,
          2,
        ),
      );
    } else if (results.length > 0) print(describe(results, chosen, models));
    const written = await writeOutputs(results, { ...outputs, isSingle, classes: predictor.classes });
    progress.stop();
    if (!json) {
      for (const path of written) (outputs.csv === '-' ? console.error : info)(`wrote ${displayPath(path)}`);
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

/** Longer recordings have a progress bar of their own. */
const longSec = 60;

/** Collects the waveform for a figure while a recording is read. */
function collectEnvelope(): {
  onPart: (part: RecordingPart) => void;
  result: (channel?: string) => Envelope;
} {
  const envelopes = new Map<string | undefined, ReturnType<typeof createEnvelope>>();
  return {
    onPart: ({ samples, frames, sampleRate, channel }) => {
      const envelope = envelopes.get(channel) ?? createEnvelope(frames, sampleRate);
      envelopes.set(channel, envelope);
      envelope.add(samples);
    },
    result: (channel) => envelopes.get(channel)!.result(),
  };
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
      for (const path of found) files.push(join(name, path));
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
  const nameOf = ({ file, prediction: { channel } }: Pick<FilePrediction, 'file' | 'prediction'>): string =>
    printable(file) + (channel === undefined ? '' : ` (${channel})`);
  const lines = results.flatMap(({ file, prediction }) => [
    [
      nameOf({ file, prediction }),
      `${prediction.durationSec.toFixed(1)} s`,
      prediction.abstained ? `unsure (${prediction.emotion})` : prediction.emotion,
      ...prediction.probabilities
        .slice(0, 3)
        .map(({ emotion, probability }, i) =>
          i === 0 ? formatPercent(probability) : `${emotion} ${formatPercent(probability)}`,
        ),
    ],
    ...segmentLines(prediction),
  ]);
  const notes = results.flatMap((result) =>
    [result.prediction.reason ?? [], result.prediction.notes]
      .flat()
      .map((note) => `${nameOf(result)}: ${printable(note)}`),
  );
  return [
    modelLine(results, chosen, models),
    `scored under: ${protocolText(first)}`,
    '',
    textTable([['file', 'length', 'emotion', '', 'next', ''], ...lines], [0, 2, 4, 5]),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n');
}

/** Maximum number of segments that are printed for a recording. */
const maxSegments = 40;

/** The segments of a recording with several windows, as lines of the table. */
function segmentLines({ timeline, segments }: Prediction): string[][] {
  if (timeline.length === 1) return [];
  const lines = segments.slice(0, maxSegments).map((segment) => {
    const [start, end, label, probability] = segmentCells(segment);
    const next = segment.probabilities
      .slice(1, 3)
      .map((one) => `${one.emotion} ${formatPercent(one.probability)}`);
    const best = probability === '' ? '' : formatPercent(segment.probabilities[0].probability);
    return [`  ${start} to ${end} s`, '', label, best, ...next];
  });
  const more = segments.length - maxSegments;
  if (more > 0) lines.push([`  … ${formatCount(more)} more segments: --csv, --labels or --json`]);
  return lines;
}

if (require.main === module) {
  runAsProgram(runPredict, { signal: stopSignal() });
}
