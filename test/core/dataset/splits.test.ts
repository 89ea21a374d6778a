import fc from 'fast-check';
import assert from 'node:assert/strict';
import { type Clip, createRandom, emotions } from '../../../src/core/base';
import {
  chosenSplits,
  protocolCards,
  scoreProtocolNames,
  type ProtocolName,
  protocolNames,
  type ProtocolOptions,
  sentenceOf,
  type Split,
} from '../../../src/core/dataset';
import { makeSplits } from '../../../src/node/corpora';
import { madeClip, originalClips } from './original-clips';

const versions = ['original', 'noise', 'pitch', 'pitchAndNoise'];
const all = { clips: originalClips(), versions };
const clipsOf = (rows: Int32Array, set = all): Clip[] =>
  [...new Set(Array.from(rows, (row) => Math.floor(row / set.versions.length)))].map((i) => set.clips[i]);
const valuesOf = (clips: readonly Clip[], of: (clip: Clip) => string | undefined): Set<string | undefined> =>
  new Set(clips.map(of));
const shared = <T>(a: Set<T>, b: Set<T>): T[] => [...a].filter((value) => b.has(value));

/** Violations of a protocol: rows in two parts, and data shared by test and training that the card does not allow. */
function faults(set: typeof all, protocol: ProtocolName, { train, validation, test }: Split): unknown[] {
  const { mayShare } = protocolCards[protocol];
  const fitted = [...clipsOf(train, set), ...clipsOf(validation, set)];
  const held = clipsOf(test, set);
  const rows = new Set([...train, ...validation, ...test]);
  const found: unknown[] = [];
  if (rows.size !== train.length + validation.length + test.length) found.push('a row is in two parts');
  const check = (what: (typeof mayShare)[number], of: (clip: Clip) => string | undefined): void => {
    if (!mayShare.includes(what)) found.push(...shared(valuesOf(fitted, of), valuesOf(held, of)));
  };
  check('clips', ({ path }) => path);
  check('duplicates', ({ sha256 }) => sha256);
  check('speakers', ({ speaker, path }) => speaker ?? path);
  check('sentences', (clip) => sentenceOf(clip) ?? clip.path);
  return found;
}

describe('protocols', () => {
  it('each has a card, and only paper-rows is leaky', () => {
    assert.deepEqual(Object.keys(protocolCards), [...scoreProtocolNames]);
    assert.ok(scoreProtocolNames.every((name) => protocolCards[name].name === name));
    assert.deepEqual(
      scoreProtocolNames.filter((name) => protocolCards[name].isLeaky),
      ['paper-rows'],
    );
  });
});

