import { basename } from 'node:path';
import { formatCount, WorkbenchError } from '../core/base';
import { parseSettings, settingsFromEnvironment } from '../core/config';
import { formatTrainingAudit, type LabelMap } from '../core/dataset';
import {
  caveatsOf,
  comparePredictions,
  formatPredictionComparison,
  formatPredictionScores,
  type NamedPredictions,
  type Predictions,
  type PredictionScores,
  scorePredictions,
  type SliceName,
} from '../core/evaluation';
import { disposeModel } from '../core/prediction';
import { chooseCorpora } from '../node/corpora';
import { loadEngine } from '../node/engine';
import { evaluateModel, readPredictions } from '../node/experiment';
import { formatFor, tableFormats, writeTable } from '../node/files';
import { loadModel } from '../node/models';
import { predictionsTable, type RunPredictions } from '../node/runs';
import { type CommandTools, UsageError } from './command';
import { modelByName } from './models';
import { listOf, text, userPath } from './options';
import { displayPath, readCorpora, requireNewFile, toJson } from './output';

/** Options of the modes without training. */
interface ScoreOptions {
  corpora?: readonly string[];
  set: readonly string[];
  trainingList?: readonly string[];
  slices?: readonly SliceName[];
  save: boolean;
  json: boolean;
  /** file for the predictions */
  output?: string;
}

/** The scores of one model or file. */
type Scored = NamedPredictions & { scores: PredictionScores; source: string };

/** The models of `--model A,B --model C`. */
export const modelNames = (values: readonly string[]): string[] => [...new Set(values.flatMap(listOf(text)))];

/** `npm run evaluate -- --model NAME`: scores trained models on labelled clips. */
export async function scoreModels(
  names: readonly string[],
  { corpora: test, set, slices, save, json, output }: ScoreOptions,
  { info, print, progress, signal }: CommandTools,
): Promise<number> {
  if (save) throw new UsageError('--save needs training: with --model, use --json');
  if (output !== undefined && names.length > 1) throw new UsageError('--output needs one model');
  const format = output === undefined ? undefined : formatFor(output, tableFormats);
  if (output !== undefined) requireNewFile(output);
  const labels = labelSetting(set);
  const models = names.map((name) => ({ name, ...modelByName(name) }));
  const corpora = await readCorpora(progress, signal);
  const engine = await loadEngine();
  const scored: Scored[] = [];
  for (const { name, path, reason } of models) {
    info(`model: ${displayPath(path)} (${reason})`);
    const model = await loadModel(engine, path);
    try {
      const { predictions, overlap, scores, source } = await evaluateModel(model, engine, {
        corpora,
        test,
        labels,
        slices,
        signal,
        onProgress: (step, done, total) => {
          progress.update(step === 'predicting' ? step : 'near duplicates', done, total, 'clips');
        },
      });
      progress.stop();
      scored.push({ name, predictions, overlap, scores, source });
      info(`${scoredText(scored[scored.length - 1])}\n`);
      if (output !== undefined) {
        const rows = await writeTable(output, predictionsTable(storable(predictions)), format!);
        info(`${displayPath(output)}: ${formatCount(rows)} rows`);
      }
    } finally {
      disposeModel(model);
    }
  }
  printResults(scored, { print, info, json });
  return 0;
}

/** The probabilities of a saved model are calibrated already. */
const storable = (predictions: Predictions): RunPredictions => ({
  ...predictions,
  calibrated: predictions.probabilities,
  temperatures: [],
  versionOf: predictions.clips.map(() => 'original'),
});

/** The label map of `--set labels=…`; no other setting has an effect without training. */
function labelSetting(set: readonly string[]): LabelMap | null | undefined {
  const settings: Record<string, unknown> = parseSettings(set);
  const other = Object.keys(settings).find((name) => name !== 'labels');
  if (other !== undefined) throw new UsageError(`--set ${other}: with --model, only labels can be set`);
  const { labels } = { ...settingsFromEnvironment(process.env), ...settings };
  return labels as LabelMap | null | undefined;
}

/** `npm run evaluate -- --predictions FILE`: scores predictions of other programs. */
export async function scoreFiles(
  files: readonly string[],
  { corpora: names, trainingList = [], slices, save, json }: ScoreOptions,
  { info, print, progress, signal }: CommandTools,
): Promise<number> {
  if (save) throw new UsageError('--save needs training: with --predictions, use --json');
  if (trainingList.length > 1 && trainingList.length !== files.length)
    throw new UsageError(
      `--training-list needs one file, or one for each of the ${files.length} files of predictions`,
    );
  const corpora = names && chooseCorpora(await readCorpora(progress, signal), names);
  const scored: Scored[] = [];
  for (const [i, file] of files.entries()) {
    const list = trainingList.length > 1 ? trainingList[i] : trainingList.at(0);
    const { predictions, overlap } = await readPredictions(userPath(file), {
      trainingList: list === undefined ? undefined : userPath(list),
      corpora,
      signal,
    });
    const scores = scorePredictions(predictions, { overlap, slices });
    const name = files.length > new Set(files.map((one) => basename(one))).size ? file : basename(file);
    scored.push({ name, predictions, overlap, scores, source: displayPath(userPath(file)) });
    info(`${scoredText(scored[i])}\n`);
  }
  printResults(scored, { print, info, json });
  return 0;
}

function scoredText({ predictions, overlap, scores, source }: Scored): string {
  const isExternal = predictions.protocol === 'external';
  const audit = overlap
    ? formatTrainingAudit(overlap.audit)
    : 'training data: unknown; list the training clips with --training-list to audit the split';
  return [
    isExternal ? `predictions: ${source}` : `clips: ${source}`,
    audit,
    '',
    formatPredictionScores(scores),
  ].join('\n');
}

/** Prints the comparison of several models or files, or everything as JSON. */
function printResults(
  scored: readonly Scored[],
  { print, info, json }: Pick<CommandTools, 'print' | 'info'> & { json: boolean },
): void {
  let comparison: ReturnType<typeof comparePredictions> | undefined;
  let problem: string | undefined;
  if (scored.length > 1) {
    try {
      comparison = comparePredictions(scored);
    } catch (error) {
      if (!(error instanceof WorkbenchError)) throw error;
      problem = `not compared: ${error.message}`;
    }
  }
  if (!json) {
    if (comparison) print(formatPredictionComparison(comparison));
    if (problem !== undefined) info(problem);
    return;
  }
  const results = scored.map(({ name, source, predictions, overlap, scores }) => ({
    name,
    source,
    classes: predictions.classes,
    ...caveatsOf(predictions),
    ...(overlap && { audit: overlap.audit }),
    ...scores,
  }));
  print(toJson({ results, ...(comparison && { comparison }), ...(problem !== undefined && { problem }) }));
}
