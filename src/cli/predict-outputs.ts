import { statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import {
  csvCell,
  type Emotion,
  fileNamePart,
  formatPercent,
  InvalidArgumentError,
  printable,
  uniqueName,
  withoutFormula,
  WorkbenchError,
} from '../core/base';
import { emotionTimelineFigure, type Envelope } from '../core/figures';
import type { Prediction, Segment } from '../core/prediction';
import { saveFigure } from '../node/drawing';
import { writeFileAtomic } from '../node/files';
import { renderFigurePage } from '../notebook';
import { UsageError } from './command';
import { userPath } from './options';

/** The prediction for a recording, or for one of its channels. */
export interface FilePrediction {
  /** as the user wrote it, or found in a folder */
  file: string;
  /** name of the recording's outputs, from {@link outputNames} */
  name: string;
  prediction: Prediction;
  /** for the figure */
  envelope?: Envelope;
}

/** Where `npm run predict` writes segments, besides the terminal. Paths as the user wrote them. */
export interface OutputOptions {
  /** `-` for stdout */
  csv?: string;
  labels?: string;
  figure?: string;
  overwrite: boolean;
  /** one recording and none of its channels separately, so that labels and picture are written to the given paths themselves */
  isSingle: boolean;
}

const figureTypes = ['.html', '.png', '.svg'];

/**
 * Checks the outputs before anything is predicted.
 *
 * @param files - the recordings
 * @throws {@link UsageError} if the kind of figure is unknown, two outputs have the same path or would go to stdout, or one would
 *   replace a recording
 * @throws {@link WorkbenchError} if a file exists and may not be replaced, or cannot be created because its folder is a file
 */
export function checkOutputs(
  options: OutputOptions & { json: boolean; isEach: boolean },
  files: readonly string[],
): void {
  const { csv, figure, json } = options;
  if (csv === '-' && json)
    throw new UsageError('--csv - and --json both write to stdout: choose a file for --csv');
  if (figure !== undefined && !figureTypes.includes(extname(figure).toLowerCase()))
    throw new UsageError(
      `--figure must be a file name that ends in .html, .png or .svg, got ${JSON.stringify(figure)}`,
    );
  const names = outputNames(files).flatMap((name) =>
    options.isEach ? usualChannels.map((channel) => nameOf({ name, channel })) : name,
  );
  const paths = {
    '--csv': csv === undefined || csv === '-' ? [] : [userPath(csv)],
    '--labels': labelPaths(names, options),
    '--figure': figurePaths(names, options),
  };
  const taken = new Map(files.map((file) => [userPath(file), 'a recording']));
  for (const [option, some] of Object.entries(paths))
    for (const path of some) {
      const other = taken.get(path);
      if (other !== undefined)
        throw new UsageError(
          `${option} and ${other} are the same file, ${printable(path)}: choose another name`,
        );
      taken.set(path, option);
      checkAbsent(path, option, options);
    }
}

/** The channels of a recording whose number of channels is not yet known. */
const usualChannels = ['left', 'right', ...Array.from({ length: 8 }, (_, index) => `${index + 1}`)];

/**
 * Writes the predictions to the chosen files. Each is written completely or not at all; without predictions, none is written.
 *
 * @param options.classes - in the order of the columns
 * @returns the paths written
 * @throws {@link WorkbenchError} if a file exists and may not be replaced
 */
export async function writeOutputs(
  results: readonly FilePrediction[],
  { classes, ...options }: OutputOptions & { classes: readonly Emotion[] },
): Promise<string[]> {
  const written: string[] = [];
  if (results.length === 0) return written;
  const write = async (option: string, path: string, content: string): Promise<void> => {
    checkAbsent(path, option, options);
    await writeFileAtomic(path, content);
    written.push(path);
  };
  const { csv, figure } = options;
  if (csv !== undefined && csv !== '-')
    await write('--csv', userPath(csv), `${segmentCsv(results, classes)}\n`);
  const names = results.map(({ name, prediction: { channel } }) => nameOf({ name, channel }));
  for (const [i, path] of labelPaths(names, options).entries())
    await write('--labels', path, labelTrack(results[i].prediction.segments));
  if (figure === undefined) return written;

  const figures = results.map(({ file, prediction, envelope }) => {
    const { channel } = prediction;
    const source = basename(file) + (channel === undefined ? '' : `, channel ${channel}`);
    return {
      heading: source,
      figure: emotionTimelineFigure(prediction, { source, ...(envelope && { waveform: envelope }) }),
      table: [['start (s)', 'end (s)', 'emotion', 'probability'], ...prediction.segments.map(segmentCells)],
    };
  });
  const paths = figurePaths(names, options);
  if (isPage(figure)) {
    const [{ prediction: first }] = results;
    const note = `Predicted by the Speech Emotion Workbench with the model ${first.model}, scored under ${first.protocolLabel}. Trained on acted emotions: do not use it to judge people.`;
    await write('--figure', paths[0], await renderFigurePage(figures, { title: 'Emotions over time', note }));
  } else {
    for (const [i, path] of paths.entries()) {
      checkAbsent(path, '--figure', options);
      written.push(...(await saveFigure(figures[i].figure, path, { scale: 2 })));
    }
  }
  return written;
}

/** Segments as CSV: a row for each segment, with the probability of each class; empty in silence. */
export function segmentCsv(results: readonly FilePrediction[], classes: readonly Emotion[]): string {
  const rows = results.flatMap(({ file, prediction: { channel = 'mix', segments } }) =>
    segments.map(({ startSec, endSec, label, probabilities }) => [
      csvCell(withoutFormula(file)),
      channel,
      startSec.toFixed(3),
      endSec.toFixed(3),
      label,
      ...classes.map(
        (name) => probabilities.find(({ emotion }) => emotion === name)?.probability.toFixed(4) ?? '',
      ),
    ]),
  );
  return [['file', 'channel', 'start_sec', 'end_sec', 'emotion', ...classes], ...rows]
    .map((row) => row.join(','))
    .join('\n');
}

/**
 * Segments as a label track of Audacity (File > Import > Labels): start, end and text in each line, separated by tabs.
 *
 * @see https://manual.audacityteam.org/man/importing_and_exporting_labels.html
 */
export function labelTrack(segments: readonly Segment[]): string {
  return segments
    .map((segment) => {
      const [, , label, probability] = segmentCells(segment);
      const times = [segment.startSec, segment.endSec].map((sec) => sec.toFixed(6));
      return `${[...times, `${label} ${probability}`.trim()].join('\t')}\n`;
    })
    .join('');
}

/** Start, end, emotion and probability as text: `0.0`, `3.5`, `unsure (sad)`, `31 %`. */
export function segmentCells({ startSec, endSec, label, probabilities: [first] }: Segment): string[] {
  return [
    startSec.toFixed(1),
    endSec.toFixed(1),
    label === 'unsure' ? `unsure (${first.emotion})` : label,
    label === 'silence' ? '' : formatPercent(first.probability, 0),
  ];
}

/** A name for the outputs of each recording: its file name without extension, safe on all systems, and with a number if necessary. */
export function outputNames(files: readonly string[]): string[] {
  const taken = new Set<string>();
  return files.map((file) =>
    uniqueName(fileNamePart(basename(file, extname(file)), { fallback: 'recording' }), taken),
  );
}

const nameOf = ({ name, channel }: { name: string; channel?: string }): string =>
  channel === undefined ? name : `${name}-${channel}`;

/** One label file per prediction: the path itself for a single one, otherwise files in this folder. */
function labelPaths(names: readonly string[], { labels, isSingle }: OutputOptions): string[] {
  if (labels === undefined) return [];
  const target = userPath(labels);
  const isFolder = /[\\/]$/.test(labels) || statSync(target, { throwIfNoEntry: false })?.isDirectory();
  return isSingle && !isFolder ? [target] : names.map((name) => join(target, `${name}.labels.txt`));
}

/** One page for all predictions, or one picture per prediction with the name of the recording before the extension. */
function figurePaths(names: readonly string[], { figure, isSingle }: OutputOptions): string[] {
  if (figure === undefined) return [];
  const target = userPath(figure);
  if (isSingle || isPage(figure)) return [target];
  const extension = extname(target);
  return names.map((name) => `${target.slice(0, -extension.length)}-${name}${extension}`);
}

const isPage = (path: string): boolean => extname(path).toLowerCase() === '.html';

function checkAbsent(path: string, option: string, { overwrite }: OutputOptions): void {
  // Also fails if a part of the path is a file.
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new InvalidArgumentError(option, 'a file', path, 'it is a folder');
  if (found && !overwrite)
    throw new WorkbenchError(`${printable(path)} exists; choose another name, or add --overwrite`);
}