describe('makeSplits on the 12,162 clips', function () {
  this.timeout(60_000);

  for (const protocol of ['clips', 'speakers', 'speakers+sentences', 'leave-one-corpus-out'] as const) {
    it(`${protocol} shares only what its card allows, and tests every clip once`, () => {
      const splits = makeSplits(all, { protocol });
      for (const split of splits) assert.deepEqual(faults(all, protocol, split), [], split.name);
      const tested = splits.flatMap(({ test }) => [...test]);
      assert.equal(tested.length, 12_162);
      assert.equal(new Set(tested).size, 12_162);
    });
  }

  it('leave-one-speaker-out has one split per speaker (121), named after the speaker', () => {
    const splits = makeSplits(all, { protocol: 'leave-one-speaker-out' });
    assert.equal(splits.length, 121);
    assert.equal(splits[0].name, 'CREMA-D-1001');
    for (const split of splits.slice(0, 121).filter((_, i) => i % 20 === 0)) {
      assert.deepEqual(faults(all, 'leave-one-speaker-out', split), []);
      assert.deepEqual([...valuesOf(clipsOf(split.test), ({ speaker }) => speaker)], [split.name]);
    }
  });

  it('cross-corpus trains on some corpora and tests on others', () => {
    const made = (options: Partial<ProtocolOptions>): Split[] =>
      makeSplits(all, { protocol: 'cross-corpus', ...options });
    const [split, ...others] = made({ trainOn: ['CREMA-D', 'RAVDESS'], testOn: ['SAVEE'] });
    assert.equal(others.length, 0);
    assert.equal(split.name, 'RAVDESS + CREMA-D → SAVEE');
    assert.deepEqual(faults(all, 'cross-corpus', split), []);
    const corpora = (rows: Int32Array): (string | undefined)[] => [
      ...valuesOf(clipsOf(rows), ({ corpus }) => corpus),
    ];
    assert.deepEqual(corpora(split.test), ['SAVEE']);
    assert.equal(split.test.length, 480);
    assert.deepEqual(corpora(split.train), ['RAVDESS', 'CREMA-D']);
    assert.ok(split.validation.length > 0);
    assert.equal(made({ testOn: ['SAVEE', 'TESS'] })[0].name, 'RAVDESS + CREMA-D → TESS + SAVEE');
    const demo = ['demo SAVEE', 'demo TESS'].map((corpus) =>
      madeClip(`${corpus}.wav`, { corpus, speaker: corpus }),
    );
    const ofDemo = makeSplits(
      { clips: demo, versions },
      { protocol: 'cross-corpus', trainOn: ['TESS'], testOn: ['SAVEE'] },
    );
    assert.equal(ofDemo[0].name, 'demo TESS → demo SAVEE');
    assert.throws(
      () => made({ trainOn: ['SAVEE'], testOn: ['SAVEE'] }),
      /trainOn must be corpora that are not in testOn, got \["SAVEE"\]/,
    );
    const all4 = ['RAVDESS', 'CREMA-D', 'TESS', 'SAVEE'];
    assert.throws(() => made({}), /needs at least two corpora: some to train on, others to test on/);
    assert.throws(() => made({ testOn: all4 }), /needs at least two corpora/);
    assert.throws(
      () => made({ testOn: ['SAVE'] }),
      /testOn must be corpora that are loaded \(RAVDESS, CREMA-D, TESS, SAVEE\), got "SAVE"; did you mean SAVEE\?/,
    );
  });

  it('paper-rows takes 9,730 of the 48,648 rows for the test and a tenth of the others for validation', () => {
    const [{ train, validation, test }, ...others] = makeSplits(all, { protocol: 'paper-rows' });
    assert.deepEqual([others.length, test.length, validation.length, train.length], [0, 9730, 3892, 35_026]);
    assert.equal(new Set([...train, ...validation, ...test]).size, 48_648);
    const fitted = new Set([...train, ...validation].map((row) => Math.floor(row / 4)));
    const siblings = test.filter((row) => fitted.has(Math.floor(row / 4))).length / test.length;
    assert.ok(Math.abs(siblings - (1 - 0.2 ** 3)) < 0.004, `${siblings} of the test rows have a sibling`);
  });

  it('trains on all versions, and validates and tests on the original version only', () => {
    for (const { train, validation, test } of makeSplits(all, { protocol: 'speakers' })) {
      assert.equal(train.length, 4 * clipsOf(train).length);
      for (const rows of [validation, test]) assert.ok(rows.every((row) => row % 4 === 0));
    }
  });

  it('speakers balances corpora and emotions, and validates on whole speakers', () => {
    for (const { name, train, validation, test, notes } of makeSplits(all, { protocol: 'speakers' })) {
      const held = clipsOf(test);
      for (const [corpus, total] of [
        ['RAVDESS', 1440],
        ['CREMA-D', 7442],
      ] as const) {
        const own = held.filter((clip) => clip.corpus === corpus);
        assert.ok(Math.abs(own.length / total - 0.2) < 0.035, `${name}: ${own.length} of ${corpus}`);
        const sad = own.filter(({ emotion }) => emotion === 'sad').length / own.length;
        assert.ok(
          Math.abs(sad - (corpus === 'RAVDESS' ? 192 / 1440 : 1271 / 7442)) < 0.01,
          `${name}: ${sad} sad`,
        );
      }
      const women = held.filter(({ corpus, sex }) => corpus === 'RAVDESS' && sex === 'female').length;
      assert.ok(women === 120 || women === 180, `${name}: ${women} clips of RAVDESS's women`);
      const [validated, trained] = [clipsOf(validation), clipsOf(train)];
      assert.deepEqual(
        shared(
          valuesOf(validated, (c) => c.speaker),
          valuesOf(trained, (c) => c.speaker),
        ),
        [],
      );
      const part = validated.length / (validated.length + trained.length);
      assert.deepEqual(notes, [
        'validation has no clips of SAVEE, TESS: too few speakers there to spare one',
      ]);
      assert.ok(part > 0.06 && part < 0.12, `${name}: ${part} is validation`);
    }
  });

  it('TESS is tested in two folds, with one actress each', () => {
    const tess = makeSplits(all, { protocol: 'speakers' }).map(({ test }) => [
      ...valuesOf(
        clipsOf(test).filter(({ corpus }) => corpus === 'TESS'),
        ({ speaker }) => speaker,
      ),
    ]);
    assert.deepEqual(tess.flat().sort(), ['TESS-OAF', 'TESS-YAF']);
    assert.ok(tess.every((speakers) => speakers.length < 2));
  });

  it('a corpus has the same folds alone, in part, and together with other corpora', () => {
    const foldOf = (clips: Clip[]): Map<string, string> =>
      new Map(
        makeSplits({ clips, versions }, { protocol: 'speakers' }).flatMap(({ name, test }) =>
          clipsOf(test, { clips, versions }).map(({ path }) => [path, name] as const),
        ),
      );
    const whole = foldOf(all.clips);
    for (const clips of [originalClips('SAVEE'), originalClips('CREMA-D').filter((_, i) => i % 9 === 0)]) {
      for (const [path, fold] of foldOf(clips)) assert.equal(fold, whole.get(path), path);
    }
  });

  it('TESS alone has two folds with a note, and validates on other words', () => {
    const set = { clips: originalClips('TESS'), versions };
    const splits = makeSplits(set, { protocol: 'speakers' });
    assert.equal(splits.length, 2);
    for (const split of splits) {
      assert.match(split.notes!.join('\n'), /2 of 5 folds have a speaker of these clips/);
      assert.match(
        split.notes!.join('\n'),
        /validation is of other sentences.*of one speaker \(TESS-(OAF|YAF)\)/,
      );
      assert.deepEqual(faults(set, 'speakers', split), []);
      const sentences = [split.train, split.validation].map((rows) =>
        valuesOf(clipsOf(rows, set), sentenceOf),
      );
      assert.deepEqual(shared(sentences[0], sentences[1]), []);
      assert.equal(split.validation.length, 140);
    }
  });

  it('speakers+sentences excludes only the sentences of its own test set from training', () => {
    const splits = makeSplits(all, { protocol: 'speakers+sentences' });
    assert.equal(splits.length, 10);
    assert.equal(splits[0].name, 'fold 1, sentences A');
    for (const { test, train, validation } of splits) {
      const tested = valuesOf(clipsOf(test), ({ corpus }) => corpus);
      const words = valuesOf(
        clipsOf(Int32Array.of(...train, ...validation)).filter(({ corpus }) => corpus === 'TESS'),
        sentenceOf,
      );
      assert.equal(words.size, tested.has('TESS') ? 100 : 200);
    }
  });

  it('seven speakers of one committed fold are divided into new folds', () => {
    const whole = makeSplits(all, { protocol: 'speakers' });
    const clips = clipsOf(whole[0].test).filter(({ corpus }) => corpus === 'CREMA-D');
    assert.equal(makeSplits({ clips, versions }, { protocol: 'speakers' }).length, 5);
  });
});

