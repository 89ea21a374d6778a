import { type Clip, corpusOrder, createRandom, WorkbenchError } from '../base';
import { type CommittedFolds, divideEvenly, equalShares, speakerFolds } from './speaker-folds';
import type { ProtocolName } from './protocols';
import { sentenceOf } from './labels';

/** A division of clips, before the validation is taken out and rows are counted. */
export interface Division {
  name: string;
  train: number[];
  test: number[];
  validation?: number[];
  notes?: string[];
}

/** What the protocols work on. */
export interface Material {
  clips: readonly Clip[];
  groupOf: readonly string[];
  folds: number;
  sentenceGroups: number;
  seed: number;
  foldOf?: ReadonlyMap<string, string>;
  committedFolds?: CommittedFolds;
}

/** How each protocol divides clips; indices are into `clips`. Every division has a test. */
export const divideClips: Record<Exclude<ProtocolName, 'paper-rows'>, (material: Material) => Division[]> = {
  clips: ({ clips, groupOf, folds, seed }) => {
    const parts = divideEvenly([...clips.keys()], {
      keyOf: (i) => groupOf[i],
      strataOf: (i) => ['all', clips[i].corpus, `${clips[i].corpus}/${clips[i].emotion}`],
      shares: equalShares(folds),
      random: createRandom(`clip folds/${seed}`),
    });
    return eachOnce(
      'clips',
      'recordings',
      parts.map((test, i) => [`fold ${i + 1}`, test]),
    );
  },

  speakers: ({ clips, folds, seed, committedFolds }) => {
    requireSpeakers('speakers', clips);
    const foldOf = speakerFolds(clips, { folds, seed, committedFolds });
    const notes = fewerThan(folds, foldOf);
    const parts = Array.from({ length: folds }, (_, fold) => where(foldOf, (of) => of === fold + 1));
    return eachOnce(
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
        const test = where(foldOf, (of, i) => of === fold && groupOf[i] === group);
        if (test.length === 0) continue;
        const testSentences = new Set(test.map((i) => sentenceOf(clips[i])));
        const train = where(foldOf, (of, i) => of !== fold && !testSentences.has(sentenceOf(clips[i])));
        divisions.push({ name: `fold ${fold}, sentences ${letter(group)}`, train, test, notes });
      }
    }
    return divisions;
  },

  'leave-one-speaker-out': ({ clips }) => {
    requireSpeakers('leave-one-speaker-out', clips);
    return eachOnce(
      'leave-one-speaker-out',
      'speakers',
      byName(clips, ({ speaker }) => speaker!),
    );
  },

  'leave-one-corpus-out': ({ clips }) =>
    eachOnce(
      'leave-one-corpus-out',
      'corpora',
      byName(clips, ({ corpus }) => corpus),
    ),

  'own-folds': ({ clips, foldOf }) => {
    const of = (clip: Clip): string | undefined => (foldOf ? foldOf.get(clip.path) : clip.fold);
    const missing = clips.filter((clip) => !of(clip));
    if (missing.length > 0) {
      throw new WorkbenchError(
        `the protocol own-folds needs the fold of every clip (a column "fold" in clips.csv, or the option foldOf); unknown of ${some(missing)}`,
      );
    }
    const parts = byName(clips, (clip) => of(clip)!);
    const named = namedDivision(parts);
    if (named) return [named];
    const divisions = eachOnce('own-folds', 'folds', parts);
    if (parts.length === 2) return divisions;
    return divisions.map((division, i) => {
      const [, validation] = parts[(i + 1) % parts.length];
      const taken = new Set(validation);
      return { ...division, validation, train: division.train.filter((clip) => !taken.has(clip)) };
    });
  },
};

/** Each part in turn is the test, all others are training. */
function eachOnce(
  protocol: ProtocolName,
  what: string,
  parts: readonly (readonly [string, number[]])[],
): Division[] {
  const filled = parts.filter(([, test]) => test.length > 0);
  if (filled.length < 2) {
    throw new WorkbenchError(`the protocol ${protocol} needs at least two ${what}; there is only one`);
  }
  return filled.map(([name, test]) => ({
    name,
    test,
    train: filled.flatMap(([other, clips]) => (other === name ? [] : clips)),
  }));
}

/** What folds of these names, in any case, are in a division that has one of each. */
const roles: Partial<Record<string, 'train' | 'validation' | 'test'>> = {
  train: 'train',
  training: 'train',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
};

/**
 * Folds called train, validation and test are one division, not three.
 *
 * @throws WorkbenchError if one is called train or test, but they do not make one division together: rotated, a model would be
 *   tested on what is meant for training
 */
function namedDivision(parts: readonly (readonly [string, number[]])[]): Division | undefined {
  const inRole = (role: string | undefined): (readonly [string, number[]])[] =>
    parts.filter(([name]) => roles[name.toLowerCase()] === role);
  const [train, test, validation] = [inRole('train'), inRole('test'), inRole('validation')];
  if (train.length === 0 && test.length === 0) return undefined;
  const missing = train.length === 0 ? 'train' : test.length === 0 ? 'test' : undefined;
  const odd = [inRole(undefined), ...[train, validation, test].filter(({ length }) => length > 1)].flat();
  if (missing || odd.length > 0) {
    const faults = [
      ...(odd.length > 0 ? [`not part of one: ${odd.map(([name]) => JSON.stringify(name)).join(', ')}`] : []),
      ...(missing ? [`there is none named ${missing}`] : []),
    ];
    throw new WorkbenchError(
      `the protocol own-folds takes folds named train, test and, if there is one, validation for one division; ${faults.join('; ')}`,
    );
  }
  return { name: 'test', train: train[0][1], test: test[0][1], validation: validation.at(0)?.[1] };
}

/** Groups each corpus's sentences; a group's number of each clip. */
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
      `the protocol ${protocol} needs at least two speakers; all ${clips.length} clips are of ${clips[0].speaker}`,
    );
  }
}

function requireKnown(protocol: ProtocolName, what: 'speaker' | 'sentence', clips: readonly Clip[]): void {
  const unknown = clips.filter((clip) => !clip[what]);
  if (unknown.length > 0) {
    throw new WorkbenchError(
      `the protocol ${protocol} needs the ${what} of every clip; unknown of ${some(unknown)}`,
    );
  }
}

/** How many clips, and the first of them: `3 (a.wav, b.wav, c.wav)`. */
function some(clips: readonly Clip[]): string {
  const names = clips.slice(0, 3).map(({ path }) => path);
  return `${clips.length} (${names.join(', ')}${clips.length > 3 ? ', …' : ''})`;
}

function fewerThan(folds: number, foldOf: Int32Array): string[] {
  const filled = new Set(foldOf).size;
  return filled < folds ? [`${filled} of ${folds} folds have a speaker of these clips`] : [];
}

/** Clips by a name of theirs; corpora in their usual order, all else in order of the names. */
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

function where(values: Int32Array, holds: (value: number, index: number) => boolean): number[] {
  return [...values.keys()].filter((i) => holds(values[i], i));
}

const letter = (group: number): string => String.fromCharCode(65 + group);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
