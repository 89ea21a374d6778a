import {
  type Clip,
  corpusOrder,
  createRandom,
  InvalidArgumentError,
  isCorpus,
  nearestName,
  WorkbenchError,
} from '../base';
import { sentenceOf } from './labels';
import type { ProtocolName } from './protocols';
import { type CommittedFolds, divideEvenly, equalShares, speakerFolds } from './hold-out';

/** A division of clips, before validation is taken from the training set and clips are expanded to rows. */
export interface Division {
  name: string;
  train: number[];
  test: number[];
  validation?: number[];
  notes?: string[];
}

/** Clips to divide, and the options of the protocols. */
export interface DivisionInput {
  clips: readonly Clip[];
  /** name of the group of clips with the same audio */
  groupOf: readonly string[];
  folds: number;
  sentenceGroups: number;
  seed: number;
  trainOn: readonly string[] | 'others';
  testOn: readonly string[] | 'none';
  foldOf?: ReadonlyMap<string, string>;
  committedFolds?: CommittedFolds;
}

/** How each protocol divides clips, as indices into `clips`. No test set is empty. */
export const divideClips: Record<
  Exclude<ProtocolName, 'paper-rows'>,
  (input: DivisionInput) => Division[]
> = {
  clips: ({ clips, groupOf, folds, seed }) => {
    const parts = divideEvenly([...clips.keys()], {
      keyOf: (i) => groupOf[i],
      strataOf: (i) => ['all', clips[i].corpus, `${clips[i].corpus}/${clips[i].emotion}`],
      shares: equalShares(folds),
      random: createRandom(`clip folds/${seed}`),
    });
    return crossValidation(
      'clips',
      'recordings',
      parts.map((test, i) => [`fold ${i + 1}`, test]),
    );
  },

  speakers: ({ clips, folds, seed, committedFolds }) => {
    requireSpeakers('speakers', clips);
    const foldOf = speakerFolds(clips, { folds, seed, committedFolds });
    const notes = fewerThan(folds, foldOf);
    const parts = Array.from({ length: folds }, (_, fold) => indicesWhere(foldOf, (of) => of === fold + 1));
    return crossValidation(
      'speakers',
      'speakers',
      parts.map((test, i) => [`fold ${i + 1}`, test]),
    ).map((division) => ({ ...division, notes }));
  },

  'speakers+sentences': ({ clips, folds, sentenceGroups, seed, committedFolds }) => {
    requireSpeakers('speakers+sentences', clips);
    requireKnown('speakers+sentences', 'sentence', clips);
    const foldOf = speakerFolds(clips, { folds, seed, committedFolds });
    const groupOf = divideSentences(clips, sentenceGroups, seed);
    const notes = fewerThan(folds, foldOf);
    const divisions: Division[] = [];
    for (let fold = 1; fold <= folds; fold++) {
      for (let group = 0; group < sentenceGroups; group++) {
        const test = indicesWhere(foldOf, (of, i) => of === fold && groupOf[i] === group);
        if (test.length === 0) continue;
        const testSentences = new Set(test.map((i) => sentenceOf(clips[i])));
        const train = indicesWhere(
          foldOf,
          (of, i) => of !== fold && !testSentences.has(sentenceOf(clips[i])),
        );
        divisions.push({ name: `fold ${fold}, sentences ${letter(group)}`, train, test, notes });
      }
    }
    return divisions;
  },

  'leave-one-speaker-out': ({ clips }) => {
    requireSpeakers('leave-one-speaker-out', clips);
    return crossValidation(
      'leave-one-speaker-out',
      'speakers',
      byName(clips, ({ speaker }) => speaker!),
    );
  },

  'leave-one-corpus-out': ({ clips }) =>
    crossValidation(
      'leave-one-corpus-out',
      'corpora',
      byName(clips, ({ corpus }) => corpus),
    ),

  'cross-corpus': ({ clips, trainOn, testOn }) => {
    const corpora = byName(clips, ({ corpus }) => corpus);
    const chosen = (names: readonly string[], option: string): [string, number[]][] => {
      const unknown = names.find((name) => !corpora.some(([corpus]) => isCorpus(corpus, name)));
      if (unknown === undefined)
        return corpora.filter(([corpus]) => names.some((name) => isCorpus(corpus, name)));
      const loaded = corpora.map(([corpus]) => corpus).join(', ');
      const nearest = nearestName(
        unknown,
        corpora.map(([corpus]) => corpus),
      );
      const remedy = nearest && `did you mean ${nearest}?`;
      throw new InvalidArgumentError(option, `corpora that are loaded (${loaded})`, unknown, remedy);
    };
    const tested = chosen(testOn === 'none' ? [] : testOn, 'testOn');
    const others = corpora.filter((corpus) => !tested.includes(corpus));
    const trained = trainOn === 'others' ? others : chosen(trainOn, 'trainOn');
    const both = trained.filter((corpus) => tested.includes(corpus)).map(([corpus]) => corpus);
    if (both.length > 0) throw new InvalidArgumentError('trainOn', 'corpora that are not in testOn', both);
    if (tested.length === 0 || trained.length === 0)
      throw new WorkbenchError(
        'the protocol cross-corpus needs at least two corpora: some to train on, others to test on',
      );
    const list = (parts: typeof corpora): string => parts.map(([corpus]) => corpus).join(' + ');
    return [
      {
        name: `${list(trained)} → ${list(tested)}`,
        train: trained.flatMap(([, own]) => own),
        test: tested.flatMap(([, own]) => own),
      },
    ];
  },

  'own-folds': ({ clips, foldOf }) => {
    const foldNameOf = (clip: Clip): string | undefined => (foldOf ? foldOf.get(clip.path) : clip.fold);
    const missing = clips.filter((clip) => !foldNameOf(clip));
    if (missing.length > 0) {
      throw new WorkbenchError(
        `the protocol own-folds needs the fold of every clip, missing for ${listed(missing)}; add a column "fold" to clips.csv or pass foldOf`,
      );
    }
    const parts = byName(clips, (clip) => foldNameOf(clip)!);
    const named = namedDivision(parts);
    if (named) return [named];
    const divisions = crossValidation('own-folds', 'folds', parts);
    if (parts.length === 2) return divisions;
    return divisions.map((division, i) => {
      const [, validation] = parts[(i + 1) % parts.length];
      const taken = new Set(validation);
      return { ...division, validation, train: division.train.filter((clip) => !taken.has(clip)) };
    });
  },
};

