import type { Emotion } from '../corpora';
import type { Scaler } from '../dataset';
import type { Engine } from '../engine';
import { InvalidArgumentError, InvalidFileError, WorkbenchError } from '../errors';
import { scaleByTemperature, underProtocol, type UnderProtocol } from '../evaluation';
import { featureConfig, type FrontEnd, loadFrontEnd, windowRows } from '../features';
import { askModel } from './ask-model';
import type { ModelBundle } from './model-bundle';
import { modelInput, scaledRows } from './model-input';
import { openRecording, type Recording, type RecordingInput } from './open-recording';
import { planWindows, type WindowPlace } from './plan-windows';
import { protocolNote } from './protocol-note';

export interface EmotionProbability {
  emotion: Emotion;
  probability: number;
}

/** What a model says of a part of a recording. */
export interface TimelineEntry {
  startSec: number;
  endSec: number;
  /** the most probable */
  emotion: Emotion;
  /** of every class, the most probable first */
  probabilities: EmotionProbability[];
}

/** What a model says of a recording, and under which protocol it learned how far it is to be believed. */
export interface Prediction extends UnderProtocol {
  /** the most probable */
  emotion: Emotion;
  /** its probability */
  confidence: number;
  /** of every class, the most probable first; the mean of those in the timeline */
  probabilities: EmotionProbability[];
  /** the model is less sure than `threshold`, and would rather not say; `reason` says so in words */
  abstained: boolean;
  reason?: string;
  threshold: number;
  /** a window an entry; parts that are silent are left out */
  timeline: TimelineEntry[];
  durationSec: number;
  /** what else has to be known of this answer */
  notes: string[];
  /** its name, and the corpora it was trained on */
  model: string;
}

export interface PredictOptions {
  /** least probability of an answer, 0 (always answer) to 1; default the bundle's, from its validation rows */
  threshold?: number;
  /** from one window of a long recording to the next, at least 0.05 s; default half a window, Infinity: the first one only */
  hopSec?: number;
  /** stops at the next windows */
  signal?: AbortSignal;
}

/** A model that can be asked about recordings. */
export interface Predictor {
  /** in the order of the model's outputs */
  classes: readonly Emotion[];
  /**
   * Listens to a recording, as `planWindows` says: as in training, and where it is longer in overlapping windows.
   *
   * The probabilities are calibrated by the bundle's temperature, in each window. The answer to a long recording is their mean
   * over the windows, so that each counts alike and none can rule an emotion out.
   *
   * @param input - the path or the bytes of a WAV or AIFF file, or samples; 0.1 s to 2 hours, up to 1 GB
   * @throws {@link InvalidFileError} with the reason if it is missing, no audio, broken, empty, silent, too short or too long
   * @throws {@link InvalidArgumentError} if the input is of another type, or an option breaks its rule
   * @throws {@link WorkbenchError} if the model is damaged and gives no probabilities
   * @throws the signal's reason, if it was aborted
   */
  predict: (input: RecordingInput, options?: PredictOptions) => Promise<Prediction>;
}

/** Windows that are measured and asked about at once. */
const batchSize = 64;
/** No sample of silence is further than this from the mean: −72 dB of full scale. */
const silence = 2 ** -12;
const leastHopSec = 0.05;

