import { InvalidArgumentError, type Random } from '../base';
import { addNoise } from './add-noise';
import { addPaperNoise } from './add-paper-noise';
import { pitch } from './pitch';
import { shift } from './shift';
import { stretch } from './stretch';

/** One way to change a recording, as plain data: it can be written into a config, hashed and compared. */
export type Augmentation =
  /** the paper's noise, of a random strength */
  | { kind: 'paperNoise' }
  /** white noise at a signal-to-noise ratio, dB */
  | { kind: 'noise'; snrDb: number }
  /** faster (rate > 1) or slower, at the same pitch */
  | { kind: 'stretch'; rate: number }
  /** higher or lower by semitones, at the same length */
  | { kind: 'pitch'; nSteps: number }
  /** rolled around by up to so many seconds either way */
  | { kind: 'shift'; maxSec: number };

/** The paper's four versions of a clip, by name; its notebook trains on all of them. */
export const paperVersions = {
  original: [],
  noise: [{ kind: 'paperNoise' }],
  pitch: [{ kind: 'pitch', nSteps: 0.7 }],
  pitchAndNoise: [{ kind: 'pitch', nSteps: 0.7 }, { kind: 'paperNoise' }],
} as const satisfies Record<string, readonly Augmentation[]>;

/**
 * Applies augmentations one after the other.
 *
 * @param samples - shape [samples]; not changed
 * @param options - `sampleRate`, Hz; `random`, where chance comes from: seed it by the clip, and the result does not depend
 *   on the order of the clips
 * @returns a new array, of another length only after `stretch`
 * @throws {@link InvalidArgumentError} if a kind is unknown, or as each augmentation says
 */
export function augment(
  samples: Float32Array,
  augmentations: readonly Augmentation[],
  { sampleRate, random }: { sampleRate: number; random: Random },
): Float32Array {
  let result = samples;
  for (const augmentation of augmentations) result = applyOne(result, augmentation, sampleRate, random);
  return augmentations.length === 0 ? samples.slice() : result;
}

function applyOne(
  samples: Float32Array,
  augmentation: Augmentation,
  sampleRate: number,
  random: Random,
): Float32Array {
  switch (augmentation.kind) {
    case 'paperNoise':
      return addPaperNoise(samples, random);
    case 'noise':
      return addNoise(samples, { snrDb: augmentation.snrDb, random });
    case 'stretch':
      return stretch(samples, { rate: augmentation.rate });
    case 'pitch':
      return pitch(samples, { sampleRate, nSteps: augmentation.nSteps });
    case 'shift':
      return shift(samples, { maxSamples: Math.round(augmentation.maxSec * sampleRate), random });
    default: {
      const { kind } = augmentation as { kind: unknown };
      throw new InvalidArgumentError('kind', 'paperNoise, noise, stretch, pitch or shift', kind);
    }
  }
}
