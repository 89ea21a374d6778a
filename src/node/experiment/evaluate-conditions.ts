import {
  type Clip,
  createRandom,
  groupBy,
  InvalidFileError,
  type LeftOut,
  type LeftOutItem,
  leftOutOf,
  messageOf,
  WorkbenchError,
} from '../../core/base';
import { joinSamples } from '../../core/audio';
import { augment, type Augmentation } from '../../core/dsp';
import {
  type ConditionsReport,
  conditionsReport,
  type Predictions,
  underProtocol,
} from '../../core/evaluation';
import { featureConfig, type FrontEnd, resampleTo } from '../../core/features';
import type { Engine } from '../../core/network';
import {
  singlesOf,
  type Model,
  type Prediction,
  protocolNote,
  type SingleModel,
} from '../../core/prediction';
import { corporaFor, type Corpora, loadCorpora, readAudio } from '../corpora';
import { findNearDuplicates, loadFrontEnd } from '../extraction';
import { createPredictor } from '../models';
import { dataFingerprint } from '../runs';
import { type Codec, codecProblem, mp3, opus, roundTrip } from './codecs';
import { experimentSplits } from './experiment';

/** A way of changing recordings: in place, or several of one sample rate with a codec. */
type Condition = { title: string } & (
  | { augmentations: readonly Augmentation[]; limitsPeaks?: boolean }
  | { change: (samples: Float32Array, sampleRate: number) => Float32Array }
  | { codec: Codec }
);

/** Duration of the short and the long condition, seconds. */
const [shortSec, longSec] = [0.5, 10];

/** The conditions that {@link evaluateConditions} measures, in order; the first is the reference. */
const conditions: readonly Condition[] = [
  { title: 'as recorded', augmentations: [] },
  ...[-20, -10, 10].map((gainDb): Condition => {
    const title = `level ${gainDb > 0 ? '+' : '−'}${Math.abs(gainDb)} dB`;
    return { title, augmentations: [{ kind: 'gain', gainDb }], limitsPeaks: true };
  }),
  { title: 'telephone (8 kHz, µ-law)', augmentations: [{ kind: 'telephone' }] },
  { title: 'noise, SNR 20 dB', augmentations: [{ kind: 'noise', snrDb: 20 }] },
  { title: 'noise, SNR 10 dB', augmentations: [{ kind: 'noise', snrDb: 10 }] },
  { title: mp3.title, codec: mp3 },
  { title: opus.title, codec: opus },
  { title: 'room, 0.5 s reverberation', augmentations: [{ kind: 'room', rt60Sec: 0.5, directDb: 0 }] },
  { title: 'peaks clipped at 30 %', augmentations: [{ kind: 'clip', peakShare: 0.3 }] },
  { title: `middle ${shortSec} s only`, change: middle },
  { title: `repeated for ${longSec} s`, change: repeated },
];

function middle(samples: Float32Array, sampleRate: number): Float32Array {
  const length = Math.min(samples.length, Math.round(shortSec * sampleRate));
  const start = Math.floor((samples.length - length) / 2);
  return samples.slice(start, start + length);
}

function repeated(samples: Float32Array, sampleRate: number): Float32Array {
  return Float32Array.from(
    { length: Math.round(longSec * sampleRate) },
    (_, i) => samples[i % samples.length],
  );
}

/** Options of {@link evaluateConditions}. */
export interface EvaluateConditionsOptions {
  /** the recordings of the model's experiment; default all below the data folder */
  corpora?: Corpora;
  /** measure this number of test clips only, drawn at random with a fixed seed; default all */
  clips?: number;
  signal?: AbortSignal;
  /** called after each batch of clips */
  onProgress?: (done: number, total: number) => void;
}

/** Number of clips that are read, changed and encoded at once. */
const batchSize = 32;

/**
 * Predicts the test clips of a model as recorded, and changed in several ways: level, telephone, noise, codecs, reverberation, clipping
 * and duration. The codecs need ffmpeg; without it they are skipped with a note. A clip that cannot be read or predicted is left out of
 * all conditions.
 *
 * @param model - with a card that names its split
 * @returns the scores, and the clips that were left out
 * @throws WorkbenchError if the recordings are not those of the model's experiment, or its test clips were in the training set
 * @throws the signal's reason if it is aborted
 * @example
 * ```ts
 * const { report } = await evaluateConditions(await loadModel(engine, 'data/models/speakers'), engine);
 * console.log(ser.evaluation.formatConditions(report));
 * ```
 */
