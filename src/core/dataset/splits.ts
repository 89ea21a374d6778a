import { createRandom, InvalidArgumentError, type Random, WorkbenchError } from '../base';
import type { FeatureSet } from '../features';
import { carveClips, type Carved, carveSpeakers } from './validation';
import { divideClips } from './divide-clips';
import { type NearDuplicate, soundGroups } from './near-duplicates';
import { type ProtocolName, protocolNames } from './protocols';
import { committedFoldOptions, type CommittedFolds } from './speaker-folds';

/** One division of a feature set into training, validation and test. */
export interface Split {
  /** `fold 1`, `fold 1, sentences A`, a speaker, a corpus, a fold of the user's; `rows` under paper-rows */
  name: string;
  /** rows of the feature set, ascending: all versions of the training clips */
  train: Int32Array;
  /** rows, ascending: of each clip the original version only */
  validation: Int32Array;
  /** rows, ascending: of each clip the original version only */
  test: Int32Array;
  /** what a reader of a score has to know: clips left out, a validation by another rule */
  notes?: readonly string[];
}

export interface ProtocolOptions {
  protocol: ProtocolName;
  /** of clips, speakers and speakers+sentences; default 5 */
  folds?: number;
  /** of speakers+sentences: groups that each corpus's sentences are divided into; default 2, as RAVDESS has two */
  sentenceGroups?: number;
  /** of all that is drawn by lot; default 42 */
  seed?: number;
  /**
   * the part of the training clips (paper-rows: of the training rows) that becomes validation, 0 to 0.5; default 0.1. Under
   * own-folds it is a whole fold, whatever this says.
   */
  validationShare?: number;
  /** of own-folds: the fold of each clip by its path; default the clips' own, the column `fold` of a `clips.csv` */
  foldOf?: ReadonlyMap<string, string>;
  /** what `findNearDuplicates` found, to be kept together; clips with the same bytes are known anyway */
  nearDuplicates?: readonly Pick<NearDuplicate, 'paths'>[];
  /** reads the published speaker folds of a corpus; default none: all folds are drawn */
  committedFolds?: CommittedFolds;
}

/**
 * Divides a feature set by a protocol. The same clips, options and seed give the same divisions, in whatever order the clips
 * are.
 *
 * - `paper-rows`: one split. All rows are shuffled; a fifth is the test (rounded up, as scikit-learn does).
 * - `clips`, `speakers`: a split for each fold; each clip is tested once. Speakers' folds are made in each corpus
 *   by itself; with 5 folds and seed 42 they are those of `data/folds/`, also on a part of a corpus.
 * - `speakers+sentences`: each fold of speakers with each group of sentences; each clip is tested once, and training goes
 *   without the clips of the test's speakers and without those of its sentences. A corpus with fewer sentences than groups
 *   is in the tests of some only.
 * - `leave-one-speaker-out`, `leave-one-corpus-out`: a split for each.
 * - `own-folds`: a split for each fold of the user's; if they are named train, test and, if there is one, validation (or
 *   valid, val, dev), one. Names that mix the two are refused.
 *
 * Validation is taken out of training by the same rule: whole speakers; recordings under `clips`, rows under `paper-rows`.
 * Under `leave-one-corpus-out` it is of speakers of the training corpora. Under `speakers+sentences` its speakers are its
 * own and its sentences those of training, as RAVDESS has no third. Under `own-folds` it is the next fold; where
 * there are two, whole speakers, if they are known.
 *
 * Recordings of the same audio never straddle: `clips` keeps them together; elsewhere they are left out of training, which
 * the split's notes say. Augmented versions are in training only. Both do not hold under `paper-rows`.
 *
 * @param set - clips and the names of their versions; that without augmentation is called `original`
 * @throws {@link InvalidArgumentError} if an option breaks its rule, or there is no original version
 * @throws {@link WorkbenchError} if the clips cannot be divided so: speakers unknown, only one corpus, …
 */