/** Makes a bundle answer. */
export function createPredictor(bundle: ModelBundle, { tf }: Pick<Engine, 'tf'>): Predictor {
  const { classes, trained, normaliser, temperature } = bundle;
  const { model, dataset } = bundle.config;
  const config = featureConfig(bundle.config.features);
  const isPerSpeaker = normaliser.kind === 'per speaker';
  const scaler: Scaler = isPerSpeaker ? normaliser.others : normaliser;
  const about = { ...underProtocol(dataset.protocol, protocolNote(dataset)), model: modelText(bundle) };

  /** @returns probabilities, shape [windows, classes] */
  async function ask(windows: readonly Float32Array[], frontEnd: FrontEnd, signal?: AbortSignal) {
    const input = modelInput(windowRows(windows, config, frontEnd), model.kind);
    const data = { ...scaledRows(input, scaler), classes: classes.length };
    const rows = Int32Array.from(windows.keys());
    const said = await askModel(tf, trained, data, rows, { signal });
    if (!said.every(Number.isFinite))
      throw new WorkbenchError('the model answers with what are no numbers: it is damaged');
    return scaleByTemperature(said, classes.length, temperature);
  }

  return {
    classes,
    predict: async (input, { threshold = bundle.threshold, hopSec, signal } = {}) => {
      checkOptions({ threshold, hopSec });
      const recording = await openRecording(input);
      const { frames, sampleRate } = recording;
      const frontEnd = await loadFrontEnd();
      const places = planWindows(frames, sampleRate, config, hopSec);
      const heard: WindowPlace[] = [];
      const all = new Float32Array(places.length * classes.length);
      for (let start = 0; start < places.length; start += batchSize) {
        signal?.throwIfAborted();
        const windows: Float32Array[] = [];
        const before = heard.length;
        for (const place of places.slice(start, start + batchSize)) {
          const window = cut(recording, place, config.sampleRate, frontEnd);
          if (!window) continue;
          windows.push(window);
          heard.push(place);
        }
        if (windows.length > 0) all.set(await ask(windows, frontEnd, signal), before * classes.length);
      }
      if (heard.length === 0) throw new InvalidFileError(recording.name, 'it is silent');

      const timeline = heard.map(({ firstFrame, endFrame }, i): TimelineEntry => {
        const probabilities = ranked(classes, all.subarray(i * classes.length, (i + 1) * classes.length));
        const [{ emotion }] = probabilities;
        return { startSec: firstFrame / sampleRate, endSec: endFrame / sampleRate, emotion, probabilities };
      });
      const probabilities = ranked(classes, meanOf(all, heard.length, classes.length));
      const [{ emotion, probability: confidence }] = probabilities;
      const abstained = confidence < threshold;
      return {
        emotion,
        confidence,
        probabilities,
        abstained,
        ...(abstained && {
          reason: `${emotion} is the most probable with ${percent(confidence)}, below the threshold of ${percent(threshold)}`,
        }),
        threshold,
        timeline,
        durationSec: frames / sampleRate,
        notes: [
          ...(isPerSpeaker ? [strangerNote] : []),
          ...earlyNote(places[0], sampleRate, config.offsetSec),
          ...silentNote(places.length - heard.length),
        ],
        ...about,
      };
    },
  };
}

function modelText({ config, card }: ModelBundle): string {
  const corpora = Object.keys(card.corpora ?? {});
  return corpora.length > 0 ? `${config.name}, trained on ${corpora.join(', ')}` : config.name;
}

const strangerNote =
  'the model was trained with a scaler for each speaker; this speaker is unknown to it, so that the scaler of all its training ' +
  'rows is used: its scores were not measured this way';

function earlyNote({ firstFrame }: WindowPlace, sampleRate: number, offsetSec: number): string[] {
  if (firstFrame === Math.floor(offsetSec * sampleRate)) return [];
  return [
    `the recording is short: it is listened to from ${(firstFrame / sampleRate).toFixed(2)} s on, in training from ${offsetSec} s on`,
  ];
}

function silentNote(silent: number): string[] {
  return silent === 0 ? [] : [`${silent} silent ${silent === 1 ? 'part is' : 'parts are'} left out`];
}

/** A window at the rate that features are made at, or undefined if nothing is heard in it. */
function cut(
  { name, sampleRate, read }: Recording,
  { firstFrame, endFrame }: WindowPlace,
  toRate: number,
  frontEnd: FrontEnd,
): Float32Array | undefined {
  const samples = read(firstFrame, endFrame);
  let [sum, low, high] = [0, Infinity, -Infinity];
  for (const sample of samples) {
    sum += sample;
    if (sample < low) low = sample;
    if (sample > high) high = sample;
  }
  if (!Number.isFinite(sum)) throw new InvalidFileError(name, 'it has samples that are not finite numbers');
  const mean = sum / samples.length;
  if (high - mean <= silence && mean - low <= silence) return undefined;
  return sampleRate === toRate ? samples : frontEnd.resample(samples, sampleRate, toRate);
}

/** @returns mean over the rows; shape [columns] */
function meanOf(values: Float32Array, rows: number, columns: number): Float64Array {
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows * columns; i++) mean[i % columns] += values[i] / rows;
  return mean;
}

function ranked(classes: readonly Emotion[], values: ArrayLike<number>): EmotionProbability[] {
  return classes
    .map((emotion, k) => ({ emotion, probability: values[k] }))
    .sort((a, b) => b.probability - a.probability);
}

function checkOptions({ threshold, hopSec }: { threshold: number; hopSec?: number }): void {
  if (!(threshold >= 0 && threshold <= 1))
    throw new InvalidArgumentError('threshold', 'a probability from 0 to 1', threshold);
  if (hopSec !== undefined && !(hopSec >= leastHopSec))
    throw new InvalidArgumentError('hopSec', `a number of at least ${leastHopSec} (seconds)`, hopSec);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
