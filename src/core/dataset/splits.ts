import {
  type Clip,
  createRandom,
  demoName,
  InvalidArgumentError,
  nearestName,
  type Random,
  shorten,
  WorkbenchError,
} from '../base';
import type { FeatureSet } from '../features';
import { divideClips } from './divide-clips';
import type { KnownDuplicates, NearDuplicate } from './duplicate-search';
import { type ProtocolName, protocolNames } from './protocols';
import {
  committedFoldOptions,
  type CommittedFolds,
  holdOutClips,
  holdOutSpeakers,
  type ValidationSplit,
} from './hold-out';

/** One division of a feature set into training, validation and test. */
export interface Split {
  /**
   * `fold 1`; `fold 1, sentences A`; the name of a speaker, a corpus or a user-defined fold; `TESS → SAVEE` under cross-corpus; `rows`
   * under paper-rows
   */
  name: string;
  /** rows of the feature set, ascending: all versions of the training clips */
  train: Int32Array;
  /** rows, ascending: only the original version of each clip */
  validation: Int32Array;
  /** rows, ascending: only the original version of each clip */
  test: Int32Array;
  /** caveats that affect the scores, such as excluded clips */
  notes?: readonly string[];
}

/** Options of {@link makeSplits}. */
export interface ProtocolOptions {
  protocol: ProtocolName;
  /** for clips, speakers and speakers+sentences; default 5 */
  folds?: number;
  /**
   * for speakers+sentences: number of groups that the sentences of each corpus are divided into, 2 to 26; default 2, since
   * RAVDESS has two sentences
   */
  sentenceGroups?: number;
  /** default 42 */
  seed?: number;
  /**
   * target share of the training clips (paper-rows: training rows) used for validation, 0 to 0.5; default 0.1. Where whole speakers are
   * held out, it applies to each corpus, and a corpus with few speakers contributes none: with all four corpora, this applies to TESS
   * and SAVEE, and the actual share is 6.7 to 7.8 % under speakers and 2.5 to 9.2 % under leave-one-corpus-out. The audit states it.
   * Ignored under own-folds with three or more folds, where validation is a whole fold.
   */
  validationShare?: number;
  /** for cross-corpus: the corpora to train on; default others: all that are not in `testOn` */
  trainOn?: readonly string[] | 'others';
  /** for cross-corpus: the corpora to test on */
  testOn?: readonly string[] | 'none';
  /** for own-folds: fold of each clip by its path; default the column `fold` of `clips.csv` */
  foldOf?: ReadonlyMap<string, string>;
  /** result of `findNearDuplicates`: pairs to keep together; clips with identical bytes are recognised without it */
  nearDuplicates?: Pick<KnownDuplicates, 'pairs'>;
  /** reads the published speaker folds of a corpus; default none: all folds are drawn at random */
  committedFolds?: CommittedFolds;
}

/**
 * Divides a feature set according to an evaluation protocol. The result depends on the clips, options and seed, not on the order of the
 * clips.
 *
 * - `paper-rows`: one split. All rows are shuffled; a fifth is the test set (rounded up, like scikit-learn).
 * - `clips`, `speakers`: one split per fold; each clip is tested once. Speaker folds are made within each corpus; with 5 folds
 *   and seed 42 they are those of `data/folds/`, also for part of a corpus.
 * - `speakers+sentences`: one split per fold of speakers and group of sentences; each clip is tested once. Training excludes all
 *   clips of the test speakers and all clips of the test sentences. A corpus with fewer sentences than groups is tested in some
 *   splits only.
 * - `leave-one-speaker-out`, `leave-one-corpus-out`: one split per speaker or corpus.
 * - `cross-corpus`: one split, which trains on the corpora `trainOn` and tests on `testOn`.
 * - `own-folds`: one split per user-defined fold. Folds named train, test and (optionally) validation, valid, val or dev form a
 *   single split; a mixture of such names and others is rejected.
 *
 * Validation is taken from the training set by the same rule: whole speakers, or recordings under `clips`, or rows under
 * `paper-rows`. Under `leave-one-corpus-out` and `cross-corpus` it consists of speakers of the training corpora. Under `speakers+sentences` its
 * speakers are held out but its sentences are those of training, since RAVDESS has only two. Under `own-folds` it is the next
 * fold or, with two folds, whole speakers if they are known.
 *
 * Recordings with the same audio are never on both sides: `clips` keeps them together, other protocols exclude them from training
 * and add a note. Augmented versions are used for training only. Neither holds under `paper-rows`.
 *
 * @param set - clips and the names of their versions, including `original`
 * @throws {@link InvalidArgumentError} if an option is out of range, or there is no original version
 * @throws {@link WorkbenchError} if the clips cannot be divided this way: unknown speakers, only one corpus, …
 * @example
 * ```ts
 * const [first] = makeSplits(set, { protocol: 'speakers' });
 * first.name; // 'fold 1'
 * ```
 */
