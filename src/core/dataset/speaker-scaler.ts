import { InvalidArgumentError } from '../base';
import type { FeatureSet } from '../features';
import { fitScaler, type FitScalerOptions } from './fit-scaler';
import type { Scaler, ScalerJson } from './scaler';

/** What is written of a {@link SpeakerScaler}. */
export interface SpeakerScalerJson {
  kind: 'per speaker';
  speakers: Record<string, ScalerJson>;
  others: ScalerJson;
}

/**
 * A scaler for each speaker, fitted to all recordings of that speaker: what is left is how a voice departs from itself.
 *
 * It is transductive: the statistics of a test speaker come from the test recordings (not from their labels). A score with
 * it holds for a speaker of whom a set of recordings is at hand, not for a single recording of a stranger.
 */
export interface SpeakerScaler {
  readonly kind: 'per speaker';
  readonly speakers: ReadonlyMap<string, Scaler>;
  /** for speakers that it does not know */
  readonly others: Scaler;
  of(speaker: string | undefined): Scaler;
  toJSON(): SpeakerScalerJson;
}

export interface FitSpeakerScalerOptions extends FitScalerOptions {
  /** rows that the scaler of unknown speakers is fitted to: those of training */
  trainRows: ArrayLike<number>;
}

/**
 * Fits a scaler to each speaker's recordings, in the original version: a test has no other.
 *
 * @param data - shape [clip, version, rowSize]
 * @param set - whose clips and versions the rows are
 * @throws {@link InvalidArgumentError} if no clip has a speaker, there is no original version, or as `fitScaler` says
 */
export function fitSpeakerScaler(
  data: Float32Array,
  rowSize: number,
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  { trainRows, ...options }: FitSpeakerScalerOptions,
): SpeakerScaler {
  const original = versions.indexOf('original');
  if (original < 0) throw new InvalidArgumentError('versions', 'with one called original', versions);
  const rowsOf = new Map<string, number[]>();
  for (const [i, { speaker }] of clips.entries()) {
    if (speaker === undefined) continue;
    const rows = rowsOf.get(speaker) ?? [];
    rowsOf.set(speaker, rows);
    rows.push(i * versions.length + original);
  }
  if (rowsOf.size === 0) throw new InvalidArgumentError('clips', 'of known speakers', 'none with a speaker');
  const speakers = new Map(
    [...rowsOf].map(([speaker, rows]) => [speaker, fitScaler(data, rowSize, rows, options)] as const),
  );
  return createSpeakerScaler(speakers, fitScaler(data, rowSize, trainRows, options));
}

/** A scaler of known scalers. To get them from data: {@link fitSpeakerScaler}. */
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
