import type { Prediction } from '../../core/prediction';
import type { AudioData, Waveform } from '../../core/audio';

/** A model that the page offers; `folder` is its address relative to the page. */
export interface ModelPlace {
  name: string;
  folder: string;
}

/** What the page shows of a model, read from its files. */
export interface ModelSummary extends ModelPlace {
  classes: readonly string[];
  /** the part of a recording that one prediction uses, seconds */
  window: { offsetSec: number; durationSec: number };
  /** suggested minimum confidence; 0: never abstain */
  threshold: number;
  /** number of networks or classifiers */
  members: number;
  trainedOn: { name: string; clips: number }[];
  /** name of the protocol and what a score under it measures */
  protocolText: string;
  isLeaky: boolean;
  /** scores with their intervals, for example `UAR 62.7 % [59.8, 65.7]`; empty if the card has none */
  scores: string[];
  speakers?: number;
  notFor: string[];
  /** the predictor compares recordings with the range of the training recordings */
  knowsRanges: boolean;
  date?: string;
}

/** A message from the page to the worker. */
export type Request =
  | { kind: 'start'; base: string; models: ModelPlace[]; first: string }
  | { kind: 'predict'; id: number; model: string; input: Blob | Waveform; name: string }
  | { kind: 'cancel'; id: number }
  | { kind: 'decoded'; id: number; audio: AudioData | { reason: string } }
  | { kind: 'listen'; model: string; port: MessagePort; sampleRate: number }
  | { kind: 'stop listening' };

/** A message from the worker to the page. */
export type Reply =
  | { kind: 'model'; summary: ModelSummary }
  | { kind: 'model failed'; name: string; reason: string }
  | { kind: 'loaded' }
  | { kind: 'progress'; id: number; share: number }
  | { kind: 'decode'; id: number; bytes: Uint8Array; format: string }
  | ({ kind: 'predicted'; id: number } & Predicted)
  | { kind: 'failed'; id: number; reason: string; isCancelled: boolean }
  | { kind: 'window'; window: LiveWindow }
  | { kind: 'spectrogram'; columns: SpectrogramColumns };

/** A finished prediction. */
export interface Predicted {
  prediction: Prediction;
  /** largest magnitudes of equal parts of the recording, for drawing its waveform */
  envelope: Float32Array;
  sampleRate: number;
  /** from the start of reading to the result */
  computeMs: number;
}

/** The prediction for the window that ends now. */
export interface LiveWindow {
  /** frames since the start of the recording, at its own rate */
  startFrame: number;
  endFrame: number;
  /** in the order of the model's classes; undefined if the window is silent */
  probabilities?: number[];
  /** notes of the predictor */
  notes: string[];
  computeMs: number;
  /** when its last sample reached the worker, ms since 1970 */
  arrivedMs: number;
}

/** New columns of the log-mel spectrogram. */
export interface SpectrogramColumns {
  /** dB of full scale; shape [frames, bands] */
  data: Float32Array;
  bands: number;
  /** seconds from one column to the next */
  stepSec: number;
}