describe('makeSplits on arbitrary clips', () => {
  const clip = fc.record({
    corpus: fc.constantFrom('a', 'b', 'RAVDESS'),
    speaker: fc.integer({ min: 1, max: 9 }),
    sentence: fc.integer({ min: 1, max: 4 }),
    emotion: fc.constantFrom(...emotions),
    sha256: fc.integer({ min: 0, max: 60 }),
    fold: fc.constantFrom('x', 'y', 'z'),
  });
  const sets = fc.array(clip, { minLength: 30, maxLength: 80 }).map((list) => ({
    versions,
    clips: list.map(({ corpus, speaker, sentence, sha256, ...rest }, i) =>
      madeClip(`${corpus}/${i}.wav`, {
        ...rest,
        corpus,
        speaker: `${corpus}-${speaker}`,
        sentence: String(sentence),
        sha256: String(sha256),
      }),
    ),
  }));
  const options = fc.record({
    protocol: fc.constantFrom(...protocolNames.filter((name) => name !== 'cross-corpus')),
    folds: fc.integer({ min: 2, max: 6 }),
    sentenceGroups: fc.integer({ min: 2, max: 5 }),
    seed: fc.integer(),
    validationShare: fc.constantFrom(0, 0.1, 0.3, 0.5),
  });
  /** Returns undefined for small sets that cannot be divided this way, and checks the error. */
  const attempt = (set: typeof all, chosen: ProtocolOptions): Split[] | undefined => {
    try {
      return makeSplits(set, chosen);
    } catch (error) {
      assert.match(
        String(error),
        /WorkbenchError: the protocol .* (leaves no training clips|needs at least two)/,
      );
      return undefined;
    }
  };

  it('parts are disjoint and share only what the card allows', () => {
    fc.assert(
      fc.property(sets, options, (set, chosen) => {
        for (const split of attempt(set, chosen) ?? [])
          assert.deepEqual(faults(set, chosen.protocol, split), [], split.name);
      }),
    );
  });

  it('every clip is tested once, except under paper-rows', () => {
    fc.assert(
      fc.property(sets, options, (set, chosen) => {
        const splits = attempt(set, chosen);
        fc.pre(splits !== undefined && chosen.protocol !== 'paper-rows');
        const tested = splits.flatMap(({ test }) => [...test]).sort((a, b) => a - b);
        assert.deepEqual(
          tested,
          set.clips.map((_, i) => 4 * i),
        );
      }),
    );
  });

  it('the order of the clips does not matter, and the same seed gives the same splits', () => {
    fc.assert(
      fc.property(sets, options, fc.integer(), (set, chosen, seed) => {
        const shuffled = { ...set, clips: createRandom(seed).shuffle(set.clips) };
        const named = (own: typeof all): unknown =>
          attempt(own, chosen)?.map(({ name, train, validation, test, notes }) => [
            name,
            notes,
            ...[train, validation, test].map((rows) =>
              Array.from(rows, (row) => `${own.clips[Math.floor(row / 4)].path} ${row % 4}`).sort(),
            ),
          ]);
        assert.deepEqual(named(shuffled), named(set));
      }),
    );
  });

  it('near duplicates are never on both sides', () => {
    fc.assert(
      fc.property(sets, options, (set, chosen) => {
        fc.pre(chosen.protocol !== 'paper-rows');
        const pair: [string, string] = [set.clips[3].path, set.clips[20].path];
        for (const split of attempt(set, { ...chosen, nearDuplicates: { pairs: [{ paths: pair }] } }) ?? []) {
          const parts = [split.train, split.validation, split.test].filter((rows) =>
            clipsOf(rows, set).some(({ path }) => pair.includes(path)),
          );
          assert.ok(parts.length <= 1);
        }
      }),
    );
  });

  it('a different seed gives different folds', () => {
    const folds = (seed: number): number[][] =>
      makeSplits(all, { protocol: 'speakers', seed }).map(({ test }) => [...test]);
    assert.notDeepEqual(folds(1), folds(2));
  });
});

