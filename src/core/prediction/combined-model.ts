import { type Emotion, InvalidArgumentError, InvalidFileError, printable, WorkbenchError } from '../base';
import { scaleByTemperature, underProtocol, type UnderProtocol } from '../evaluation';
import {
  byMeasure,
  type FeatureConfig,
  featureConfig,
  type FeatureRows,
  type FrontEnd,
  planWindows,
  type RecordingRanges,
  resampleTo,
  type Window,
  type WindowPlace,
  windowRows,
} from '../features';
import type { Engine } from '../network';
import { trainingCorpora } from './model-files';
import { isEnsemble, type Model, type SingleModel, singlesOf } from './model';
import { modelInput, protocolNote, scaledRows } from './model-input';
import { elementwiseMean, predictHeldOut, testedVersions } from './trained';

/** One trained network or classifier with its own window and features. */
interface Member extends Pick<SingleModel, 'trained' | 'temperature'> {
  kind: SingleModel['config']['model']['kind'];
  scaler: Parameters<typeof scaledRows>[1];
  features: FeatureConfig;
  tested: readonly string[] | undefined;
  /** members with equal keys share their features */
  key: string;
}

/** Models combined for prediction. */
export interface CombinedModel {
  classes: readonly Emotion[];
  /** one per model; the temperature is that of the mean over its members */
  groups: { members: Member[]; temperature: number }[];
  windows: readonly Window[];
  /** from the earliest start to the latest end of the members' windows */
  window: Window;
  /** ranges of the training recordings; undefined if a card does not state them */
  ranges: RecordingRanges | undefined;
  isPerSpeaker: boolean;
  threshold: number;
  about: UnderProtocol & { model: string };
}

/**
 * Combines models that predict as one.
 *
 * @throws {@link InvalidArgumentError} if there is no model, or several differ in classes or protocol
 */
export function combineModels(models: readonly Model[]): CombinedModel {
  const singles = models.flatMap(singlesOf);
  requireCompatible(singles);
  const groups = models.map((model) =>
    isEnsemble(model)
      ? { members: model.members.map(memberOf), temperature: model.temperature }
      : { members: [memberOf(model)], temperature: 1 },
  );
  const windows = groups.flatMap(({ members }) => members.map(({ features }) => features));
  const [{ classes, config }] = singles;
  return {
    classes,
    groups,
    windows,
    window: spanOf(windows),
    ranges: commonRanges(models),
    isPerSpeaker: singles.some(({ normaliser }) => normaliser.kind === 'per speaker'),
    threshold: models.reduce((sum, { threshold }) => sum + threshold / models.length, 0),
    about: {
      ...underProtocol(config.dataset.protocol, protocolNote(config.dataset)),
      model: describeModels(singles),
    },
  };
}

/** The ranges that the training recordings of all models share. */
function commonRanges(models: readonly Model[]): RecordingRanges | undefined {
  const known = models.flatMap(({ card }) => card.recordings ?? []);
  if (known.length < models.length) return undefined;
  return byMeasure((measure) => ({
    low: Math.max(...known.map((ranges) => ranges[measure].low)),
    high: Math.min(...known.map((ranges) => ranges[measure].high)),
  }));
}

function requireCompatible(models: readonly SingleModel[]): void {
  if (models.length === 0) throw new InvalidArgumentError('models', 'at least one model', []);
  const requireSame = (what: string, of: (model: SingleModel) => string): void => {
    const [first, ...others] = models.map(of);
    const other = others.find((value) => value !== first);
    if (other !== undefined)
      throw new InvalidArgumentError('models', `of the same ${what} (${first})`, other);
  };
  requireSame('classes', ({ classes }) => classes.join(', '));
  requireSame('protocol', ({ config: { dataset } }) =>
    [dataset.protocol, protocolNote(dataset)].filter(Boolean).join(', '),
  );
}

function memberOf({ trained, normaliser, temperature, config }: SingleModel): Member {
  const features = featureConfig(config.features);
  const scaler = normaliser.kind === 'per speaker' ? normaliser.others : normaliser;
  const tested = testedVersions(config.dataset, Object.keys(features.versions));
  const key = JSON.stringify([features, tested]);
  return { kind: config.model.kind, trained, scaler, temperature, features, tested, key };
}

