/** Evaluation protocols: ways to divide clips into training and test data, from the paper's split to the strictest one. */
export const protocolNames = [
  'paper-rows',
  'clips',
  'speakers',
  'speakers+sentences',
  'leave-one-speaker-out',
  'leave-one-corpus-out',
  'cross-corpus',
  'own-folds',
] as const;
/** Name of an evaluation protocol; {@link protocolCards} describes each. */
export type ProtocolName = (typeof protocolNames)[number];

/** Protocols of scores that no split of the workbench produced; whether they are leaky depends on the audit of the training data. */
const otherProtocols = ['existing-model', 'external'] as const;
/** Names of all protocols that a score may have. */
export const scoreProtocolNames = [...protocolNames, ...otherProtocols] as const;
/** Protocol of a score: a {@link ProtocolName}, `existing-model` or `external`. */
export type ScoreProtocol = (typeof scoreProtocolNames)[number];

/** Whether the audit of the training data decides if scores under a protocol are leaky. */
export const isAuditedProtocol = (protocol: ScoreProtocol): boolean =>
  (otherProtocols as readonly string[]).includes(protocol);

/** What training and test data may share. `duplicates` are different clips with (nearly) the same audio. */
export type Overlap = 'clips' | 'duplicates' | 'speakers' | 'sentences';

/** How a protocol divides the data, and what a score under it measures. */
export interface ProtocolCard {
  name: ScoreProtocol;
  /** what is divided and how, in one sentence */
  description: string;
  /** training and test contain the same recordings, so a score does not apply to new recordings */
  isLeaky: boolean;
  /** what training and test share by design; `auditSplit` rejects a split that shares anything else */
  mayShare: readonly Overlap[];
  /** what a score under this protocol measures */
  measures: string;
}

/** The card of each protocol. */
export const protocolCards: Readonly<Record<ScoreProtocol, ProtocolCard>> = {
  'paper-rows': {
    name: 'paper-rows',
    description:
      "The paper's split: clips are augmented first, then all rows are shuffled and a fifth of them form the test set.",
    isLeaky: true,
    mayShare: ['clips', 'duplicates', 'speakers', 'sentences'],
    measures:
      'how well a model recalls recordings that it has trained on in another version; for the paper only',
  },
  clips: {
    name: 'clips',
    description:
      'Folds of recordings, stratified by corpus and emotion; recordings with the same audio are in the same fold.',
    isLeaky: false,
    mayShare: ['speakers', 'sentences'],
    measures: 'new recordings of the same speakers saying the same sentences',
  },
  speakers: {
    name: 'speakers',
    description:
      'Folds of speakers, balanced within each corpus by size, emotion and (where known) sex; no speaker is in both training and test.',
    isLeaky: false,
    mayShare: ['sentences'],
    measures: 'new speakers of the same corpora, saying the same sentences',
  },
  'speakers+sentences': {
    name: 'speakers+sentences',
    description:
      'Folds of speakers crossed with groups of sentences: neither the speakers nor the sentences of the test set are in training.',
    isLeaky: false,
    mayShare: [],
    measures: 'new speakers of the same corpora, saying new sentences',
  },
  'leave-one-speaker-out': {
    name: 'leave-one-speaker-out',
    description: 'Each speaker in turn is the test set, all others are the training set.',
    isLeaky: false,
    mayShare: ['sentences'],
    measures: 'one new speaker of the same corpora, saying the same sentences',
  },
  'leave-one-corpus-out': {
    name: 'leave-one-corpus-out',
    description: 'Each corpus in turn is the test set, all others are the training set.',
    isLeaky: false,
    mayShare: [],
    measures: 'a new corpus: other speakers, sentences, microphones and rooms',
  },
  'cross-corpus': {
    name: 'cross-corpus',
    description: 'The training set consists of some corpora, the test set of others.',
    isLeaky: false,
    mayShare: [],
    measures: 'the corpora of the test set: other speakers, sentences, microphones and rooms',
  },
  'own-folds': {
    name: 'own-folds',
    description:
      "The user's own folds, each in turn the test set; folds named train, validation and test form a single split.",
    isLeaky: false,
    mayShare: ['speakers', 'sentences'],
    measures: "what the user's folds keep apart: the audit says which speakers and sentences are shared",
  },
  'existing-model': {
    name: 'existing-model',
    description: 'A trained model predicts labelled clips; nothing is trained.',
    isLeaky: false,
    mayShare: ['speakers', 'sentences'],
    measures: 'a trained model on these clips: the audit lists what it was trained on',
  },
  external: {
    name: 'external',
    description: 'Predictions of another program on its own test data.',
    isLeaky: false,
    mayShare: ['speakers', 'sentences'],
    measures:
      'predictions of another program: the audit compares its training and test data, as far as known',
  },
};
