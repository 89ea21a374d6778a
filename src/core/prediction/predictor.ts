import { type Emotion, InvalidArgumentError, InvalidFileError, WorkbenchError } from '../base';
import type { Engine } from '../network';
import { scaleByTemperature, underProtocol, type UnderProtocol } from '../evaluation';
import { type FeatureConfig, featureConfig, type FeatureRows, type FrontEnd, loadFrontEnd, planWindows, type WindowPlace, windowRows } from '../features';
import { askHeldOut, heardVersions, meanOfAll } from './predict-held-out';
import type { EnsembleBundle } from './ensemble-bundle';
import type { ModelBundle } from './model-bundle';
import { modelInput, scaledRows } from './model-input';
import { openRecording, type Recording, type RecordingInput } from './open-recording';
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
  /** its name, and the corpora it was trained on; of several that are asked as one, how many they are */
  model: string;
}

export interface PredictOptions {
  /** least probability of an answer, 0 (always answer) to 1; default the bundle's, from its validation rows; of several the mean */
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
   * Listens to a recording, as `planWindows` says: as in training, and where it is longer in overlapping windows. Of several models
   * a window holds what the windows of all hold, and in it each listens to its own part.
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

/**
 * Makes a bundle answer, or several as one: an ensemble, whose answer is the mean of theirs, each calibrated by itself. One that was
 * saved as an ensemble is calibrated as a whole, too.
 *
 * @param bundles - several may be of different models, features and windows
 * @throws {@link InvalidArgumentError} if there is none, or if several differ in their classes or their protocol
 */
export function createPredictor(
  bundles: ModelBundle | EnsembleBundle | readonly (ModelBundle | EnsembleBundle)[],
  { tf }: Pick<Engine, 'tf'>,
): Predictor {
  const models = 'card' in bundles ? [bundles] : bundles;
  const members = models.flatMap((bundle) => ('members' in bundle ? bundle.members : [bundle]));
  checkMembers(members);
  const [{ classes, config: experiment }] = members;
  const { dataset } = experiment;
  const partOf = ({ trained, normaliser, temperature, config }: ModelBundle) => {
    const features = featureConfig(config.features);
    const scaler = normaliser.kind === 'per speaker' ? normaliser.others : normaliser;
    const heard = heardVersions(config.dataset, Object.keys(features.versions));
    const key = JSON.stringify([features, heard]);
    return { kind: config.model.kind, trained, scaler, temperature, features, heard, key };
  };
  const groups = models.map((bundle) =>
    'members' in bundle
      ? { parts: bundle.members.map(partOf), temperature: bundle.temperature }
      : { parts: [partOf(bundle)], temperature: 1 },
  );
  const ownWindows = groups.flatMap(({ parts }) => parts.map(({ features }) => features));
  const window = windowOfAll(ownWindows);
  const isPerSpeaker = members.some(({ normaliser }) => normaliser.kind === 'per speaker');
  const about = { ...underProtocol(dataset.protocol, protocolNote(dataset)), model: modelText(members) };
  const usualThreshold = models.reduce((sum, { threshold }) => sum + threshold / models.length, 0);

  /**
   * @param windows - mono samples of each, from the start of what all hear on
   * @returns probabilities, the mean over the members; shape [windows, classes]
   */
  async function ask(
    windows: readonly Float32Array[],
    sampleRate: number,
    frontEnd: FrontEnd,
    signal?: AbortSignal,
  ) {
    const made = new Map<string, FeatureRows>();
    const said = async ({
      kind,
      trained,
      scaler,
      temperature,
      features,
      heard,
      key,
    }: ReturnType<typeof partOf>) => {
      const hear = (samples: Float32Array): Float32Array => {
        const { firstFrame, endFrame } = ownPart(samples.length, sampleRate, features, window.offsetSec);
        const heard = samples.subarray(firstFrame, endFrame);
        return sampleRate === features.sampleRate
          ? heard
          : frontEnd.resample(heard, sampleRate, features.sampleRate);
      };
      const measured = made.get(key) ?? windowRows(windows.map(hear), features, frontEnd, heard);
      made.set(key, measured);
      const data = { ...scaledRows(modelInput(measured, kind), scaler), classes: classes.length };
      const { versions } = measured;
      const rows = Int32Array.from(windows, (_, i) => i * versions.length);
      const answers = await askHeldOut(tf, trained, data, rows, { versions, heard, signal });
      if (!answers.every(Number.isFinite))
        throw new WorkbenchError('the model answers with what are no numbers: it is damaged');
      return scaleByTemperature(answers, classes.length, temperature);
    };
    const means: Float32Array[] = [];
    for (const { parts, temperature } of groups) {
      const answers: Float32Array[] = [];
      for (const part of parts) answers.push(await said(part));
      means.push(scaleByTemperature(meanOfAll(answers), classes.length, temperature));
    }
    return meanOfAll(means);
  }

  return {
    classes,
    predict: async (input, { threshold = usualThreshold, hopSec, signal } = {}) => {
      checkOptions({ threshold, hopSec });
      const recording = await openRecording(input);
      const { frames, sampleRate } = recording;
      const frontEnd = await loadFrontEnd();
      const places = planWindows(frames, sampleRate, window, hopSec);
      const heard: WindowPlace[] = [];
      const all = new Float32Array(places.length * classes.length);
      for (let start = 0; start < places.length; start += batchSize) {
        signal?.throwIfAborted();
        const windows: Float32Array[] = [];
        const before = heard.length;
        for (const place of places.slice(start, start + batchSize)) {
          const samples = cut(recording, place);
          if (!samples) continue;
          windows.push(samples);
          heard.push(place);
        }
        if (windows.length > 0)
          all.set(await ask(windows, sampleRate, frontEnd, signal), before * classes.length);
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
          ...earlyNotes(places[0], sampleRate, ownWindows, window.offsetSec),
          ...silentNote(places.length - heard.length),
        ],
        ...about,
      };
    },
  };
}