function describeModels(models: readonly SingleModel[]): string {
  const names = [...new Set(models.map(({ config }) => config.name))].join(' and ');
  const corpora = [...new Set(models.flatMap(({ card }) => trainingCorpora(card).map(({ name }) => name)))];
  return [
    models.length > 1 ? `ensemble of ${models.length}: ${names}` : names,
    ...(corpora.length > 0 ? [`trained on ${printable(corpora.join(', '))}`] : []),
  ].join(', ');
}

/** From the earliest start to the latest end of windows. */
export function spanOf(windows: readonly Window[]): Window {
  const offsetSec = Math.min(...windows.map((own) => own.offsetSec));
  const endSec = Math.max(...windows.map((own) => own.offsetSec + own.durationSec));
  // Rounded, because an error in the last digit of the sum could cost a frame.
  return { offsetSec, durationSec: Number((endSec - offsetSec).toFixed(9)) };
}

/**
 * Class probabilities of windows, averaged over all models.
 *
 * @param windows - mono samples
 * @param name - of the recording, for messages
 * @returns one array of shape [classes] per window
 */
export async function classify(
  { groups, window, classes }: CombinedModel,
  windows: readonly Float32Array[],
  sampleRate: number,
  tf: Engine['tf'],
  frontEnd: FrontEnd,
  name: string,
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const resampled = new Map<string, Float32Array[]>();
  /** The windows of members with these features, at their sample rate; members with equal windows share them. */
  const cutFor = (features: FeatureConfig): Float32Array[] => {
    const { offsetSec, durationSec, sampleRate: ownRate } = features;
    const key = [offsetSec, durationSec, ownRate].join();
    const known = resampled.get(key);
    if (known) return known;
    const cut = windows.map((samples) => {
      const { firstFrame, endFrame } = ownPart(samples.length, sampleRate, features, window.offsetSec);
      return resampleTo(samples.subarray(firstFrame, endFrame), sampleRate, ownRate, frontEnd);
    });
    resampled.set(key, cut);
    return cut;
  };
  const computed = new Map<string, FeatureRows>();
  const featuresOf = ({ features, tested, key }: Member): FeatureRows => {
    const known = computed.get(key);
    if (known) return known;
    const rows = windowRows(cutFor(features), features, frontEnd, tested);
    if (!areFinite(rows.data))
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
      gather: async (chosen: ArrayLike<number>, out: Float32Array): Promise<void> => {
        await scaled.gather(chosen, out);
        if (!areFinite(out))
          throw new WorkbenchError('the model scales the features to NaN or Infinity: its scaler is damaged');
      },
      classes: classes.length,
    };
    const rows = Int32Array.from(windows, (_, i) => i * versions.length);
    const probabilities = await predictHeldOut(tf, trained, data, rows, { versions, tested, signal });
    if (!areFinite(probabilities))
      throw new WorkbenchError('the model returned NaN or Infinity: its weights are damaged');
    return scaleByTemperature(probabilities, classes.length, temperature);
  };
  const means: Float32Array[] = [];
  for (const { members, temperature } of groups) {
    const probabilities: Float32Array[] = [];
    for (const member of members) probabilities.push(await probabilitiesBy(member));
    means.push(scaleByTemperature(elementwiseMean(probabilities), classes.length, temperature));
  }
  const mean = elementwiseMean(means);
  return windows.map((_, i) => mean.subarray(i * classes.length, (i + 1) * classes.length));
}

/** The part of a common window that a member uses, as if the window were a complete recording. */
export function ownPart(frames: number, sampleRate: number, own: Window, startSec: number): WindowPlace {
  const offsetSec = Number((own.offsetSec - startSec).toFixed(9));
  return planWindows(frames, sampleRate, { ...own, offsetSec }, Infinity)[0];
}

/** Faster than `every(Number.isFinite)`, which matters for long recordings. */
function areFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] - values[i];
  return sum === 0;
}
