import type { Augmentation } from '../dsp';
import type { ExperimentConfig } from './experiment';
import { defaultConfig } from './options';

const { dataset, model, training } = defaultConfig;

/**
 * The whole clip instead of 2.5 s; fewer coefficients, which carry less speaker identity; deltas and pitch; voices shifted up and
 * down by two semitones, without the paper's noise. Selected on validation speakers.
 */
const compactFeatures: ExperimentConfig['features'] = {
  offsetSec: 0,
  durationSec: 3.5,
  nMfcc: 13,
  features: ['zcr', 'rms', 'mfcc', 'deltas', 'f0'],
  versions: {
    original: [],
    higher: [{ kind: 'pitch', nSteps: 2 }],
    lower: [{ kind: 'pitch', nSteps: -2 }],
  },
};

/**
 * Versions for recordings from other microphones, rooms and phone lines. The level of every window is normalised, so no version
 * changes it. Selected on validation speakers, each condition measured separately.
 */
const robustVersions: Record<string, readonly Augmentation[]> = {
  original: [],
  higher: [{ kind: 'pitch', nSteps: 2 }],
  lower: [{ kind: 'pitch', nSteps: -2 }],
  telephone: [{ kind: 'telephone' }],
  noise: [{ kind: 'noise', snrDb: [5, 30] }],
  room: [{ kind: 'room', rt60Sec: [0.2, 0.9], directDb: [-5, 10] }],
  band: [
    { kind: 'speed', rate: [0.88, 1.12] },
    { kind: 'band', lowHz: [0, 400], highHz: [2800, 11_000] },
    { kind: 'clip', peakShare: [0.2, 1] },
  ],
};

/** Features of the speech alone at a fixed level, with these versions. */
const robustFeatures = { nMels: 64, levelDb: -26, trimDb: 30, versions: robustVersions };

export const presetNames = [
  'paper',
  'paper-fast',
  'compact',
  'log-mel',
  'robust',
  'robust-log-mel',
  'quick',
  'lesson',
] as const;
export type PresetName = (typeof presetNames)[number];

export const isPreset = (name: unknown): name is PresetName =>
  (presetNames as readonly unknown[]).includes(name);

/**
 * Experiments to start from.
 *
 * - `paper`: the paper's network (7.2 M parameters, flat rows of 2,376 values), trained and split as in the paper: rows are split
 *   after augmentation, which leaks
 * - `paper-fast`: reaches the paper's score under the paper's split in minutes, with a small network that can memorise
 * - `compact` (default): the compact CNN, tested on speakers that are not in the training set
 * - `log-mel`: a 2-D CNN on the log-mel spectrograms that the paper's text mentions, same protocol
 * - `robust` and `robust-log-mel`: a 1-D and a 2-D CNN for new speakers and other microphones, rooms and phone lines: statistics over the
 *   speech at a normalised level, and versions that simulate the telephone, noise, rooms and a narrower bandwidth
 * - `quick`: a small network for the demo corpus and the WebAssembly backend
 * - `lesson`: the small network of notebook 6 and of the lesson on leakage, which is free to memorise the versions of its training clips
 */
export const presets: Readonly<Record<PresetName, ExperimentConfig>> = {
  paper: {
    name: 'paper',
    ...defaultConfig,
    dataset: { ...dataset, protocol: 'paper-rows' },
    model: { ...model, kind: 'paper' },
    training: {
      ...training,
      epochs: 50,
      batchSize: 32,
      optimizer: 'adam',
      learningRate: 1e-3,
      schedule: 'plateau',
      weightDecay: 0,
      labelSmoothing: 0,
      earlyStopping: 5,
      monitor: 'valAccuracy',
    },
  },
  'paper-fast': {
    name: 'paper-fast',
    ...defaultConfig,
    dataset: { ...dataset, protocol: 'paper-rows' },
    // Little regularisation: this split rewards memorised recordings.
    model: { ...model, head: 'flatten', dropout: 0.5 },
    training: { ...training, epochs: 20, labelSmoothing: 0, monitor: 'valAccuracy' },
  },
  compact: {
    name: 'compact',
    ...defaultConfig,
    features: compactFeatures,
    model: { ...model, width: 64 },
    training: { ...training, epochs: 16 },
  },
  'log-mel': {
    name: 'log-mel',
    ...defaultConfig,
    features: { features: ['logMel'], nMels: 64 },
    // A row takes five times as long as with the compact network.
    dataset: { ...dataset, trainVersions: ['original'] },
    model: { ...model, kind: 'log-mel', width: 16 },
    training: { ...training, epochs: 8 },
  },
  robust: {
    name: 'robust',
    ...defaultConfig,
    features: {
      ...compactFeatures,
      ...robustFeatures,
      features: ['zcr', 'rms', 'mfcc', 'deltas', 'f0', 'logMel'],
    },
    model: { ...model, width: 64, head: 'statistics' },
    training: { ...training, epochs: 30, versionsPerEpoch: 1, originalShare: 0.35 },
  },
  'robust-log-mel': {
    name: 'robust-log-mel',
    ...defaultConfig,
    features: { ...compactFeatures, ...robustFeatures, features: ['logMel'] },
    model: { ...model, kind: 'log-mel', width: 24, head: 'statistics' },
    training: { ...training, epochs: 24, versionsPerEpoch: 1, originalShare: 0.35 },
  },
  quick: {
    name: 'quick',
    ...defaultConfig,
    dataset: { ...dataset, fold: '1', trainVersions: ['original'] },
    model: { ...model, width: 32 },
    training: { ...training, epochs: 12, batchSize: 32, monitor: 'valUar' },
  },
  lesson: {
    name: 'lesson',
    ...defaultConfig,
    dataset: { ...dataset, folds: 3 },
    model: { ...model, head: 'flatten', width: 32 },
    training: { ...training, epochs: 10, labelSmoothing: 0, monitor: 'valUar' },
  },
};
