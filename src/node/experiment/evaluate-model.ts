import {
  type Clip,
  corpusNames,
  type CorpusName,
  countOf,
  firstOf,
  formatCount,
  InvalidFileError,
  leftOutOf,
  type LeftOutItem,
  messageOf,
  printable,
  WorkbenchError,
} from '../../core/base';
import { joinSamples } from '../../core/audio';
import {
  auditTraining,
  type LabelMap,
  lossWarnings,
  type TrainingData,
  type TrainingDataOptions,
  trainingDataOf,
  type TrainingOverlap,
  trainingRecordOf,
} from '../../core/dataset';
import {
  type Predictions,
  type PredictionScores,
  scorePredictions,
  type SliceName,
  underProtocol,
} from '../../core/evaluation';
import type { Engine } from '../../core/network';
import { type Model, singlesOf, trainingCorpora } from '../../core/prediction';
import { corporaFor, type Corpora, loadCorpora, makeSplits, manifestClips } from '../corpora';
import { findNearDuplicates } from '../extraction';
import { createPredictor } from '../models';
import { dataFingerprint } from '../runs';
import { inOrder, testClips } from './evaluate-conditions';

/** Options of {@link evaluateModel}. */
export interface EvaluateModelOptions {
  /** all loaded corpora: near duplicates are searched for among their clips; default all below the data folder */
  corpora?: Corpora;
  /** names of the corpora to predict; default all */
  test?: readonly string[] | 'all';
  /** label map of the test clips; default that of the model, as far as its corpora are loaded */
  labels?: LabelMap | null;
  /** groups of clips that are scored separately; default those that the clips state */
  slices?: readonly SliceName[];
  signal?: AbortSignal;
  /** called after each clip, and while near duplicates are searched for */
  onProgress?: (step: 'predicting' | 'comparing', done: number, total: number) => void;
}

/** A saved model, scored on labelled clips. */
export interface ModelEvaluation {
  /** `isLeaky` if clips were trained on */
  predictions: Predictions;
  /** what the model was trained on, compared with the clips */
  overlap: TrainingOverlap;
  scores: PredictionScores;
  /** the data's name in titles */
  source: string;
}

/**
 * Predicts labelled clips with a trained model, as `createPredictor` does, and scores the predictions: nothing is trained. Clips,
 * near duplicates and speakers that the model was trained on are found, and the scores are repeated without them. Clips of classes that
 * the model does not know, and files that cannot be predicted, are left out and counted.
 *
 * @throws InvalidArgumentError if a corpus was not loaded, or the label map is invalid
 * @throws WorkbenchError if no clip has a class of the model, or none could be predicted
 * @throws the signal's reason if it is aborted
 * @example
 * ```ts
 * const model = await ser.loadModel(engine, 'data/models/speakers');
 * const { scores } = await ser.evaluateModel(model, engine, { test: ['phone-calls'] });
 * console.log(ser.evaluation.formatPredictionScores(scores));
 * ```
 */