export function makeSplits(set: Pick<FeatureSet, 'clips' | 'versions'>, options: ProtocolOptions): Split[] {
  const { protocol, sentenceGroups = 2, validationShare = 0.1, foldOf } = options;
  const { trainOn = 'others', testOn = 'none' } = options;
  const { folds = committedFoldOptions.folds, seed = committedFoldOptions.seed } = options;
  checkOptions({ protocol, folds, sentenceGroups, seed, validationShare });
  const { clips, versions } = set;
  const original = versions.indexOf('original');
  if (original < 0) throw new InvalidArgumentError('versions', 'a list that includes "original"', versions);
  if (clips.length === 0) throw new InvalidArgumentError('clips', 'a list with at least one clip', clips);

  // Sorted, so that random draws do not depend on the order of the clips.
  const order = [...clips.keys()].sort((a, b) => (clips[a].path < clips[b].path ? -1 : 1));
  if (protocol === 'paper-rows') {
    const rows = order.flatMap((i) => versions.map((_, version) => i * versions.length + version));
    return [splitRows(rows, { validationShare, random: createRandom(`rows/${seed}`) })];
  }
  const sorted = order.map((i) => clips[i]);
  const groupOf = audioGroups(sorted, options.nearDuplicates?.pairs);
  const divisions = divideClips[protocol]({
    clips: sorted,
    groupOf,
    folds,
    sentenceGroups,
    seed,
    trainOn,
    testOn,
    foldOf,
    committedFolds: options.committedFolds,
  });
  return divisions.map((division) => {
    const { name } = division;
    const random = createRandom(`validation/${seed}/${protocol}/${name}`);
    const holdOut = { share: validationShare, random };
    const heldOut: ValidationSplit = division.validation
      ? { train: division.train, validation: division.validation }
      : protocol === 'clips'
        ? holdOutClips(sorted, division.train, { ...holdOut, groupOf })
        : holdOutSpeakers(sorted, division.train, holdOut);
    const { train, validation, note } = excludeDuplicates(heldOut, division.test, groupOf);
    if (train.length === 0) {
      throw new WorkbenchError(
        `the protocol ${protocol} leaves no training clips in the split ${JSON.stringify(name)}`,
      );
    }
    const notes = [
      ...(division.notes ?? []),
      ...(heldOut.note ? [heldOut.note] : []),
      ...(note ? [note] : []),
    ];
    const rows = (indices: readonly number[], which: readonly number[]): Int32Array =>
      Int32Array.from(
        indices.flatMap((i) => which.map((version) => order[i] * versions.length + version)),
      ).sort();
    return {
      name,
      train: rows(train, [...versions.keys()]),
      validation: rows(validation, [original]),
      test: rows(division.test, [original]),
      ...(notes.length > 0 && { notes }),
    };
  });
}

/**
 * The splits that the option `dataset.fold` chooses.
 *
 * @param fold - `all`, the name of a split, or a number: `2` is the split named `fold 2` or, if there is none, the second one
 * @throws {@link InvalidArgumentError} if there is no such split; lists their names
 * @example
 * ```ts
 * const [split] = chosenSplits(makeSplits(set, { protocol: 'leave-one-corpus-out' }), 'SAVEE');
 * ```
 */
export function chosenSplits<S extends Pick<Split, 'name'>>(splits: readonly S[], fold: string): S[] {
  return fold === 'all' ? [...splits] : [findSplit(splits, fold, 'dataset.fold', 'all, ')];
}

/**
 * Finds a split by its name or number, as {@link chosenSplits} does.
 *
 * @param parameter - the name of `fold` in messages
 * @param others - other values that are allowed, for messages
 * @throws {@link InvalidArgumentError} if there is no such split; lists their names
 */
export function findSplit<S extends Pick<Split, 'name'>>(
  splits: readonly S[],
  fold: string,
  parameter: string,
  others = '',
): S {
  const byName = (name: string): S | undefined => splits.find((split) => split.name === name);
  const number = /^[1-9]\d*$/.test(fold) ? Number(fold) : Infinity;
  const found = byName(fold) ?? byName(`fold ${fold}`) ?? byName(demoName(fold)) ?? splits.at(number - 1);
  if (found) return found;
  const names = splits.map(({ name }) => name);
  const nearest = nearestName(fold, names);
  const rule = `${others}a number from 1 to ${splits.length}, or one of these names: ${shorten(names.join('; '), 500)}`;
  throw new InvalidArgumentError(parameter, rule, fold, nearest && `did you mean ${nearest}?`);
}