function modelText(members: readonly ModelBundle[]): string {
  const names = [...new Set(members.map(({ config }) => config.name))].join(' and ');
  const corpora = [...new Set(members.flatMap(({ card }) => Object.keys(card.corpora ?? {})))];
  return [
    members.length > 1 ? `${members.length} models as one: ${names}` : names,
    ...(corpora.length > 0 ? [`trained on ${corpora.join(', ')}`] : []),
  ].join(', ');
}

function checkMembers(members: readonly ModelBundle[]): void {
  if (members.length === 0) throw new InvalidArgumentError('bundles', 'one at least', []);
  const requireSame = (what: string, of: (member: ModelBundle) => string): void => {
    const [first, ...others] = members.map(of);
    const other = others.find((value) => value !== first);
    if (other !== undefined)
      throw new InvalidArgumentError('bundles', `of the same ${what} (${first})`, other);
  };
  requireSame('classes', ({ classes }) => classes.join(', '));
  requireSame('protocol', ({ config: { dataset } }) =>
    [dataset.protocol, protocolNote(dataset)].filter(Boolean).join(', '),
  );
}

/** What a model hears of a recording, seconds. */
type Window = Pick<FeatureConfig, 'offsetSec' | 'durationSec'>;

/** From where the first of some models begins to hear to where the last ends. */
function windowOfAll(windows: readonly Window[]): Window {
  const offsetSec = Math.min(...windows.map((own) => own.offsetSec));
  const endSec = Math.max(...windows.map((own) => own.offsetSec + own.durationSec));
  // Without the last digits of the sum, which may cost a frame.
  return { offsetSec, durationSec: Number((endSec - offsetSec).toFixed(9)) };
}

/** Which part of a window a model hears: the one that it would hear of a recording that begins where the window does. */
function ownPart(frames: number, sampleRate: number, own: Window, fromSec: number): WindowPlace {
  const [part] = planWindows(
    frames,
    sampleRate,
    { ...own, offsetSec: Number((own.offsetSec - fromSec).toFixed(9)) },
    Infinity,
  );
  return part;
}

const strangerNote =
  'the model was trained with a scaler for each speaker; this speaker is unknown to it, so that the scaler of all its training ' +
  'rows is used: its scores were not measured this way';

/** Which models begin earlier than in training, since the recording is short. */
function earlyNotes(
  { firstFrame, endFrame }: WindowPlace,
  sampleRate: number,
  windows: readonly Window[],
  fromSec: number,
): string[] {
  const notes = windows.flatMap((own) => {
    const start = firstFrame + ownPart(endFrame - firstFrame, sampleRate, own, fromSec).firstFrame;
    // Two offsets that are rounded down may be a frame less than their sum.
    if (start + 1 >= Math.floor(own.offsetSec * sampleRate)) return [];
    return [
      `the recording is short: it is listened to from ${(start / sampleRate).toFixed(2)} s on, in training from ${own.offsetSec} s on`,
    ];
  });
  return [...new Set(notes)];
}

function silentNote(silent: number): string[] {
  return silent === 0 ? [] : [`${silent} silent ${silent === 1 ? 'part is' : 'parts are'} left out`];
}

/** The samples of a window, or undefined if nothing is heard in it. */
function cut({ name, read }: Recording, { firstFrame, endFrame }: WindowPlace): Float32Array | undefined {
  const samples = read(firstFrame, endFrame);
  let [sum, low, high] = [0, Infinity, -Infinity];
  for (const sample of samples) {
    sum += sample;
    if (sample < low) low = sample;
    if (sample > high) high = sample;
  }
  if (!Number.isFinite(sum)) throw new InvalidFileError(name, 'it has samples that are not finite numbers');
  const mean = sum / samples.length;
  return high - mean <= silence && mean - low <= silence ? undefined : samples;
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