/** Uses each part in turn as the test set and all others as training. */
function crossValidation(
  protocol: ProtocolName,
  what: string,
  parts: readonly (readonly [string, number[]])[],
): Division[] {
  const filled = parts.filter(([, test]) => test.length > 0);
  if (filled.length < 2) {
    throw new WorkbenchError(`the protocol ${protocol} needs at least two ${what}, got one`);
  }
  return filled.map(([name, test]) => ({
    name,
    test,
    train: filled.flatMap(([other, clips]) => (other === name ? [] : clips)),
  }));
}

/** Roles of folds by name, case-insensitive, if the folds form a single split. */
const roles: ReadonlyMap<string, 'train' | 'validation' | 'test'> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['validation', 'validation'],
  ['valid', 'validation'],
  ['val', 'validation'],
  ['dev', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
]);

/**
 * Folds named train, validation and test form one split, not three.
 *
 * @throws {@link WorkbenchError} if a fold is named train or test but the folds do not form one split: using them as
 * cross-validation folds would test a model on data meant for training
 */
function namedDivision(parts: readonly (readonly [string, number[]])[]): Division | undefined {
  const inRole = (role: string | undefined): (readonly [string, number[]])[] =>
    parts.filter(([name]) => roles.get(name.toLowerCase()) === role);
  const [train, test, validation] = [inRole('train'), inRole('test'), inRole('validation')];
  if (train.length === 0 && test.length === 0) return undefined;
  const missing = train.length === 0 ? 'train' : test.length === 0 ? 'test' : undefined;
  const odd = [inRole(undefined), ...[train, validation, test].filter(({ length }) => length > 1)].flat();
  if (missing || odd.length > 0) {
    const faults = [
      ...(odd.length > 0 ? [`not part of it: ${odd.map(([name]) => JSON.stringify(name)).join(', ')}`] : []),
      ...(missing ? [`no fold is named ${missing}`] : []),
    ];
    throw new WorkbenchError(
      `the protocol own-folds uses folds named train, test and (optionally) validation as one split; ${faults.join('; ')}`,
    );
  }
  return { name: 'test', train: train[0][1], test: test[0][1], validation: validation.at(0)?.[1] };
}