export function makeSplits(set: Pick<FeatureSet, 'clips' | 'versions'>, options: ProtocolOptions): Split[] {
  const { protocol, sentenceGroups = 2, validationShare = 0.1, foldOf } = options;
  const { folds = committedFoldOptions.folds, seed = committedFoldOptions.seed } = options;
  checkOptions({ protocol, folds, sentenceGroups, seed, validationShare });
  const { clips, versions } = set;
  const original = versions.indexOf('original');
  if (original < 0) throw new InvalidArgumentError('versions', 'with one called original', versions);
  if (clips.length === 0) throw new InvalidArgumentError('clips', 'at least one clip', clips);

  // Sorted, so that what is drawn by lot does not depend on the order of the clips.
  const order = [...clips.keys()].sort((a, b) => (clips[a].path < clips[b].path ? -1 : 1));
  if (protocol === 'paper-rows') {
    const rows = order.flatMap((i) => versions.map((_, version) => i * versions.length + version));
    return [splitRows(rows, { validationShare, random: createRandom(`rows/${seed}`) })];
  }
  const sorted = order.map((i) => clips[i]);
  const groupOf = soundGroups(sorted, options.nearDuplicates);
  const divisions = divideClips[protocol]({
    clips: sorted,
    groupOf,
    folds,
    sentenceGroups,
    seed,
    foldOf,
    committedFolds: options.committedFolds,
  });
  return divisions.map((division) => {
    const { name } = division;
    const random = createRandom(`validation/${seed}/${protocol}/${name}`);
    const carve = { share: validationShare, random };
    const carved: Carved = division.validation
      ? { train: division.train, validation: division.validation }
      : protocol === 'clips'
        ? carveClips(sorted, division.train, { ...carve, groupOf })
        : carveSpeakers(sorted, division.train, carve);
    const { train, validation, note } = withoutDoubles(carved, division.test, groupOf);
    if (train.length === 0) {
      throw new WorkbenchError(
        `the protocol ${protocol} leaves no clip for training in the split ${JSON.stringify(name)}`,
      );
    }
    const notes = [...(division.notes ?? []), ...(carved.note ? [carved.note] : []), ...(note ? [note] : [])];
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

function checkOptions(
  options: Required<Omit<ProtocolOptions, 'foldOf' | 'nearDuplicates' | 'committedFolds'>>,
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

/** Leaves out of training what sounds the same as a clip held out, and out of validation what does as one of the test. */
function withoutDoubles(
  { train, validation }: Carved,
  test: readonly number[],
  groupOf: readonly string[],
): Carved {
  const inTest = new Set(test.map((i) => groupOf[i]));
  const kept = validation.filter((i) => !inTest.has(groupOf[i]));
  const held = new Set([...inTest, ...kept.map((i) => groupOf[i])]);
  const trained = train.filter((i) => !held.has(groupOf[i]));
  const dropped = train.length + validation.length - trained.length - kept.length;
  const note = `${dropped} ${dropped === 1 ? 'clip that sounds' : 'clips that sound'} the same as one held out left out of training`;
  return { train: trained, validation: kept, ...(dropped > 0 && { note }) };
}

/** The test's part, and what the paper's notebook writes: `train_test_split(test_size=0.2)`. */
const testShare = 0.2;

/**
 * The paper's division: rows are shuffled, whichever clip they are of. The test is a fifth, rounded up as scikit-learn does
 * (9,730 of 48,648); validation is taken from what is left, where the paper's notebook has none.
 */
export function splitRows(
  rows: readonly number[],
  { validationShare, random }: { validationShare: number; random: Random },
): Split {
  const shuffled = random.shuffle(rows);
  const testEnd = Math.ceil(rows.length * testShare);
  const validationEnd = testEnd + Math.round((rows.length - testEnd) * validationShare);
  if (validationEnd === rows.length) {
    throw new WorkbenchError(`the protocol paper-rows leaves none of ${rows.length} rows for training`);
  }
  return {
    name: 'rows',
    train: Int32Array.from(shuffled.slice(validationEnd)).sort(),
    validation: Int32Array.from(shuffled.slice(testEnd, validationEnd)).sort(),
    test: Int32Array.from(shuffled.slice(0, testEnd)).sort(),
  };
}
