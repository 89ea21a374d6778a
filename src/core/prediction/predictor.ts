import { type Emotion, formatPercent, InvalidArgumentError, InvalidFileError, WorkbenchError } from '../base';
import { scaleByTemperature, type UnderProtocol } from '../evaluation';
import {
  type FeatureRows,
  type FrontEnd,
  plainFrontEnd,
  planWindows,
  resampleTo,
  type Window,
  type WindowPlace,
  windowRows,
} from '../features';
import type { Engine } from '../network';
import { type CombinedModel, combineModels, type Member } from './combined-model';
import type { Model } from './model';
import { modelInput, scaledRows } from './model-input';
import { openRecording, type Recording, type RecordingInput } from './recording';
import { elementwiseMean, predictHeldOut } from './trained';

/** An emotion with its probability, 0 to 1. */
export interface EmotionProbability {
  emotion: Emotion;
  probability: number;
}

/** The prediction for one window of a recording. */
export interface TimelineEntry {
  startSec: number;
  endSec: number;
  /** the most probable */
  emotion: Emotion;
  /** of every class, highest first */
  probabilities: EmotionProbability[];
}

/** The prediction for a recording, with the protocol under which the model's scores were measured. */
export interface Prediction extends UnderProtocol {
  /** the most probable */
  emotion: Emotion;
  /** its probability */
  confidence: number;
  /** of every class, highest first; the mean over the timeline */
  probabilities: EmotionProbability[];
  /** the confidence is below `threshold`; `reason` explains it */
  abstained: boolean;
  reason?: string;
  threshold: number;
  /** one entry per window; silent windows are omitted */
  timeline: TimelineEntry[];
  durationSec: number;
  /** remarks on how reliable the prediction is, such as skipped windows */
  notes: string[];
  /** the model's name and training corpora; of an ensemble, the number of models */
  model: string;
}

/** Options of `predict`. */
export interface PredictOptions {
  /** minimum confidence, 0 (never abstain) to 1; default that of the model, or the mean of several models */
  threshold?: number;
  /** time between the windows of a long recording, at least 0.05 s; default half a window; `Infinity`: only the first window */
  hopSec?: number;
  /** stops before the next batch of windows */
  signal?: AbortSignal;
  /** name of the recording, for messages; default `the recording` */
  name?: string;
}

/** Predicts emotions in recordings. */
export interface Predictor<Input = RecordingInput> {
  /** in the order of the model's outputs */
  classes: readonly Emotion[];
  /** the part of a recording that one prediction uses, seconds; several models: from the first start to the last end */
  window: Window;
  /**
   * Predicts the emotion in a recording.
   *
   * The first window is the one used in training; a longer recording is covered by overlapping windows (`planWindows`). Models with
   * different windows each use their own part of a common window. Probabilities are calibrated per window by the model's
   * temperature; those of the recording are their mean, so that every window has equal weight.
   *
   * @param input - bytes of an audio file or samples (in Node also a path); 0.1 s to 2 hours, up to 1 GB
   * @throws {@link InvalidFileError} with the reason if it is missing, not audio, damaged, empty, silent, too short or too long
   * @throws {@link InvalidArgumentError} if the input has another type, or an option breaks its rule
   * @throws {@link WorkbenchError} if the model returns NaN, or its scaler turns finite features into values that are not finite
   * @throws the signal's reason, if it was aborted
   */
  predict: (input: Input, options?: PredictOptions) => Promise<Prediction>;
}

/** Number of windows per batch. */
const batchSize = 64;
/** A window is silent if no sample is further than this from the mean: −72 dB of full scale. */
const silence = 2 ** -12;
/** Maximum magnitude of a sample; the features of larger ones (from a damaged file, or in another unit) overflow. */
const maxSample = 1e9;
const minHopSec = 0.05;

/**
 * Creates a predictor from one model, or from several that predict as one: the mean of their calibrated probabilities. A saved
 * ensemble is calibrated again as a whole.
 *
 * @param models - features and windows may differ
 * @param engine - the TensorFlow that the models were loaded with
 * @param options.frontEnd - signal functions, or a function that loads them at the first prediction; default plain TypeScript
 * @throws {@link InvalidArgumentError} if there is no model, or several differ in classes or protocol
 * @example
 * ```ts
 * const predictor = createPredictor(model, engine);
 * const { emotion, confidence } = await predictor.predict(bytes);
 * ```
 */
