import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, WorkbenchError } from '../../core/base';
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
import type { EnsembleModel, ExperimentResult, Model, ModelCard, SingleModel } from '../../core/prediction';
import { packageVersions, splitFileName, type StoredRun } from '../runs';
import { saveModel } from './model-folder';

/** What no model of acted speech may be used for, whatever its scores. */
const notFor = [
  'telling what a person feels: it was trained on emotions that actors played in a studio, each sentence in one emotion',
  'judging people, as in hiring, schooling, policing, insurance or health: where a mistake falls on somebody',
  'other languages, children, calls, noisy rooms or speech as it comes: none of them is in its training data',
  'comparing people of different sex, age or origin: its mistakes differ between groups of speakers',
];

/** Fewer say nothing of how often answers are right. */
const leastAnswers = 10;

/**
 * An experiment's model as a bundle: calibrated on its own validation rows, with a card that says what it is.
 *
 * The temperature is 1 where there are no validation rows, or they all are right, so that nothing can be fitted. The threshold
 * is the least strict at which the answers to the validation rows are wrong at most half as often as without one; 0 where there is
 * none that at least ten of them pass.
 *
 * @param fold - index of the split whose model is taken; it was chosen without a look at its scores if it is the default, the first
 * @throws {@link InvalidArgumentError} if the experiment has no such split
 */
export function modelOf(result: ExperimentResult, fold = 0): SingleModel {
  const { config, classes, folds, validation, report } = result;
  if (!(fold in folds)) {
    throw new InvalidArgumentError(
      'fold',
      `one of the ${folds.length} splits that were finished, from 0`,
      fold,
    );
  }
  const { trained, normaliser, bestEpoch } = folds[fold];
  const { calibration, ...answering } = calibrate(validation && rowsOfSplit(validation, fold));
  const card = cardOf(result, fold, report, {
    name: config.name,
    model: config.model.kind,
    bestEpoch,
    calibration,
    seed: config.seed,
  });
  return { config, classes, trained, normaliser, ...answering, card };
}

/**
 * Several models of one split as one bundle: calibrated as a whole, on the mean of what they say of their validation rows.
 *
 * @param first - the result of one of them, for what they have in common
 * @param members - of this split
 * @param said - the mean of what they say, and its scores
 */
export function ensembleOf(
  first: ExperimentResult,
  fold: number,
  members: readonly SingleModel[],
  { validation, report }: { validation?: Predictions; report: ScoreReport },
): EnsembleModel {
  const { calibration, ...answering } = calibrate(validation && rowsOfSplit(validation, fold));
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
  return { members, ...answering, card };
}

/** What people should know of the model of a split. @param own - what tells it from others */
function cardOf(
  { folds, data, engine, set }: ExperimentResult,
  fold: number,
  report: ScoreReport | undefined,
  { name, bestEpoch, calibration, seed, ...own }: Record<string, unknown>,
): ModelCard {
  const { split } = folds[fold];
  const card = {
    name,
    ...own,
    corpora: Object.fromEntries(countBy(set.clips, ({ corpus }) => corpus)),
    clips: data.clips,
    speakers: new Set(set.clips.flatMap(({ speaker }) => speaker ?? [])).size,
    dataFingerprint: data.fingerprint,
    ...(report && {
      protocol: protocolText(report),
      scores: {
        note: 'of test rows; this model is that of one split, and its own score is the one named so',
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
    notFor,
  };
  // As it will be read: an interval that there is none of is null, and what is not known is not there.
  return JSON.parse(JSON.stringify(card)) as ModelCard;
}

function rowsOfSplit(predictions: Predictions, split: number): Predictions | undefined {
  const rows = [...predictions.splitOf.keys()].filter((row) => predictions.splitOf[row] === split);
  return rows.length > 0 ? selectRows(predictions, rows) : undefined;
}

function calibrate(validation: Predictions | undefined) {
  if (!validation) {
    return { temperature: 1, threshold: 0, calibration: { note: 'there were no validation rows' } };
  }
  const { errorRate: wrong } = abstention(validation);
  const temperature = temperatureFor(validation);
  const rows = validation.clips.length;
  const curve = abstention(withTemperature(validation, temperature));
  const halved = wrong > 0 ? thresholdFor(curve, 1 - wrong / 2) : undefined;
  const point = halved && halved.coverage * rows >= leastAnswers ? halved : undefined;
  return {
    temperature,
    threshold: point?.threshold ?? 0,
    calibration: {
      rows,
      accuracy: 1 - wrong,
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

/** Where the models of a run lie: a folder beside its record, by the record's path. */
const modelsFolder = (record: string): string => record.replace(/\.json$/, '');

/**
 * Saves the models of a run that a record was kept of, beside the record: a bundle a split.
 *
 * @param record - its path
 * @param models - one a finished split; default the result's own models
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
  for (const [i, { split }] of folds.entries()) {
    const place = join(folder, splitFileName(split.name));
    await saveModel(engine, place, models?.[i] ?? modelOf(result, i));
  }
  return folder;
}

/**
 * The folder of the bundle that a run kept of one of its splits.
 *
 * @param runs - folder of the run records
 * @param split - its name; default the first
 * @throws {@link WorkbenchError} if there is none, with those that there are
 */
export function modelOfRun(
  { file, splits, report }: StoredRun,
  runs: string,
  // The splits of an ensemble are in the records of its members.
  split = (splits.at(0) ?? report?.perSplit.at(0))?.name,
): string {
  const folder = modelsFolder(join(runs, file));
  const present = existsSync(folder) ? readdirSync(folder) : [];
  if (split !== undefined && present.includes(splitFileName(split)))
    return join(folder, splitFileName(split));
  throw new WorkbenchError(
    `${file} has no model of the split ${split ?? 'that was to be first'}; there are: ${present.join(', ') || 'none'} (npm run train and npm run evaluate -- --save keep them)`,
  );
}