describe('own-folds', () => {
  const set = (...folds: (string | undefined)[]): typeof all => ({
    versions,
    clips: folds.map((fold, i) => madeClip(`${i}.wav`, { fold, speaker: `own-${i}` })),
  });

  it('tests each fold in turn and validates on the next', () => {
    const splits = makeSplits(set('a', 'b', 'c', 'b'), { protocol: 'own-folds' });
    assert.deepEqual(
      splits.map(({ name, validation, test }) => [name, [...validation], [...test]]),
      [
        ['a', [4, 12], [0]],
        ['b', [8], [4, 12]],
        ['c', [0], [8]],
      ],
    );
  });

  it('treats folds named train, dev and test as one split', () => {
    const [only, ...others] = makeSplits(set('train', 'Test', 'dev'), { protocol: 'own-folds' });
    assert.equal(others.length, 0);
    assert.deepEqual(
      [only.train, only.validation, only.test].map((rows) => [...rows]),
      [[0, 1, 2, 3], [8], [4]],
    );
  });

  it('also accepts valid, training and testing', () => {
    const [only, ...others] = makeSplits(set('training', 'testing', 'valid'), { protocol: 'own-folds' });
    assert.equal(others.length, 0);
    assert.deepEqual([[...only.validation], [...only.test]], [[8], [4]]);
  });

  it('rejects a mixture of folds named train or test with others, and names them', () => {
    const split =
      (...folds: string[]) =>
      () =>
        makeSplits(set(...folds), { protocol: 'own-folds' });
    assert.throws(
      split('train', 'extra', 'test'),
      /WorkbenchError: .* as one split; not part of it: "extra"$/,
    );
    assert.throws(split('train', 'Train', 'test'), /not part of it: "Train", "train"$/);
    assert.throws(split('train', 'dev', 'val', 'test'), /not part of it: "dev", "val"$/);
    assert.throws(split('train', 'dev'), /no fold is named test$/);
    assert.throws(split('a', 'test'), /not part of it: "a"; no fold is named train$/);
  });

  it('accepts folds as a map by path', () => {
    const foldOf = new Map([
      ['0.wav', 'p'],
      ['1.wav', 'q'],
      ['2.wav', 'q'],
    ]);
    const splits = makeSplits(set('a', 'b', 'c'), { protocol: 'own-folds', foldOf, validationShare: 0 });
    assert.deepEqual(
      splits.map(({ name }) => name),
      ['p', 'q'],
    );
  });

  it('names clips without a fold', () => {
    assert.throws(
      () => makeSplits(set('a', undefined, 'b'), { protocol: 'own-folds' }),
      /own-folds needs the fold of every clip, missing for 1 \(1\.wav\); add a column/,
    );
  });
});

