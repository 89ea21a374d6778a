import { InvalidFileError, WorkbenchError } from '../base';
import { scaleByTemperature } from '../evaluation';
import {
  type FeatureRows,
  type FrontEnd,
  planWindows,
  resampleTo,
  type Window,
  type WindowPlace,
  windowRows,
} from '../features';
import type { Engine } from '../network';
import type { CombinedModel, Member } from './combined-model';
import { modelInput, scaledRows } from './model-input';
import { elementwiseMean, predictHeldOut } from './trained';

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
  const computed = new Map<string, FeatureRows>();
  const featuresOf = ({ features, tested, key }: Member): FeatureRows => {
    const known = computed.get(key);
    if (known) return known;
    const cut = windows.map((samples) => {
      const { firstFrame, endFrame } = ownPart(samples.length, sampleRate, features, window.offsetSec);
      return resampleTo(samples.subarray(firstFrame, endFrame), sampleRate, features.sampleRate, frontEnd);
    });
    const rows = windowRows(cut, features, frontEnd, tested);
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
      gather: (chosen: ArrayLike<number>, out: Float32Array): void => {
        scaled.gather(chosen, out);
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