export async function evaluateModel(
  model: Model,
  engine: Engine,
  { corpora: given, test = 'all', labels, slices, signal, onProgress }: EvaluateModelOptions = {},
): Promise<ModelEvaluation> {
  const loaded = given ?? (await loadCorpora());
  const corpora = corporaFor(loaded, { corpora: test, labels: labels ?? labelsFor(model, loaded) });
  const predictor = createPredictor(model, engine);
  const { classes } = predictor;
  const known = corpora.clips.filter(({ emotion }) => classes.includes(emotion));
  const unknown = corpora.clips.filter(({ emotion }) => !classes.includes(emotion));
  const remedy = labelRemedy(corpora, unknown, classes);
  if (known.length === 0)
    throw new WorkbenchError(`no clip has a class of the model (${classes.join(', ')})${remedy}`);

  const rows: { clip: Clip; probabilities: Float32Array }[] = [];
  const failed: LeftOutItem[] = [];
  for (const [i, clip] of known.entries()) {
    signal?.throwIfAborted();
    try {
      const options = { channel: clip.channel, compare: false, signal };
      const prediction = await predictor.predict(corpora.fileOf(clip), options);
      rows.push({ clip, probabilities: inOrder(prediction, classes) });
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof InvalidFileError ? error.reason : messageOf(error);
      failed.push({ name: clip.path, reason, emotion: clip.emotion, speaker: clip.speaker });
    }
    onProgress?.('predicting', i + 1, known.length);
  }
  if (rows.length === 0)
    throw new WorkbenchError(`no clip could be predicted: ${failed[0].name}: ${failed[0].reason}`);

  const clips = rows.map(({ clip }) => clip);
  const leftOut = [
    ...corpora.report.leftOut,
    ...leftOutOf(
      'clips of classes that the model does not know',
      unknown.map(({ path, emotion, speaker }) => ({
        name: path,
        reason: `the model does not know "${emotion}"`,
        emotion,
        speaker,
      })),
    ),
    ...leftOutOf('clips not predicted', failed),
  ];
  const untested = classes.filter((name) => !clips.some(({ emotion }) => emotion === name));
  const warnings = [
    ...(remedy === '' ? [] : [`clips of other classes are left out${remedy}`]),
    ...(untested.length > 0
      ? [
          `the model may predict ${untested.join(', ')}, but no clip has this label: such predictions are wrong`,
        ]
      : []),
    ...lossWarnings(leftOutOf('clips not predicted', failed), clips),
  ];
  const training = await trainingOf(model, loaded, signal);
  const overlap = auditTraining(clips, {
    protocol: 'existing-model',
    training,
    ...(await nearDuplicatesOf(clips, training, loaded, { signal, onProgress })),
  });
  const predictions: Predictions = {
    ...underProtocol('existing-model'),
    isLeaky: overlap.audit.isLeaky,
    classes,
    clips,
    actual: Int32Array.from(clips, ({ emotion }) => classes.indexOf(emotion)),
    probabilities: joinSamples(rows.map(({ probabilities }) => probabilities)),
    splitOf: new Int32Array(clips.length),
    splits: ['all'],
    leftOut,
    warnings,
  };
  const scores = scorePredictions(predictions, { slices, overlap, threshold: model.threshold });
  return { predictions, overlap, scores, source: corpora.source };
}

/** The label map of a model, without the user's own corpora that are not loaded. */
function labelsFor(model: Model, { labelled }: Corpora): LabelMap | null {
  const { labels } = singlesOf(model)[0].config;
  if (!labels) return null;
  const present = new Set([...labelled.map(({ corpus }) => corpus), ...corpusNames, '*']);
  return Object.fromEntries(
    Object.entries(labels).filter(([name]) =>
      [...present].some((one) => one.toLowerCase() === name.toLowerCase()),
    ),
  );
}

/** How to keep clips of classes that the model does not know; empty if there are none. */
function labelRemedy(corpora: Corpora, unknown: readonly Clip[], classes: readonly string[]): string {
  const map: Record<string, Record<string, string>> = {};
  const add = (corpus: string, label: string): void => {
    map[corpus] = { ...map[corpus], [label.toLowerCase()]: 'CLASS' };
  };
  for (const { corpus, label } of unknown) add(corpus, label);
  for (const { kind, corpus, emotion } of corpora.report.unreadable)
    if (kind === 'label' && corpus !== undefined && emotion !== undefined) add(corpus, emotion);
  if (Object.keys(map).length === 0) return '';
  return `; to count them as one of ${classes.join(', ')}: --set 'labels=${printable(JSON.stringify(map))}'`;
}

/** Protocols with splits that do not depend on near duplicates. */
const splitsOfSpeakers: readonly string[] = ['speakers', 'leave-one-speaker-out', 'leave-one-corpus-out'];