describe('validation without enough speakers', () => {
  const set = (...sentences: (string | undefined)[]): typeof all => ({
    versions,
    clips: [...sentences, 'tested'].map((sentence, i) =>
      madeClip(`${i}.wav`, { sentence, fold: i < sentences.length ? 'train' : 'test' }),
    ),
  });
  const splitOf = (
    own: typeof all,
  ): { trained: string[]; validated: string[]; notes?: readonly string[] } => {
    const [{ train, validation, notes }] = makeSplits(own, { protocol: 'own-folds' });
    const [trained, validated] = [train, validation].map((rows) =>
      clipsOf(rows, own).map(({ path }) => path),
    );
    return { trained, validated, notes };
  };

  it('is the smallest sentence if every sentence is larger than the share', () => {
    const { trained, validated, notes } = splitOf(set('a', 'a', 'b', 'c', 'c'));
    assert.deepEqual([trained, validated], [['0.wav', '1.wav', '3.wav', '4.wav'], ['2.wav']]);
    assert.deepEqual(notes, [
      'validation is of other sentences, not of other speakers: the speakers of the training clips are unknown',
    ]);
    assert.deepEqual(splitOf(set(undefined, undefined)).validated, ['0.wav']);
  });

  it('is empty with a note if there is one sentence', () => {
    const { trained, validated, notes } = splitOf(set('a', 'a'));
    assert.deepEqual([trained, validated], [['0.wav', '1.wav'], []]);
    assert.match(
      notes!.join(),
      /^there is no validation: training is of one sentence, and the speakers .* unknown$/,
    );
  });
});