function checkOptions(
  options: Required<
    Pick<ProtocolOptions, 'protocol' | 'folds' | 'sentenceGroups' | 'seed' | 'validationShare'>
  >,
): void {
  const { protocol, folds, sentenceGroups, seed, validationShare } = options;
  if (!protocolNames.includes(protocol)) {
    throw new InvalidArgumentError('protocol', `one of ${protocolNames.join(', ')}`, protocol);
  }
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 2;
  if (!isCount(folds)) throw new InvalidArgumentError('folds', 'an integer of at least 2', folds);
  if (!isCount(sentenceGroups) || sentenceGroups > 26) {
    throw new InvalidArgumentError('sentenceGroups', 'an integer from 2 to 26', sentenceGroups);
  }
  if (!Number.isSafeInteger(seed)) throw new InvalidArgumentError('seed', 'an integer', seed);
  if (!(validationShare >= 0 && validationShare <= 0.5)) {
    throw new InvalidArgumentError('validationShare', 'a number from 0 to 0.5', validationShare);
  }
}

/**
 * Excludes from training any clip with the same audio as a held-out clip, and from validation any with the same audio as a test
 * clip.
 */
function excludeDuplicates(
  { train, validation }: ValidationSplit,
  test: readonly number[],
  groupOf: readonly string[],
): ValidationSplit {
  const inTest = new Set(test.map((i) => groupOf[i]));
  const kept = validation.filter((i) => !inTest.has(groupOf[i]));
  const heldOut = new Set([...inTest, ...kept.map((i) => groupOf[i])]);
  const trained = train.filter((i) => !heldOut.has(groupOf[i]));
  const dropped = train.length + validation.length - trained.length - kept.length;
  // Stored in run records.
  const note = `${dropped} ${dropped === 1 ? 'clip that sounds' : 'clips that sound'} the same as one held out left out of training`;
  return { train: trained, validation: kept, ...(dropped > 0 && { note }) };
}

/** Share of test rows, as in the paper's notebook: `train_test_split(test_size=0.2)`. */
const testShare = 0.2;

/**
 * The paper's division: shuffles rows regardless of their clip. The test set is a fifth, rounded up like scikit-learn (9,730 of
 * 48,648); validation is taken from the rest (the paper's notebook has none).
 */
function splitRows(
  rows: readonly number[],
  { validationShare, random }: { validationShare: number; random: Random },
): Split {
  const shuffled = random.shuffle(rows);
  const testEnd = Math.ceil(rows.length * testShare);
  const validationEnd = testEnd + Math.round((rows.length - testEnd) * validationShare);
  if (validationEnd === rows.length) {
    throw new WorkbenchError(
      `the protocol paper-rows leaves no training rows: there are only ${rows.length} rows`,
    );
  }
  return {
    name: 'rows',
    train: Int32Array.from(shuffled.slice(validationEnd)).sort(),
    validation: Int32Array.from(shuffled.slice(testEnd, validationEnd)).sort(),
    test: Int32Array.from(shuffled.slice(0, testEnd)).sort(),
  };
}

/**
 * Groups clips that contain the same recording: identical bytes, or listed as near duplicates.
 *
 * @param nearDuplicates - pairs of clips; paths of other clips are ignored
 * @returns the group of each clip, named after its first path in sorted order
 */
function audioGroups(
  clips: readonly Pick<Clip, 'path' | 'sha256'>[],
  nearDuplicates: readonly Pick<NearDuplicate, 'paths'>[] = [],
): string[] {
  const parent = clips.map((_, i) => i);
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const indexOf = new Map(clips.map(({ path }, i) => [path, i]));
  const firstOf = new Map<string, number>();
  for (const [i, { sha256 }] of clips.entries()) {
    const first = firstOf.get(sha256);
    if (first === undefined) firstOf.set(sha256, i);
    else parent[root(i)] = root(first);
  }
  for (const { paths } of nearDuplicates) {
    const [a, b] = paths.map((path) => indexOf.get(path));
    if (a !== undefined && b !== undefined) parent[root(b)] = root(a);
  }
  const names = new Map<number, string>();
  for (const [i, { path }] of clips.entries()) {
    const name = names.get(root(i));
    if (name === undefined || path < name) names.set(root(i), path);
  }
  return clips.map((_, i) => names.get(root(i))!);
}