/** What a model was trained on: listed in it, or derived from its card. */
async function trainingOf(model: Model, loaded: Corpora, signal?: AbortSignal): Promise<TrainingData> {
  if (model.training) return trainingDataOf(model.training, 'the list of training clips in the model');
  const [{ config }] = singlesOf(model);
  const { dataFingerprint: fingerprint, split } = model.card as {
    dataFingerprint?: string;
    split?: { name?: string };
  };
  const names = trainingCorpora(model.card).map(({ name }) => name);
  const why = 'the model does not list its training clips';
  const exceptFold = (all: readonly Clip[], test: ReadonlySet<Clip>): TrainingData =>
    trainingDataOf(
      trainingRecordOf(all.filter((clip) => !test.has(clip))),
      `${why}; its card states the recordings and the fold, so these are all clips of ${firstOf(names, 7)} outside ${split?.name}`,
    );
  const isKnown = (name: string): name is CorpusName => (corpusNames as readonly string[]).includes(name);
  if (names.length > 0 && names.every(isKnown) && splitsOfSpeakers.includes(config.dataset.protocol)) {
    const { protocol, folds, seed, validationShare } = config.dataset;
    const all = names.flatMap((name) => manifestClips(name));
    if (dataFingerprint(all) === fingerprint) {
      const set = { clips: all, versions: ['original'] };
      const own = makeSplits(set, { protocol, folds, seed, validationShare }).find(
        ({ name }) => name === split?.name,
      );
      if (own) return exceptFold(all, new Set([...own.test].map((row) => all[row])));
    }
  }
  try {
    const { clips } = await testClips(model, loaded, signal);
    return exceptFold(corporaFor(loaded, config).clips, new Set(clips));
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
  }
  if (names.length === 0)
    return { source: `unknown: ${why}, and its card lists no corpora`, notes: ['the scores may be leaky'] };
  const isTrained = ({ corpus }: Clip): boolean => names.includes(corpus);
  return {
    source: `${why}; its card lists ${firstOf(names, 7)}, so all clips of these count as trained on`,
    hasClip: isTrained,
    speakers: new Set(loaded.labelled.filter(isTrained).flatMap(({ speaker }) => speaker ?? [])),
  };
}

/** Test clips with nearly the same audio as training clips, as far as the training clips are in the data folder. */
async function nearDuplicatesOf(
  test: readonly Clip[],
  { hasClip, count }: TrainingData,
  { labelled, ...corpora }: Corpora,
  { signal, onProgress }: Pick<EvaluateModelOptions, 'signal' | 'onProgress'>,
): Promise<Pick<TrainingDataOptions, 'nearDuplicateOf' | 'remark'>> {
  if (!hasClip) return {};
  const tested = new Set(test.map(({ path }) => path));
  const trained = new Set(labelled.filter((clip) => hasClip(clip)).map(({ path }) => path));
  if (trained.size === 0) return { remark: 'the training clips are not in the data folder' };
  const clips = labelled.filter(({ path }) => tested.has(path) || trained.has(path));
  const { pairs, notComparedPaths } = await findNearDuplicates({ clips }, corpora, {
    signal,
    onFeatures: ({ done, total }) => onProgress?.('comparing', done, total),
  });
  const nearDuplicates = new Map<string, string>();
  for (const { paths } of pairs) {
    for (const [own, other] of [paths, paths.toReversed()])
      if (tested.has(own) && !trained.has(own) && trained.has(other)) nearDuplicates.set(own, other);
  }
  const remarks = [
    ...(count !== undefined && trained.size < count
      ? [
          `compared with ${formatCount(trained.size)} of ${formatCount(count)} training clips, those in the data folder`,
        ]
      : []),
    ...(notComparedPaths.length > 0
      ? [`${countOf(notComparedPaths.length, 'clip')} could not be compared`]
      : []),
  ];
  return {
    nearDuplicateOf: (row) => nearDuplicates.get(test[row].path),
    ...(remarks.length > 0 && { remark: remarks.join('; ') }),
  };
}