describe('chosenSplits', () => {
  const splits = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));
  const chosen = (names: { name: string }[], fold: string): string[] =>
    chosenSplits(names, fold).map(({ name }) => name);

  it('chooses by name, by number and all', () => {
    const corpora = splits('RAVDESS', 'CREMA-D', 'SAVEE');
    assert.deepEqual(chosen(corpora, 'SAVEE'), ['SAVEE']);
    assert.deepEqual(chosen(corpora, '2'), ['CREMA-D']);
    assert.deepEqual(chosen(corpora, 'all'), ['RAVDESS', 'CREMA-D', 'SAVEE']);
  });

  it('a name takes precedence over a number, and a number in a name over a position', () => {
    assert.deepEqual(chosen(splits('0', '1', '2'), '1'), ['1']);
    assert.deepEqual(chosen(splits('0', '1', '2'), '0'), ['0']);
    assert.deepEqual(chosen(splits('fold 2', 'fold 4', 'fold 5'), '2'), ['fold 2']);
  });

  it('chooses the demo version of a corpus by the name of the corpus', () => {
    assert.deepEqual(chosen(splits('demo RAVDESS', 'demo SAVEE'), 'SAVEE'), ['demo SAVEE']);
  });

  it('rejects others and lists the names', () => {
    for (const fold of ['SAVE', '0', '4', '-1', '1.5'])
      assert.throws(
        () => chosen(splits('RAVDESS', 'CREMA-D', 'SAVEE'), fold),
        /dataset.fold must be all, a number from 1 to 3, or one of these names: RAVDESS; CREMA-D; SAVEE, got "/,
      );
    assert.throws(() => chosen(splits('RAVDESS', 'SAVEE'), 'SAVE'), /got "SAVE"; did you mean SAVEE\?/);
  });
});

describe('makeSplits rejects', () => {
  const make =
    (clips: Clip[], options: ProtocolOptions): (() => Split[]) =>
    () =>
      makeSplits({ clips, versions }, options);
  const clips = [madeClip('a.wav', { speaker: 'own-a' }), madeClip('b.wav')];

  it('clips that cannot be divided this way, with the reason', () => {
    assert.throws(
      make(clips, { protocol: 'speakers' }),
      /speakers needs the speaker of every clip, missing for 1 \(b\.wav\)/,
    );
    assert.throws(make(clips.slice(0, 1), { protocol: 'speakers' }), /at least two speakers, got only own-a/);
    assert.throws(make(clips, { protocol: 'leave-one-corpus-out' }), /needs at least two corpora/);
    assert.throws(make(originalClips('TESS').slice(0, 1), { protocol: 'clips' }), /at least two recordings/);
    const same = [...clips.slice(0, 1), madeClip('c.wav', { speaker: 'own-c', sentence: 's' })];
    assert.throws(
      make(same, { protocol: 'speakers+sentences' }),
      /needs the sentence of every clip, missing for 1 \(a\.wav\)/,
    );
    const one = ['own-a', 'own-c'].map((speaker) => madeClip(`${speaker}.wav`, { speaker, sentence: 's' }));
    assert.throws(
      make(one, { protocol: 'speakers+sentences' }),
      /speakers\+sentences leaves no training clips/,
    );
  });

  it('invalid options, by name', () => {
    const wrong = (options: object, pattern: RegExp): void =>
      assert.throws(make(clips, { protocol: 'clips', ...options }), pattern);
    wrong({ protocol: 'rows' }, /protocol must be one of paper-rows, clips, .*, got "rows"/);
    wrong({ folds: 1 }, /folds must be an integer of at least 2, got 1/);
    wrong({ sentenceGroups: 27 }, /sentenceGroups must be an integer from 2 to 26, got 27/);
    wrong({ seed: 0.5 }, /seed must be an integer, got 0\.5/);
    wrong({ validationShare: 0.6 }, /validationShare must be a number from 0 to 0\.5, got 0\.6/);
    assert.throws(
      () => makeSplits({ clips: [], versions }, { protocol: 'clips' }),
      /clips must be a list with at least one clip/,
    );
    assert.throws(
      () => makeSplits({ clips, versions: ['noise'] }, { protocol: 'clips' }),
      /versions must be a list that includes "original", got \["noise"\]/,
    );
  });
});
