import { InvalidArgumentError } from '../base';
import type { FeatureConfig, FeatureSet } from '../features';

/** Differences between neighbouring bands, of 17 that the mel bands are gathered in. */
export const changesInFrame = 16;
const bands = changesInFrame + 1;

/** The paper's. With 13, other takes of a sentence are taken for copies: 44 pairs in the four corpora, of which 8 are. */
const minMfcc = 20;

/** Whether features hold what clips can be compared by. */
export const holdsBandChanges = ({ features, nMfcc, nMels }: FeatureConfig): boolean =>
  (features.includes('mfcc') && nMfcc >= minMfcc) || (features.includes('logMel') && nMels >= bands);

/** From one frame to the one that it is compared with. */
const strideSec = 0.093;

/** How the difference of two neighbouring bands follows from the columns of a frame. */
interface BandWeights {
  /** first column, and how many */
  first: number;
  width: number;
  /** shape [changesInFrame, width] */
  weights: Float64Array;
}

/**
 * How the shape of each clip's spectrum changes: of each frame of its original version, the energy differences (dB) between
 * neighbouring bands, less those 93 ms before. It does not depend on loudness. The bands come from the MFCC (which are the
 * log-mel spectrum's cosine transform, so that they give it back, smoothed), or from the log-mel bands themselves.
 *
 * @returns a function that gives a clip's changes, shape [frames − stride, 16]; nothing for a clip that is too short
 * @throws {@link InvalidArgumentError} if the set has neither at least 20 MFCC nor at least 17 mel bands, or no original
 *   version
 * @see Haitsma and Kalker (2002), A highly robust audio fingerprinting system, ISMIR: whose bits are the signs of these
 */
export function bandChanges(
  set: Pick<FeatureSet, 'data' | 'shape' | 'frames' | 'versions' | 'columns' | 'config'>,
): (clip: number) => Float32Array {
  const { data, shape, frames, versions, config } = set;
  const [, , rowFrames, columns] = shape;
  const original = versions.indexOf('original');
  if (original < 0) throw new InvalidArgumentError('versions', 'with one called original', versions);
  const { first, width, weights } = bandWeights(set.columns, config);
  const stride = Math.max(1, Math.round((strideSec * config.sampleRate) / config.hopLength));
  return (clip) => {
    const row = clip * versions.length + original;
    const differences = new Float64Array(frames[row] * changesInFrame);
    for (let frame = 0; frame < frames[row]; frame++) {
      const start = (row * rowFrames + frame) * columns + first;
      for (let b = 0; b < changesInFrame; b++) {
        let sum = 0;
        for (let k = 0; k < width; k++) sum += weights[b * width + k] * data[start + k];
        differences[frame * changesInFrame + b] = sum;
      }
    }
    const lag = stride * changesInFrame;
    return Float32Array.from(
      { length: Math.max(0, differences.length - lag) },
      (_, i) => differences[i + lag] - differences[i],
    );
  };
}

function bandWeights(columns: readonly string[], config: FeatureConfig): BandWeights {
  const { features, nMfcc, nMels } = config;
  if (!holdsBandChanges(config)) {
    throw new InvalidArgumentError(
      'features',
      `with at least ${minMfcc} MFCC or ${bands} mel bands, to compare clips by`,
      features,
    );
  }
  if (features.includes('mfcc') && nMfcc >= minMfcc) {
    const weights = new Float64Array(changesInFrame * nMfcc);
    for (let b = 0; b < changesInFrame; b++) {
      const cosine = (band: number, k: number): number => Math.cos((Math.PI * k * (band + 0.5)) / bands);
      // The inverse transform at the middle of each band; coefficient 0 is the same in all.
      for (let k = 1; k < nMfcc; k++) {
        weights[b * nMfcc + k] = Math.sqrt(2 / nMels) * (cosine(b, k) - cosine(b + 1, k));
      }
    }
    return { first: columns.indexOf('mfcc0'), width: nMfcc, weights };
  }
  const weights = new Float64Array(changesInFrame * nMels);
  const sizes = new Int32Array(bands);
  const bandOf = (mel: number): number => Math.floor((mel * bands) / nMels);
  for (let mel = 0; mel < nMels; mel++) sizes[bandOf(mel)]++;
  for (let mel = 0; mel < nMels; mel++) {
    const band = bandOf(mel);
    if (band < changesInFrame) weights[band * nMels + mel] = 1 / sizes[band];
    if (band > 0) weights[(band - 1) * nMels + mel] = -1 / sizes[band];
  }
  return { first: columns.indexOf('logMel0'), width: nMels, weights };
}