export function createPredictor(
  models: Model | readonly Model[],
  { tf }: Pick<Engine, 'tf'>,
  { frontEnd = plainFrontEnd }: { frontEnd?: FrontEnd | (() => Promise<FrontEnd>) } = {},
): Predictor {
  const ensemble = combineModels('card' in models ? [models] : models);
  const { classes, window } = ensemble;
  return {
    classes,
    window,
    predict: async (input, options = {}) => {
      const { threshold = ensemble.threshold, hopSec, signal, name } = options;
      checkOptions(threshold, hopSec);
      const recording = openRecording(input, name);
      const { frames, sampleRate } = recording;
      const places = planWindows(frames, sampleRate, window, hopSec);
      const signalFunctions = typeof frontEnd === 'function' ? await frontEnd() : frontEnd;

      const audible: WindowPlace[] = [];
      const probabilities: Float32Array[] = [];
      for (let start = 0; start < places.length; start += batchSize) {
        signal?.throwIfAborted();
        const batch = readAudible(recording, places.slice(start, start + batchSize));
        if (batch.length === 0) continue;
        audible.push(...batch.map(({ place }) => place));
        const windows = batch.map(({ samples }) => samples);
        const { name: file } = recording;
        probabilities.push(await classify(ensemble, windows, sampleRate, tf, signalFunctions, file, signal));
      }
      if (audible.length === 0) throw new InvalidFileError(recording.name, 'it is silent');

      return {
        ...summarise(classes, audible, sampleRate, probabilities, threshold),
        durationSec: frames / sampleRate,
        notes: notesOn(ensemble, places, audible.length, sampleRate),
        ...ensemble.about,
      };
    },
  };
}

/** The part of a common window that a member uses, as if the window were a complete recording. */
function ownPart(frames: number, sampleRate: number, own: Window, startSec: number): WindowPlace {
  const offsetSec = Number((own.offsetSec - startSec).toFixed(9));
  return planWindows(frames, sampleRate, { ...own, offsetSec }, Infinity)[0];
}

/** Reads windows and drops silent ones. @throws {@link InvalidFileError} if a sample is not finite or far too large */
function readAudible(
  { name, read }: Recording,
  places: readonly WindowPlace[],
): { place: WindowPlace; samples: Float32Array }[] {
  return places.flatMap((place) => {
    const samples = read(place.firstFrame, place.endFrame);
    let [sum, low, high] = [0, Infinity, -Infinity];
    for (const sample of samples) {
      sum += sample;
      if (sample < low) low = sample;
      if (sample > high) high = sample;
    }
    if (!Number.isFinite(sum)) throw new InvalidFileError(name, 'it has samples that are not finite numbers');
    const largest = Math.max(high, -low);
    if (largest > maxSample)
      throw new InvalidFileError(
        name,
        `its samples must lie between -1 and 1 (at most ${maxSample}), got ${largest.toPrecision(3)}`,
      );
    const mean = sum / samples.length;
    return high - mean <= silence && mean - low <= silence ? [] : [{ place, samples }];
  });
}

/**
 * Class probabilities of windows, averaged over all models.
 *
 * @param windows - mono samples
 * @param name - of the recording, for messages
 * @returns shape [windows, classes]
 */
