import { augment, type Augmentation } from '../augment';
import type { Waveform } from '../audio';
import { delta, type Matrix } from '../dsp';
import { createRandom } from '../random';
import { canonicalJson } from '../canonical-hash';
import { frameCount } from './columns';
import type { FeatureConfig, FeatureName } from './config';
import { cutWindow } from './cut-window';
import { type FrontEnd, plainFrontEnd } from './front-end';

/** One feature of one version of a clip, to be computed. */
export interface FeatureTask {
  /** indices into the configuration's `versions` and `features` */
  version: number;
  feature: number;
}

/**
 * Computes features of one recording: window, resample, augment, measure, as the paper's notebook does.
 *
 * What is random is seeded by the configuration's seed, the recording's content and the version's augmentations: it depends
 * neither on other clips nor on which features are asked for.
 *
 * @param sha256 - of the recording's file
 * @returns a matrix a task, shape [frames of the clip (at most a full window's), columns of the feature]
 * @throws WorkbenchError if the recording ends before the window starts
 */
export function clipFeatures(
  waveform: Waveform,
  sha256: string,
  config: FeatureConfig,
  {
    tasks = allTasks(config),
    frontEnd = plainFrontEnd,
  }: { tasks?: readonly FeatureTask[]; frontEnd?: FrontEnd } = {},
): Matrix[] {
  const window = cutWindow(waveform, config, frontEnd);
  const versions = Object.values(config.versions);
  const waveforms = new Map<string, Float32Array>([['[]', window]]);
  const measures = new Map<string, Matrix>();
  return tasks.map(({ version, feature }) => {
    const samples = versionOf(versions[version]);
    const measure = (name: FeatureName): Matrix => {
      const key = `${version} ${name}`;
      const known = measures.get(key) ?? measureFeature(name, samples, config, frontEnd, measure);
      measures.set(key, known);
      return known;
    };
    return firstRows(measure(config.features[feature]), frameCount(config));
  });

  /** A version that begins as another one without chance in it goes on from there: the paper pitches once for two. */
  function versionOf(augmentations: readonly Augmentation[]): Float32Array {
    const key = canonicalJson(augmentations);
    const known = waveforms.get(key);
    if (known) return known;
    const last = augmentations.at(-1)!;
    const rest = augmentations.slice(0, -1);
    const { sampleRate } = config;
    let samples: Float32Array;
    if (last.kind === 'pitch')
      samples = frontEnd.pitchShift(versionOf(rest), { sampleRate, nSteps: last.nSteps });
    else if (last.kind === 'stretch') samples = frontEnd.timeStretch(versionOf(rest), { rate: last.rate });
    else {
      // All steps so far are in the seed: noise on a pitched clip is its own, and so is a second noise.
      const random = createRandom(`${config.seed}/${sha256}/${key}`);
      samples = augment(versionOf(rest), [last], { sampleRate, random });
    }
    waveforms.set(key, samples);
    return samples;
  }
}

/** Everything that a configuration asks of a clip, version by version. */
export function allTasks({ versions, features }: FeatureConfig): FeatureTask[] {
  return Object.keys(versions).flatMap((_, version) => features.map((_, feature) => ({ version, feature })));
}

function measureFeature(
  name: FeatureName,
  samples: Float32Array,
  config: FeatureConfig,
  frontEnd: FrontEnd,
  measure: (name: FeatureName) => Matrix,
): Matrix {
  const { sampleRate, nFft, hopLength, nMfcc, lifter, nMels, fMin, f0Min, f0Max } = config;
  const frames = { frameLength: nFft, hopLength };
  const mel = { sampleRate, nFft, hopLength, nMels, fMin, fMax: config.fMax ?? sampleRate / 2 };
  const column = (data: Float32Array): Matrix => ({ data, shape: [data.length, 1] });
  switch (name) {
    case 'zcr':
      return column(frontEnd.zeroCrossingRate(samples, frames));
    case 'rms':
      return column(frontEnd.rms(samples, frames));
    case 'mfcc':
      return frontEnd.mfcc(samples, { ...mel, nMfcc, lifter });
    case 'deltas': {
      const cepstrum = measure('mfcc');
      return delta(cepstrum, { mode: cepstrum.shape[0] < 9 ? 'nearest' : 'interp' });
    }
    case 'logMel':
      return frontEnd.logMel(samples, mel);
    case 'f0': {
      const { f0Hz } = frontEnd.f0Contour(samples, { sampleRate, ...frames, fMin: f0Min, fMax: f0Max });
      return column(f0Hz.map((hz) => (Number.isNaN(hz) ? 0 : hz)));
    }
  }
}

/** A stretched clip may be longer than the window. */
function firstRows({ data, shape: [rows, columns] }: Matrix, count: number): Matrix {
  const kept = Math.min(rows, count);
  return { data: data.slice(0, kept * columns), shape: [kept, columns] };
}
