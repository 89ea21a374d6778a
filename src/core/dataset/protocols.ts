/** Evaluation protocols: ways to divide clips into training and test data, from the paper's to the strictest. */
export const protocolNames = [
  'paper-rows',
  'clips',
  'speakers',
  'speakers+sentences',
  'leave-one-speaker-out',
  'leave-one-corpus-out',
  'own-folds',
] as const;
export type ProtocolName = (typeof protocolNames)[number];

/** What training and test data may share. `duplicates` are different clips with (nearly) the same audio. */
export type Overlap = 'clips' | 'duplicates' | 'speakers' | 'sentences';

/** How a protocol divides the data, and what a score under it measures. */
export interface ProtocolCard {
  name: ProtocolName;
  /** what is divided and how, in one sentence */
  description: string;
  /** training and test contain the same recordings, so a score says nothing about new recordings */
  isLeaky: boolean;
  /** what training and test share by design; `auditSplit` rejects a split that shares anything else */
  mayShare: readonly Overlap[];
  /** what a score under this protocol measures */
  measures: string;
}

/** The card of each protocol. */
export const protocolCards: Readonly<Record<ProtocolName, ProtocolCard>> = {
  'paper-rows': {
    name: 'paper-rows',
    description:
      "The paper's: every clip is augmented first, then all rows are shuffled and a fifth of them are the test.",
    isLeaky: true,
    mayShare: ['clips', 'duplicates', 'speakers', 'sentences'],
    measures:
      'how well a model recalls recordings that it has trained on in another version; for the paper only',
  },
  clips: {
    name: 'clips',
    description:
      'Folds of recordings, stratified by corpus and emotion; recordings of the same audio are in one fold.',
    isLeaky: false,
    mayShare: ['speakers', 'sentences'],
    measures: 'new recordings of the same speakers saying the same sentences',
  },
  speakers: {
    name: 'speakers',
    description:
      'Folds of speakers, in each corpus alike in size, emotions and (where known) sex; no speaker is on both sides.',
    isLeaky: false,
    mayShare: ['sentences'],
    measures: 'new speakers of the same corpora, saying the same sentences',
  },
  'speakers+sentences': {
    name: 'speakers+sentences',
    description:
      'Folds of speakers crossed with groups of sentences: the test has its own speakers and its own sentences; training goes without both.',
    isLeaky: false,
    mayShare: [],
    measures: 'new speakers of the same corpora, saying new sentences',
  },
  'leave-one-speaker-out': {
    name: 'leave-one-speaker-out',
    description: 'Each speaker in turn is the test, all others are training.',
    isLeaky: false,
    mayShare: ['sentences'],
    measures: 'one new speaker of the same corpora, saying the same sentences',
  },
  'leave-one-corpus-out': {
    name: 'leave-one-corpus-out',
    description: 'Each corpus in turn is the test, all others are training.',
    isLeaky: false,
    mayShare: [],
    measures: 'a new corpus: other speakers, sentences, microphones and rooms',
  },
  'own-folds': {
    name: 'own-folds',
    description:
      "The user's own folds, each the test in turn; or, where they are named train, validation and test, that one division.",
    isLeaky: false,
    mayShare: ['speakers', 'sentences'],
    measures: "what the user's folds keep apart: the audit says which speakers and sentences are shared",
  },
};
