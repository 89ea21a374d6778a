import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, WorkbenchError } from '../../core/base';
import { findSplit, type Split, type TrainingRecord, trainingRecordOf } from '../../core/dataset';
import {
  abstention,
  type GroupScores,
  type Predictions,
  protocolText,
  type ScoreReport,
  selectRows,
  temperatureFor,
  thresholdFor,
  withTemperature,
} from '../../core/evaluation';
import { type RecordingRanges, recordingRanges } from '../../core/features';
import type { EnsembleModel, ExperimentResult, Model, ModelCard, SingleModel } from '../../core/prediction';
import { newFolder, removeTemporary, replaceFolder } from '../files';
import { packageVersions, splitFileName, type StoredRun } from '../runs';
import { saveModel } from './model-folder';

/** Uses that no model trained on acted speech is suitable for, whatever its scores. */
export const unsuitableUses: readonly string[] = [
  'detecting what a person actually feels: the model was trained on emotions portrayed by actors in a studio, one emotion per sentence',
  'decisions about people, for example in hiring, education, policing, insurance or health care: its errors would harm them',
  'other languages, children or spontaneous speech: the training data contains none of these; real telephone calls and noisy rooms: they were at most simulated',
  'comparing people by sex, age or origin: its error rates differ between groups of speakers',
];

/** Minimum number of predictions above a threshold to estimate their accuracy. */
const minimumAbove = 10;

/**
 * Creates the model of one split of an experiment, calibrated on the validation rows of that split, with its card.
 *
 * The temperature is 1 if there are no validation rows or all of them are predicted correctly. The threshold is the lowest one that
 * halves the error rate on the validation rows, or 0 if fewer than ten rows would remain above it.
 *
 * @param split - name or number (from 1) of a finished split; default the first, so that the choice does not depend on its scores
 * @throws {@link InvalidArgumentError} if no such split was finished
 */
export function modelOf(result: ExperimentResult, split: string | number = 1): SingleModel {
  const { config, classes, folds, validation, report } = result;
  const fold = finishedSplit(result, split);
  const { trained, normaliser, bestEpoch } = folds[fold];
  const { calibration, ...calibrated } = calibrate(validation && rowsOfSplit(validation, fold));
  const card = cardOf(result, fold, report, {
    name: config.name,
    model: config.model.kind,
    bestEpoch,
    calibration,
    seed: config.seed,
  });
  const training = trainingOf(result, fold);
  return { config, classes, trained, normaliser, ...calibrated, card, training };
}

/**
 * The index of a finished split by its name or number (from 1).
 *
 * @throws {@link InvalidArgumentError} if no such split was finished
 */
export function finishedSplit({ folds }: Pick<ExperimentResult, 'folds'>, split: string | number): number {
  if (folds.length === 0) throw new InvalidArgumentError('split', 'a finished split: there is none', split);
  const splits = folds.map((fold) => fold.split);
  return split === 1 ? 0 : splits.indexOf(findSplit(splits, String(split), 'split'));
}

/**
 * Combines several models of one split into an ensemble, calibrated on the mean of their validation probabilities.
 *
 * @param first - the experiment of one of them; supplies what they have in common
 * @param members - their models of this split
 * @param scored - the mean of their predictions and its scores
 */
export function ensembleOf(
  first: ExperimentResult,
  fold: number,
  members: readonly SingleModel[],
  { validation, report }: { validation?: Predictions; report: ScoreReport },
): EnsembleModel {
  const { calibration, ...calibrated } = calibrate(validation && rowsOfSplit(validation, fold));
  const card = cardOf(first, fold, report, {
    name: [...new Set(members.map(({ config }) => config.name))].join(' and '),
    models: members.map(({ config, card: { split } }) => ({
      name: config.name,
      model: config.model.kind,
      seed: config.seed,
      bestEpoch: (split as { bestEpoch: number }).bestEpoch,
    })),
    calibration,
  });
  return { members, ...calibrated, card, training: trainingOf(first, fold) };
}

/**
 * The card of the model of a split.
 *
 * @param own - facts about this model in particular
 */
function cardOf(
  { folds, data, engine, set, outcome, profiles }: ExperimentResult,
  fold: number,
  report: ScoreReport | undefined,
  { name, bestEpoch, calibration, seed, ...own }: Record<string, unknown>,
): ModelCard {
  const { split } = folds[fold];
  const card = {
    name,
    ...own,
    ...corporaOf(set, split),
    status: outcome,
    clips: data.clips,
    speakers: new Set(set.clips.flatMap(({ speaker }) => speaker ?? [])).size,
    dataFingerprint: data.fingerprint,
    recordings: trainingRanges(set, split, profiles),
    ...(report && {
      protocol: protocolText(report),
      scores: {
        note: 'test scores; this model is the one of a single split: its own score is ownSplit',
        ownSplit: report.perSplit
          .filter(({ name }) => name === split.name)
          .map(scoresOf)
          .at(0),
        pooled: scoresOf(report.pooled),
        perCorpus: report.perCorpus.map(scoresOf),
      },
    }),
    split: {
      name: split.name,
      number: fold + 1,
      of: folds.length,
      rows: { train: split.train.length, validation: split.validation.length, test: split.test.length },
      bestEpoch,
    },
    calibration,
    seed,
    engine: engine.version,
    versions: { node: process.versions.node, ...packageVersions() },
    date: new Date().toISOString().slice(0, 10),
    notFor: unsuitableUses,
  };
  // As it will be read from the file: NaN becomes null, and undefined values are dropped.
  return JSON.parse(JSON.stringify(card)) as ModelCard;
}

