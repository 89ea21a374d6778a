import { type ChannelChoice, channelName, type OtherDecoder } from '../audio';
import {
  countOf,
  type Emotion,
  firstOf,
  formatPercent,
  InvalidArgumentError,
  InvalidFileError,
  messageOf,
} from '../base';
import type { UnderProtocol } from '../evaluation';
import {
  describeUnusual,
  type FrontEnd,
  plainFrontEnd,
  planWindows,
  type UnusualMeasure,
  type Window,
  type WindowPlace,
} from '../features';
import type { Engine } from '../network';
import { classify, type CombinedModel, combineModels, ownPart } from './combined-model';
import { createProfiler } from './profiler';
import type { Model } from './model';
import {
  createLevelMeter,
  type EmotionProbability,
  findPauses,
  isSilent,
  ranked,
  type Segment,
  segmentsOf,
} from './segments';
import { openRecording, readWindows, type Recording, type RecordingInput } from './recording';

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
  /** one entry per window; windows overlap, and silent ones are omitted */
  timeline: TimelineEntry[];
  /** the course of the recording, from its start to its end, without gap or overlap */
  segments: Segment[];
  durationSec: number;
  /** the channel that was predicted, such as `left`; absent for the mix of all channels */
  channel?: string;
  /** measures of the recording outside the range of the training recordings; also described in `notes` */
  unusual: UnusualMeasure[];
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
  /** which channel to use if a recording has several; default `mix`, the mean of all, with a note if they differ */
  channel?: ChannelChoice;
  /** decodes formats that this library cannot decode, such as AAC; default none (in Node ffmpeg, if it is installed) */
  decodeOther?: OtherDecoder;
  /** whether to compare the recording with the training recordings, for `unusual` and its notes; default true */
  compare?: boolean;
  /** called after each batch of windows with the time up to which the recording is predicted, and its length, both in seconds */
  onProgress?: (doneSec: number, durationSec: number) => void;
  /** called with each part of the recording in order, for example to draw its waveform without reading it again */
  onPart?: (part: RecordingPart) => void;
}

/** Consecutive samples of a recording that is read part by part. */
export interface RecordingPart {
  /** mono; valid only during the call */
  samples: Float32Array;
  /** position of the first sample */
  firstFrame: number;
  /** length of the recording */
  frames: number;
  /** Hz */
  sampleRate: number;
  /** the channel that is read; absent for the mix of all */
  channel?: string;
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
   * temperature; those of the recording are their mean, so that every window has equal weight. If a recording has several windows and
   * ends after the last, one more window at its end is used for the segments. It is also used if all others are silent.
   *
   * The recording is read once, part by part: memory does not grow with its length.
   *
   * @param input - bytes of an audio file, a file that is read part by part, or samples (in Node also a path); 0.1 s to 2 hours, up to
   *   1 GB
   * @throws {@link InvalidFileError} with the reason if it is missing, not audio, damaged, empty, silent, too short or too long, or has
   *   more than 100,000 windows
   * @throws {@link InvalidArgumentError} if the input has another type, or an option breaks its rule
   * @throws {@link WorkbenchError} if the model returns NaN, or its scaler turns finite features into values that are not finite
   * @throws the signal's reason, if it was aborted
   */
  predict: (input: Input, options?: PredictOptions) => Promise<Prediction>;
  /**
   * Predicts each channel separately, for example with one speaker per channel. Silent channels are left out, with a note.
   *
   * @returns one prediction per channel, in their order; the property `channel` states which
   */
  predictChannels: (input: Input, options?: Omit<PredictOptions, 'channel'>) => Promise<Prediction[]>;
}

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
  const open = (input: RecordingInput, { threshold, hopSec, name, decodeOther }: PredictOptions) => {
    checkOptions(threshold ?? ensemble.threshold, hopSec);
    return openRecording(input, name, decodeOther);
  };
  const predictRecording = async (recording: Recording, options: PredictOptions): Promise<Prediction> => {
    const { threshold = ensemble.threshold, hopSec, signal, compare = true, onProgress, onPart } = options;
    const { frames, sampleRate, channel } = recording;
    const durationSec = frames / sampleRate;
    const places = placesIn(recording, window, hopSec);
    const last = hopSec === Infinity ? undefined : lastWindow(places, frames);
    const signalFunctions = typeof frontEnd === 'function' ? await frontEnd() : frontEnd;

    const meter = createLevelMeter(frames, sampleRate, recording.name);
    const measure = (samples: Float32Array, firstFrame: number): void => {
      signal?.throwIfAborted();
      meter.add(samples);
      onPart?.({ samples, firstFrame, frames, sampleRate, channel });
    };
    const windows: PredictedWindow[] = [];
    const ranges = compare ? ensemble.ranges : undefined;
    const profiler = ranges && createProfiler(ranges, places.length, sampleRate, signalFunctions);
    for await (const batch of readWindows(recording, last ? [...places, last] : places, measure)) {
      signal?.throwIfAborted();
      const audible = batch.filter(({ samples }) => !isSilent(samples));
      // The last window of a recording with one window is used only if the other is silent.
      if (places.length === 1 && windows.length + audible.length > 1) audible.length = 1 - windows.length;
      if (audible.length > 0) {
        const samples = audible.map((one) => one.samples);
        profiler?.add(samples);
        const { name: file } = recording;
        const rows = await classify(ensemble, samples, sampleRate, tf, signalFunctions, file, signal);
        windows.push(...audible.map(({ place }, i) => ({ place, probabilities: rows[i] })));
      }
      onProgress?.(Math.min(durationSec, batch.at(-1)!.place.endFrame / sampleRate), durationSec);
      // A turn of the event loop, in which signals are handled.
      if (batch.length > 1) await new Promise((resolve) => setTimeout(resolve));
    }
    const planned = windows.filter(({ place }) => place !== last);
    const used = planned.length > 0 ? planned : windows;
    if (used.length === 0) throw new InvalidFileError(recording.name, silentReason);

    const unusual = profiler?.unusual(durationSec) ?? [];
    return {
      ...summarise(classes, used, sampleRate, threshold),
      segments: segmentsOf({
        classes,
        windows,
        pauses: findPauses(meter, frames, sampleRate),
        frames,
        sampleRate,
        firstFrame: places[0].firstFrame,
        hopFrames: places.length > 1 ? places[1].firstFrame - places[0].firstFrame : Infinity,
        threshold,
      }),
      durationSec,
      ...(channel !== undefined && { channel }),
      unusual,
      notes: [
        ...unusual.map(describeUnusual),
        ...notesOn(ensemble, places, planned.length, sampleRate),
        ...recording.notes(),
      ],
      ...ensemble.about,
    };
  };
  return {
    classes,
    window,
    predict: async (input, options = {}) => {
      const { select } = await open(input, options);
      return predictRecording(select(options.channel ?? 'mix'), options);
    },
    predictChannels: async (input, options = {}) => {
      const { channels, select } = await open(input, options);
      return eachChannel(channels, (channel) => predictRecording(select(channel), options));
    },
  };
}