export async function evaluateConditions(
  model: Model,
  engine: Engine,
  { corpora: loaded, clips: count, signal, onProgress }: EvaluateConditionsOptions = {},
): Promise<{ report: ConditionsReport; leftOut: LeftOut[] }> {
  const corpora = loaded ?? (await loadCorpora({ labels: singlesOf(model)[0].config.labels }));
  const test = await testClips(model, corpora, signal);
  const clips = count === undefined ? test.clips : createRandom(42).shuffle(test.clips).slice(0, count);
  const predictor = createPredictor(model, engine);
  const frontEnd = await loadFrontEnd();
  const modelRates = singlesOf(model).map(({ config }) => featureConfig(config.features).sampleRate);
  const skipped: ConditionsReport['skipped'] = [];
  const measured: Condition[] = [];
  for (const condition of conditions) {
    const reason = 'codec' in condition ? await codecProblem(condition.codec) : undefined;
    if (reason === undefined) measured.push(condition);
    else skipped.push({ condition: condition.title, reason });
  }

  const rows: { clip: Clip; probabilities: Float32Array[] }[] = [];
  const failed: LeftOutItem[] = [];
  const byRate = [...groupBy(clips, ({ sampleRate }) => sampleRate).values()];
  const batches = byRate.flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / batchSize) }, (_, i) =>
      group.slice(i * batchSize, (i + 1) * batchSize),
    ),
  );
  for (const batch of batches) {
    const { sampleRate } = batch[0];
    const recordings: Float32Array[] = [];
    const read: Clip[] = [];
    for (const clip of batch) {
      signal?.throwIfAborted();
      try {
        const { samples } = await readAudio(corpora.fileOf(clip), { channel: clip.channel });
        recordings.push(samples);
        read.push(clip);
      } catch (error) {
        failed.push(failureOf(clip, error instanceof InvalidFileError ? error.reason : messageOf(error)));
      }
    }
    if (read.length === 0) continue;
    const probabilities = read.map((): Float32Array[] => []);
    const problems = new Map<number, string>();
    const modelRate = Math.min(sampleRate, ...modelRates);
    const resampled = recordings.map((samples) => resampleTo(samples, sampleRate, modelRate, frontEnd));
    for (const condition of measured) {
      // Unchanged and encoded recordings have their own rate. The others have the rate of the model, which saves time.
      const isOwnRate = 'codec' in condition || condition === measured[0];
      const [before, rate] = isOwnRate ? [recordings, sampleRate] : [resampled, modelRate];
      const decoded = 'codec' in condition ? await roundTrip(before, rate, condition.codec) : [];
      for (const [i, clip] of read.entries()) {
        signal?.throwIfAborted();
        try {
          const samples =
            'codec' in condition ? decoded[i] : changeOf(condition, before[i], rate, clip, frontEnd);
          const prediction = await predictor.predict({ samples, sampleRate: rate }, { signal });
          probabilities[i].push(inOrder(prediction, predictor.classes));
        } catch (error) {
          signal?.throwIfAborted();
          problems.set(i, `${condition.title}: ${messageOf(error)}`);
        }
      }
    }
    for (const [i, clip] of read.entries()) {
      const reason = problems.get(i);
      if (reason === undefined) rows.push({ clip, probabilities: probabilities[i] });
      else failed.push(failureOf(clip, reason));
    }
    onProgress?.(rows.length + failed.length, clips.length);
  }
  if (rows.length === 0) throw new WorkbenchError(`no test clip could be predicted: ${failed[0].reason}`);

  const predictionsOf = (at: number): Predictions => ({
    ...underProtocol(test.config.dataset.protocol, protocolNote(test.config.dataset)),
    classes: predictor.classes,
    clips: rows.map(({ clip }) => clip),
    actual: Int32Array.from(rows, ({ clip }) => predictor.classes.indexOf(clip.emotion)),
    probabilities: joinSamples(rows.map(({ probabilities }) => probabilities[at])),
    splitOf: new Int32Array(rows.length),
    splits: [test.split],
  });
  const report = conditionsReport(
    measured.map(({ title }, i) => ({ condition: title, predictions: predictionsOf(i) })),
    { threshold: model.threshold, skipped },
  );
  return { report, leftOut: leftOutOf('test clips not predicted', failed) };
}

const failureOf = ({ path, emotion, speaker }: Clip, reason: string): LeftOutItem => ({
  ...{ name: path, reason, emotion, speaker },
});

function changeOf(
  condition: Exclude<Condition, { codec: Codec }>,
  samples: Float32Array,
  sampleRate: number,
  { sha256 }: Clip,
  { addNormalNoise, resample }: FrontEnd,
): Float32Array {
  if ('change' in condition) return condition.change(samples, sampleRate);
  const random = createRandom(`condition/${condition.title}/${sha256}`, addNormalNoise);
  const changed = augment(samples, condition.augmentations, { sampleRate, random, resample });
  return condition.limitsPeaks ? changed.map((sample) => Math.max(-1, Math.min(1, sample))) : changed;
}

/** Probabilities in the order of the classes. */
export function inOrder({ probabilities }: Prediction, classes: readonly string[]): Float32Array {
  const values = new Float32Array(classes.length);
  for (const { emotion, probability } of probabilities) values[classes.indexOf(emotion)] = probability;
  return values;
}

/** The clips that a model was tested on, from its card and its config. */
export async function testClips(
  model: Model,
  loaded: Corpora,
  signal?: AbortSignal,
): Promise<{ clips: Clip[]; split: string; config: SingleModel['config'] }> {
  const [{ config }] = singlesOf(model);
  const {
    dataFingerprint: known,
    split,
    clips: clipCount,
  } = model.card as {
    dataFingerprint?: string;
    split?: { name?: string };
    clips?: number;
  };
  if (known === undefined || split?.name === undefined)
    throw new WorkbenchError('the model card does not state the test set: train the model again');
  const corpora = corporaFor(loaded, config);
  const { clips } = corpora;
  if (dataFingerprint(clips) !== known)
    throw new WorkbenchError(
      `the model was tested on other recordings (${clipCount} clips, fingerprint ${known}) than these (${clips.length} clips, ` +
        `fingerprint ${dataFingerprint(clips)}): set SER_DATA to the folder of the recordings of its experiment`,
    );
  if (underProtocol(config.dataset.protocol).isLeaky)
    throw new WorkbenchError(
      `under the protocol ${config.dataset.protocol}, versions of the test clips were in the training set: choose a model of another protocol`,
    );
  const set = { clips, versions: ['original'] };
  const whole = { ...config, dataset: { ...config.dataset, trainVersions: 'all' as const } };
  const splits = experimentSplits(set, whole, await findNearDuplicates(set, corpora, { signal }));
  const own = splits.find(({ name }) => name === split.name);
  if (!own)
    throw new WorkbenchError(
      `the protocol ${config.dataset.protocol} has no split named ${split.name} on these recordings`,
    );
  return { clips: [...own.test].map((row) => clips[row]), split: split.name, config };
}
