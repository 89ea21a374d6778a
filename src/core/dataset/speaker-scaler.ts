import { InvalidArgumentError } from '../base';
import type { FeatureSet } from '../features';
import { type FitScalerOptions, fitScaler, type Scaler, type ScalerJson } from './scalers';

/** A {@link SpeakerScaler} as JSON. */
export interface SpeakerScalerJson {
  kind: 'per speaker';
  speakers: Record<string, ScalerJson>;
  others: ScalerJson;
}

/**
 * One scaler per speaker, fitted to all recordings of that speaker, so that features describe deviations from the speaker's own
 * average.
 *
 * This is transductive: the statistics of a test speaker come from the test recordings (but not their labels). Scores apply to
 * speakers of whom several recordings are available, not to a single recording of an unknown speaker.
 */
export interface SpeakerScaler {
  readonly kind: 'per speaker';
  readonly speakers: ReadonlyMap<string, Scaler>;
  /** for unknown speakers */
  readonly others: Scaler;
  of(speaker: string | undefined): Scaler;
  toJSON(): SpeakerScalerJson;
}

/** Options of {@link fitSpeakerScaler}. */
export interface FitSpeakerScalerOptions extends FitScalerOptions {
  /** training rows, to which the scaler of unknown speakers is fitted */
  trainRows: ArrayLike<number>;
}

/**
 * Fits one scaler per speaker to the original versions of their recordings, since test clips have no other version.
 *
 * @param data - shape [clip, version, rowSize]
 * @param set - clips and versions of the rows
 * @param rowSize - values per row, frames · coefficients
 * @returns one scaler per speaker, and one fitted to `trainRows` for unknown speakers
 * @throws {@link InvalidArgumentError} if no clip has a speaker, there is no original version, or as {@link fitScaler}
 * @example
 * ```ts
 * const scaler = fitSpeakerScaler(set.data, rowSize, set, { trainRows: split.train });
 * scaler.of('RAVDESS-01').mean;
 * ```
 */
export function fitSpeakerScaler(
  data: Float32Array,
  rowSize: number,
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  { trainRows, ...options }: FitSpeakerScalerOptions,
): SpeakerScaler {
  const original = versions.indexOf('original');
  if (original < 0) throw new InvalidArgumentError('versions', 'a list that includes "original"', versions);
  const rowsOf = new Map<string, number[]>();
  for (const [i, { speaker }] of clips.entries()) {
    if (speaker === undefined) continue;
    const rows = rowsOf.get(speaker) ?? [];
    rowsOf.set(speaker, rows);
    rows.push(i * versions.length + original);
  }
  if (rowsOf.size === 0) throw new InvalidArgumentError('clips', 'a list with known speakers', 'no speaker');
  const speakers = new Map(
    [...rowsOf].map(([speaker, rows]) => [speaker, fitScaler(data, rowSize, rows, options)] as const),
  );
  return createSpeakerScaler(speakers, fitScaler(data, rowSize, trainRows, options));
}

/** Creates a speaker scaler from known scalers. To fit one to data, use {@link fitSpeakerScaler}. */
export function createSpeakerScaler(speakers: ReadonlyMap<string, Scaler>, others: Scaler): SpeakerScaler {
  return {
    kind: 'per speaker',
    speakers,
    others,
    of: (speaker) => (speaker === undefined ? others : (speakers.get(speaker) ?? others)),
    toJSON: () => ({
      kind: 'per speaker',
      speakers: Object.fromEntries([...speakers].map(([name, scaler]) => [name, scaler.toJSON()])),
      others: others.toJSON(),
    }),
  };
}

/** The scaler of each row of a feature set, for `gatherRows`. */
export function scalerOfRow(
  scaler: Scaler | SpeakerScaler,
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
): (row: number) => Scaler {
  if (scaler.kind === 'standard') return () => scaler;
  const scalers = clips.map(({ speaker }) => scaler.of(speaker));
  return (row) => scalers[Math.floor(row / versions.length)];
}