const silentReason = 'it is silent';

/** Predicts each channel that is not silent. @throws {@link InvalidFileError} if all are */
async function eachChannel(
  channels: number,
  predict: (channel: number) => Promise<Prediction>,
): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  const silent: string[] = [];
  for (let index = 0; index < channels; index++) {
    try {
      predictions.push(await predict(index + 1));
    } catch (error) {
      const isLast = index === channels - 1 && predictions.length === 0;
      if (!(error instanceof InvalidFileError) || error.reason !== silentReason || isLast) throw error;
      silent.push(channelName(index, channels));
    }
  }
  if (silent.length === 0) return predictions;
  const note = `silent and left out: ${firstOf(silent, 8)}`;
  return predictions.map((prediction) => ({ ...prediction, notes: [...prediction.notes, note] }));
}

/** A window with its class probabilities. */
interface PredictedWindow {
  place: WindowPlace;
  probabilities: Float32Array;
}

/** The windows of a recording. @throws {@link InvalidFileError} if there are too many: the recording is too long for this hop */
function placesIn({ frames, sampleRate, name }: Recording, window: Window, hopSec?: number): WindowPlace[] {
  try {
    return planWindows(frames, sampleRate, window, hopSec);
  } catch (error) {
    throw new InvalidFileError(name, messageOf(error));
  }
}

/** One more window at the end of a recording that ends after its last window. */
function lastWindow(places: readonly WindowPlace[], frames: number): WindowPlace | undefined {
  const { firstFrame, endFrame } = places.at(-1)!;
  if (endFrame === frames) return undefined;
  return { firstFrame: frames - (endFrame - firstFrame), endFrame: frames };
}

/** The prediction for the whole recording. */
function summarise(
  classes: readonly Emotion[],
  windows: readonly PredictedWindow[],
  sampleRate: number,
  threshold: number,
) {
  const timeline = windows.map(({ place: { firstFrame, endFrame }, probabilities: row }): TimelineEntry => {
    const probabilities = ranked(classes, row);
    const [{ emotion }] = probabilities;
    return { startSec: firstFrame / sampleRate, endSec: endFrame / sampleRate, emotion, probabilities };
  });
  const mean = new Float64Array(classes.length);
  for (const { probabilities: row } of windows)
    for (let k = 0; k < mean.length; k++) mean[k] += row[k] / windows.length;
  const probabilities = ranked(classes, mean);
  const [{ emotion, probability: confidence }] = probabilities;
  const abstained = confidence < threshold;
  const reason = `${emotion} is most probable with ${formatPercent(confidence)}, below the threshold of ${formatPercent(threshold)}`;
  return { emotion, confidence, probabilities, abstained, ...(abstained && { reason }), threshold, timeline };
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
    ...(silent > 0 ? [`${countOf(silent, 'silent window was', 'silent windows were')} skipped`] : []),
  ];
}

function checkOptions(threshold: number, hopSec: number | undefined): void {
  if (!(threshold >= 0 && threshold <= 1))
    throw new InvalidArgumentError('threshold', 'a probability from 0 to 1', threshold);
  if (hopSec !== undefined && !(hopSec >= minHopSec))
    throw new InvalidArgumentError('hopSec', `a number of at least ${minHopSec} (seconds)`, hopSec);
}