async function classify(
  { groups, window, classes }: CombinedModel,
  windows: readonly Float32Array[],
  sampleRate: number,
  tf: Engine['tf'],
  frontEnd: FrontEnd,
  name: string,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const computed = new Map<string, FeatureRows>();
  const featuresOf = ({ features, tested, key }: Member): FeatureRows => {
    const known = computed.get(key);
    if (known) return known;
    const cut = windows.map((samples) => {
      const { firstFrame, endFrame } = ownPart(samples.length, sampleRate, features, window.offsetSec);
      return resampleTo(samples.subarray(firstFrame, endFrame), sampleRate, features.sampleRate, frontEnd);
    });
    const rows = windowRows(cut, features, frontEnd, tested);
    if (!rows.data.every(Number.isFinite))
      throw new InvalidFileError(
        name,
        'its samples are too large: features computed from them are not finite',
      );
    computed.set(key, rows);
    return rows;
  };
  const probabilitiesBy = async (member: Member): Promise<Float32Array> => {
    const { trained, scaler, temperature, tested, kind } = member;
    const features = featuresOf(member);
    const { versions } = features;
    const scaled = scaledRows(modelInput(features, kind), scaler);
    const data = {
      ...scaled,
      gather: (chosen: ArrayLike<number>, out: Float32Array): void => {
        scaled.gather(chosen, out);
        if (!out.every(Number.isFinite))
          throw new WorkbenchError('the model scales the features to NaN or Infinity: its scaler is damaged');
      },
      classes: classes.length,
    };
    const rows = Int32Array.from(windows, (_, i) => i * versions.length);
    const probabilities = await predictHeldOut(tf, trained, data, rows, { versions, tested, signal });
    if (!probabilities.every(Number.isFinite))
      throw new WorkbenchError('the model returned NaN or Infinity: its weights are damaged');
    return scaleByTemperature(probabilities, classes.length, temperature);
  };
  const means: Float32Array[] = [];
  for (const { members, temperature } of groups) {
    const probabilities: Float32Array[] = [];
    for (const member of members) probabilities.push(await probabilitiesBy(member));
    means.push(scaleByTemperature(elementwiseMean(probabilities), classes.length, temperature));
  }
  return elementwiseMean(means);
}

/** @param batches - probabilities, shape [windows of the batch, classes] */
function summarise(
  classes: readonly Emotion[],
  windows: readonly WindowPlace[],
  sampleRate: number,
  batches: readonly Float32Array[],
  threshold: number,
) {
  const rows = batches.flatMap((batch) =>
    Array.from({ length: batch.length / classes.length }, (_, i) =>
      batch.subarray(i * classes.length, (i + 1) * classes.length),
    ),
  );
  const timeline = windows.map(({ firstFrame, endFrame }, i): TimelineEntry => {
    const probabilities = ranked(classes, rows[i]);
    const [{ emotion }] = probabilities;
    return { startSec: firstFrame / sampleRate, endSec: endFrame / sampleRate, emotion, probabilities };
  });
  const mean = new Float64Array(classes.length);
  for (const row of rows) for (let k = 0; k < mean.length; k++) mean[k] += row[k] / rows.length;
  const probabilities = ranked(classes, mean);
  const [{ emotion, probability: confidence }] = probabilities;
  const abstained = confidence < threshold;
  const reason = `${emotion} is most probable with ${formatPercent(confidence)}, below the threshold of ${formatPercent(threshold)}`;
  return { emotion, confidence, probabilities, abstained, ...(abstained && { reason }), threshold, timeline };
}

function ranked(classes: readonly Emotion[], values: ArrayLike<number>): EmotionProbability[] {
  return classes
    .map((emotion, k) => ({ emotion, probability: values[k] }))
    .sort((a, b) => b.probability - a.probability);
}

function notesOn(
  { isPerSpeaker, windows, window }: CombinedModel,
  places: readonly WindowPlace[],
  audible: number,
  sampleRate: number,
): string[] {
  const [{ firstFrame, endFrame }] = places;
  const early = windows.flatMap((own) => {
    const start = firstFrame + ownPart(endFrame - firstFrame, sampleRate, own, window.offsetSec).firstFrame;
    // The sum of two rounded offsets may be one frame short.
    if (start + 1 >= Math.floor(own.offsetSec * sampleRate)) return [];
    const startSec = (start / sampleRate).toFixed(2);
    return [
      `the recording is short: the model's window starts at ${startSec} s, in training at ${own.offsetSec} s`,
    ];
  });
  const silent = places.length - audible;
  return [
    ...(isPerSpeaker
      ? [
          'the model was trained with one scaler per speaker; for this unknown speaker it uses the scaler of all training rows, ' +
            'for which its scores were not measured',
        ]
      : []),
    ...new Set(early),
    ...(silent > 0 ? [`${silent} silent ${silent === 1 ? 'window was' : 'windows were'} skipped`] : []),
  ];
}

function checkOptions(threshold: number, hopSec: number | undefined): void {
  if (!(threshold >= 0 && threshold <= 1))
    throw new InvalidArgumentError('threshold', 'a probability from 0 to 1', threshold);
  if (hopSec !== undefined && !(hopSec >= minHopSec))
    throw new InvalidArgumentError('hopSec', `a number of at least ${minHopSec} (seconds)`, hopSec);
}