/** The training and validation clips of a split. */
function trainingOf({ set, folds }: ExperimentResult, fold: number): TrainingRecord {
  const { clips, versions } = set;
  const { train, validation } = folds[fold].split;
  const fitted = new Set([...train, ...validation].map((row) => Math.floor(row / versions.length)));
  return trainingRecordOf(Array.from(fitted, (i) => clips[i]));
}

/** Ranges of the recordings that a split was trained on; undefined if none of them was measured. */
function trainingRanges(
  { clips, versions }: ExperimentResult['set'],
  { train }: Split,
  profiles: ExperimentResult['profiles'],
): RecordingRanges | undefined {
  const trained = new Set([...train].map((row) => clips[Math.floor(row / versions.length)].sha256));
  const measured = [...trained].flatMap((sha256) => profiles.get(sha256) ?? []);
  return measured.length > 0 ? recordingRanges(measured) : undefined;
}

/** Clips of each corpus that has training or validation rows, and the corpora that have only test rows. */
function corporaOf(
  { clips, versions }: ExperimentResult['set'],
  { train, validation }: Split,
): Pick<ModelCard, 'corpora' | 'heldOut'> {
  const trained = new Set<string>();
  for (const rows of [train, validation])
    for (const row of rows) trained.add(clips[Math.floor(row / versions.length)].corpus);
  const counts = [...countBy(clips, ({ corpus }) => corpus)];
  return {
    corpora: Object.fromEntries(counts.filter(([corpus]) => trained.has(corpus))),
    heldOut: counts.map(([corpus]) => corpus).filter((corpus) => !trained.has(corpus)),
  };
}

function rowsOfSplit(predictions: Predictions, split: number): Predictions | undefined {
  const rows = [...predictions.splitOf.keys()].filter((row) => predictions.splitOf[row] === split);
  return rows.length > 0 ? selectRows(predictions, rows) : undefined;
}

function calibrate(validation: Predictions | undefined) {
  if (!validation) {
    return { temperature: 1, threshold: 0, calibration: { note: 'there were no validation rows' } };
  }
  const { errorRate } = abstention(validation);
  const temperature = temperatureFor(validation);
  const rows = validation.clips.length;
  const curve = abstention(withTemperature(validation, temperature));
  const halved = errorRate > 0 ? thresholdFor(curve, 1 - errorRate / 2) : undefined;
  const point = halved && halved.coverage * rows >= minimumAbove ? halved : undefined;
  return {
    temperature,
    threshold: point?.threshold ?? 0,
    calibration: {
      rows,
      accuracy: 1 - errorRate,
      temperature,
      ...(point && { threshold: point }),
    },
  };
}

function scoresOf({ name, rows, clips, speakers, scores }: GroupScores) {
  return { name, rows, clips, speakers, ...scores };
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

/**
 * The folder of a run's models: next to the run record, with the same name.
 *
 * @param record - path of the record
 */
const modelsFolder = (record: string): string => record.replace(/\.json$/, '');

/**
 * Saves the model of each finished split next to the run record, in one step. Call it before the record is written, so that a record
 * always has its models.
 *
 * @param record - path of the record
 * @param models - one per finished split; default the models of the result
 * @returns their folder; undefined if no split was finished
 */
export async function saveModels(
  result: ExperimentResult,
  record: string,
  models?: readonly Model[],
): Promise<string | undefined> {
  const { engine, folds } = result;
  if (folds.length === 0) return undefined;
  const folder = modelsFolder(record);
  const unfinished = newFolder(folder);
  try {
    for (const [i, { split }] of folds.entries()) {
      const place = join(unfinished, splitFileName(split.name));
      await saveModel(engine, place, models?.[i] ?? modelOf(result, split.name));
    }
    replaceFolder(folder, unfinished);
  } finally {
    removeTemporary(unfinished);
  }
  return folder;
}

/**
 * The folder in which a run saved the model of a split.
 *
 * @param runs - folder of the run records
 * @param split - name of the split; default the first
 * @throws {@link WorkbenchError} if it was not saved; lists the saved ones
 */
export function modelOfRun(
  { file, splits, report }: StoredRun,
  runs: string,
  // The record of an ensemble has no splits: they are in the records of its members.
  split = (splits.at(0) ?? report?.perSplit.at(0))?.name,
): string {
  const folder = modelsFolder(join(runs, file));
  const present = existsSync(folder) ? readdirSync(folder) : [];
  if (split !== undefined && present.includes(splitFileName(split)))
    return join(folder, splitFileName(split));
  throw new WorkbenchError(
    `${file}: it has no saved model of the split ${split ?? '(none)'}; saved: ${present.join(', ') || 'none'} (npm run train and npm run evaluate -- --save save models)`,
  );
}