/** Divides the sentences of each corpus into groups; returns the group of each clip. */
function divideSentences(clips: readonly Clip[], groups: number, seed: number): Int32Array {
  const groupOf = new Int32Array(clips.length);
  for (const [corpus, own] of byName(clips, (clip) => clip.corpus)) {
    const sentences = new Set(own.map((i) => sentenceOf(clips[i]))).size;
    const parts = divideEvenly(own, {
      keyOf: (i) => sentenceOf(clips[i])!,
      strataOf: (i) => ['all', clips[i].emotion],
      shares: equalShares(Math.min(groups, sentences)),
      random: createRandom(`sentence groups/${seed}/${corpus}`),
    });
    for (const [group, items] of parts.entries()) for (const i of items) groupOf[i] = group;
  }
  return groupOf;
}

function requireSpeakers(protocol: ProtocolName, clips: readonly Clip[]): void {
  requireKnown(protocol, 'speaker', clips);
  const speakers = new Set(clips.map(({ speaker }) => speaker));
  if (speakers.size < 2) {
    throw new WorkbenchError(
      `the protocol ${protocol} needs at least two speakers, got only ${clips[0].speaker}`,
    );
  }
}

function requireKnown(protocol: ProtocolName, what: 'speaker' | 'sentence', clips: readonly Clip[]): void {
  const unknown = clips.filter((clip) => !clip[what]);
  if (unknown.length > 0) {
    throw new WorkbenchError(
      `the protocol ${protocol} needs the ${what} of every clip, missing for ${listed(unknown)}`,
    );
  }
}

/** The number of clips and the first names: `3 (a.wav, b.wav, c.wav)`. */
function listed(clips: readonly Clip[]): string {
  const names = clips.slice(0, 3).map(({ path }) => path);
  return `${clips.length} (${names.join(', ')}${clips.length > 3 ? ', …' : ''})`;
}

function fewerThan(folds: number, foldOf: Int32Array): string[] {
  const filled = new Set(foldOf).size;
  return filled < folds ? [`${filled} of ${folds} folds have a speaker of these clips`] : [];
}

/** Groups clips by a label: corpora in their usual order, anything else sorted by name. */
function byName(clips: readonly Clip[], nameOf: (clip: Clip) => string): [string, number[]][] {
  const groups = new Map<string, number[]>();
  for (const [i, clip] of clips.entries()) {
    const group = groups.get(nameOf(clip)) ?? [];
    groups.set(nameOf(clip), group);
    group.push(i);
  }
  const place = (name: string): number => {
    const index = corpusOrder.indexOf(name);
    return index < 0 ? corpusOrder.length : index;
  };
  return [...groups].sort(([a], [b]) => place(a) - place(b) || compare(a, b));
}

function indicesWhere(values: Int32Array, holds: (value: number, index: number) => boolean): number[] {
  return [...values.keys()].filter((i) => holds(values[i], i));
}

const letter = (group: number): string => String.fromCharCode(65 + group);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
