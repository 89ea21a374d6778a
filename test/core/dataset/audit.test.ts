import fc from 'fast-check';
import assert from 'node:assert/strict';
import { type Clip, leftOutOf } from '../../../src/core/base';
import {
  type Audit,
  auditSplit,
  auditTable,
  coverageWarnings,
  formatAudit,
  protocolCards,
  type ProtocolName,
  protocolNames,
  type Split,
} from '../../../src/core/dataset';
import { makeSplits } from '../../../src/node/corpora';
import { madeClip, originalClips } from './original-clips';

const versions = ['original', 'noise', 'pitch', 'pitchAndNoise'];
const all = { clips: originalClips(), versions };
const auditsOf = (protocol: ProtocolName, set = all): Audit[] =>
  makeSplits(set, { protocol }).map((split) =>
    auditSplit(set, split, { protocol, nearDuplicates: { pairs: [] } }),
  );

/** Clips 0 to 3 of two speakers and two sentences each, rows of two versions. */
const small = {
  versions: ['original', 'noise'],
  clips: ['anna', 'anna', 'ben', 'ben'].map((speaker, i) =>
    madeClip(`${i}.wav`, { speaker, sentence: i % 2 === 0 ? 'even' : 'odd' }),
  ),
};
const split = (train: number[], validation: number[], test: number[]): Split => ({
  name: 'fold 1',
  train: Int32Array.from(train),
  validation: Int32Array.from(validation),
  test: Int32Array.from(test),
});
const audit = (
  divided: Split,
  protocol: ProtocolName,
  options: object = {},
  clips: Clip[] = small.clips,
): Audit => auditSplit({ ...small, clips }, divided, { protocol, nearDuplicates: { pairs: [] }, ...options });

describe('auditSplit', () => {
  it('finds a sibling in training or validation of 99 % of the test rows under paper-rows, and does not throw', () => {
    const [{ findings, ok }] = auditsOf('paper-rows');
    const { siblings, speakers, byteDuplicates, validation, augmented } = findings;
    assert.equal(siblings.of, 9730);
    const part = siblings.count / siblings.of;
    assert.ok(part > 0.989 && part < 0.996, `${part}`);
    assert.deepEqual([speakers.count, speakers.verdict], [121, 'by design']);
    for (const finding of [siblings, byteDuplicates, validation, augmented]) {
      assert.equal(finding.verdict, 'LEAK');
      assert.ok(finding.count > 0 && finding.examples.length > 0);
    }
    assert.equal(ok, false);
  });

  for (const protocol of protocolNames.filter(
    (name) => !protocolCards[name].isLeaky && name !== 'own-folds' && name !== 'cross-corpus',
  )) {
    it(`finds no leak in the splits of ${protocol}`, () => {
      const clips = originalClips('RAVDESS', 'SAVEE', 'TESS').filter((_, i) => i % 3 === 0);
      for (const { ok, findings } of auditsOf(protocol, { clips, versions })) {
        assert.ok(ok);
        for (const what of ['speakers', 'sentences'] as const) {
          const isShared = findings[what].count > 0;
          if (isShared) assert.ok(protocolCards[protocol].mayShare.includes(what), what);
        }
      }
    });
  }

  it('names siblings, shared speakers and sentences, duplicates and rows held out twice if the protocol forbids them', () => {
    const fails = (
      divided: Split,
      protocol: ProtocolName,
      pattern: RegExp,
      options = {},
      clips?: Clip[],
    ): void => assert.throws(() => audit(divided, protocol, options, clips), pattern);
    fails(
      split([0, 1], [], [0, 2]),
      'clips',
      /fold 1.* breaks the rules of the protocol clips:\n {2}siblings in training or validation: 1 of 2 test rows \(0\.wav\)/,
    );
    fails(
      split([2, 3], [0], [1]),
      'clips',
      /siblings in training or validation: 1 of 1 .*\n.*augmented and held out: 1 of 2 rows held out \(0\.wav \(noise\)\)/,
    );
    fails(split([0, 1], [], [2]), 'speakers', /shared speakers: 1 of 1 test speakers \(anna\)/);
    fails(
      split([0, 1], [], [4]),
      'speakers+sentences',
      /shared sentences: 1 of 1 test sentences \(own: even\)/,
    );
    fails(split([4, 6], [4], [0]), 'speakers', /validation in training: 1 of 1 validation clips \(2\.wav\)/);
    const twins = small.clips.map((clip, i) => ({ ...clip, sha256: i % 3 === 0 ? 'same' : clip.sha256 }));
    fails(
      split([0, 1], [], [6]),
      'clips',
      /byte duplicates: 1 of 1 test clips \(3\.wav = 0\.wav\)/,
      {},
      twins,
    );
    const nearDuplicates = { pairs: [{ paths: ['0.wav', '3.wav'] as [string, string] }] };
    fails(
      split([0, 1], [], [6]),
      'clips',
      /near duplicates: 1 of 1 test clips \(3\.wav ≈ 0\.wav\)\npass nearDuplicates to makeSplits/,
      { nearDuplicates },
    );
  });

  it('rejects a scaler fitted to test rows, and selection by test rows', () => {
    const good = split([0, 1], [2], [4, 6]);
    assert.throws(
      () => audit(good, 'speakers', { scaler: Int32Array.of(0, 4, 6) }),
      /the scaler is fitted to 2 rows of test clips among others/,
    );
    assert.throws(
      () => audit(good, 'speakers', { scaler: Int32Array.of(0, 5) }),
      /the scaler is fitted to 1 rows of test clips among others/,
      'an augmented version of a test clip is the test clip',
    );
    assert.equal(audit(good, 'paper-rows', { scaler: Int32Array.of(0, 5) }).scaler.verdict, 'ok');
    assert.equal(
      audit(good, 'paper-rows', { scaler: Int32Array.of(0, 4) }).scaler.value,
      '1 test rows among others',
    );
    assert.throws(
      () => audit(good, 'speakers', { selection: 'test' }),
      /epochs and hyperparameters are selected by test rows/,
    );
    assert.equal(audit(good, 'speakers', { scaler: Int32Array.of(0) }).scaler.value, 'training rows');
    assert.equal(
      audit(good, 'speakers', { scaler: Int32Array.of(0, 2) }).scaler.value,
      'training and validation rows',
    );
    assert.equal(audit(good, 'speakers', { scaler: 'per speaker' }).scaler.verdict, 'by design');
    assert.equal(audit(good, 'speakers', { selection: 'validation' }).selection.value, 'validation rows');
    assert.equal(audit(good, 'speakers', { selection: 'none' }).selection.value, 'nothing is selected');
    assert.match(
      audit(good, 'speakers', { selection: 'last epoch' }).selection.value,
      /the last epoch is kept/,
    );
  });

  it('reports scaler and selection as not declared if they were not passed', () => {
    const { scaler, selection, ok } = audit(split([0, 1], [2], [4, 6]), 'speakers');
    const expected = { value: 'not declared', verdict: 'not checked' };
    assert.deepEqual([scaler, selection, ok], [expected, expected, true]);
    const text = formatAudit(audit(split([0, 1], [2], [4, 6]), 'speakers'));
    assert.match(text, /\n {2}scaler fitted to +not declared +not checked\n/);
    assert.match(text, /\n {2}selection by +not declared +not checked\n/);
  });

  it('warns of classes that are tested but not trained on, or only trained on, and is still free of leaks', () => {
    const clips = (['angry', 'sad', 'happy', 'angry'] as const).map((emotion, i) => ({
      ...small.clips[i],
      emotion,
    }));
    const { findings, ok } = audit(split([0, 1, 2, 3], [], [4, 6]), 'speakers', {}, clips);
    const { untrained, untested, unvalidated } = findings;
    assert.ok(ok);
    assert.deepEqual(untrained, { count: 1, of: 2, unit: 'test classes', verdict: 'warning', examples: ['happy'] }); // prettier-ignore
    assert.deepEqual(untested, { count: 1, of: 2, unit: 'training classes', verdict: 'warning', examples: ['sad'] }); // prettier-ignore
    assert.deepEqual([unvalidated.of, unvalidated.verdict], [0, 'ok']);
    const validated = audit(split([0, 1, 2, 3], [6], [4]), 'own-folds', {}, clips).findings.unvalidated;
    assert.deepEqual(validated.examples, ['sad']);
  });

  it('contains what was left out, by default the clips without features, and warns of lost classes and speakers', () => {
    const leftOut = leftOutOf('clips without features', [
      { name: 'a.wav', reason: 'too short', emotion: 'fear', speaker: 'cem' },
      { name: 'b.wav', reason: 'too short', emotion: small.clips[0].emotion, speaker: 'anna' },
    ]);
    const found = auditSplit({ ...small, leftOut }, split([0, 1], [], [4]), { protocol: 'speakers' });
    assert.deepEqual(found.leftOut, leftOut);
    assert.match(
      found.warnings.join('; '),
      /^1 class has no clips left: fear; 1 speaker has no clips left: cem/,
    );
    assert.ok(found.ok);
    const text = formatAudit(found);
    assert.match(
      text,
      /\n {2}left out: 2 clips without features \(too short\); .*; 2 speakers; for example a\.wav\n/,
    );
    assert.match(text, /\n {2}warning: 1 speaker has no clips left: cem/);
    assert.deepEqual(
      auditTable(found).filter(({ verdict }) => verdict === 'warning').length,
      found.warnings.length,
    );
  });

  it('reports near duplicates as not checked if none were passed', () => {
    const { findings, ok } = audit(split([0], [], [4]), 'speakers', { nearDuplicates: undefined });
    assert.equal(findings.nearDuplicates.verdict, 'not checked');
    assert.ok(ok);
  });

  it('rejects rows out of range and unknown protocols', () => {
    assert.throws(
      () => audit(split([8], [], [0]), 'clips'),
      /split must be a division of rows 0 to 7, got 8/,
    );
    assert.throws(() => audit(split([0], [], [4]), 'mine' as ProtocolName), /protocol must be one of/);
  });

  it('accepts every split of makeSplits under a clean protocol, with the same near duplicates', () => {
    const clip = fc.record({
      speaker: fc.integer({ min: 1, max: 6 }),
      sentence: fc.integer({ min: 1, max: 4 }),
      twin: fc.integer({ min: 0, max: 30 }),
    });
    fc.assert(
      fc.property(
        fc.array(clip, { minLength: 20, maxLength: 50 }),
        fc.constantFrom('clips', 'speakers', 'speakers+sentences', 'leave-one-speaker-out' as const),
        fc.integer(),
        (list, protocol: ProtocolName, seed) => {
          const clips = list.map(({ speaker, sentence, twin }, i) =>
            madeClip(`${i}.wav`, { speaker: `s${speaker}`, sentence: `${sentence}`, sha256: `${twin}` }),
          );
          const nearDuplicates = { pairs: [{ paths: ['2.wav', '9.wav'] as [string, string] }] };
          let splits: Split[] = [];
          try {
            splits = makeSplits({ clips, versions }, { protocol, seed, nearDuplicates });
          } catch (error) {
            assert.match(String(error), /leaves no training clips|needs at least two/);
          }
          for (const each of splits)
            assert.ok(auditSplit({ clips, versions }, each, { protocol, nearDuplicates }).ok);
        },
      ),
    );
  });
});

describe('formatAudit', () => {
  it('prints the paper protocol as leaky, one line per check', () => {
    const text = formatAudit(auditsOf('paper-rows'));
    assert.match(text, /^protocol paper-rows, rows: LEAKY\na score measures how well a model recalls/);
    assert.match(text, /\n {2}rows +35,026 training, 3,892 validation, 9,730 test\n/);
    assert.match(
      text,
      /\n {2}siblings in training or validation +9,\d{3} of 9,730 test rows \(99\.\d %\) +LEAK\n/,
    );
    assert.match(text, /\n {2}validation share +10\.0 % of the rows outside test\n/);
  });

  it('adds up the splits of a protocol, counts what is in several splits once, and lists notes once', () => {
    const clips = originalClips('TESS');
    const text = formatAudit(auditsOf('speakers', { clips, versions }));
    const lines = text.split('\n');
    assert.equal(lines[0], 'protocol speakers, 2 splits');
    const table = lines.filter((line) => line.startsWith('  ') && !line.startsWith('  note:'));
    assert.equal(table.length, 14);
    const verdictAt = table
      .filter((line) => / {2}(ok|by design)$/.test(line))
      .map((line) => line.search(/(ok|by design)$/));
    assert.equal(new Set(verdictAt).size, 1, text);
    assert.match(text, /siblings in training or validation +0 of 2,800 test rows/);
    assert.match(text, /shared speakers +0 of 2 test speakers +ok/);
    assert.match(text, /shared sentences +200 of 200 test sentences \(100\.0 %\) +by design/);
    assert.match(text, /validation share +[\d.]+ % of the clips outside test\n/);
    assert.equal(lines.filter((line) => line.includes('2 of 5 folds')).length, 1);
  });

  it('states the actual share of validation: whole speakers, none of a corpus with few', () => {
    const clips = originalClips('RAVDESS', 'SAVEE');
    const audits = auditsOf('speakers', { clips, versions });
    const shares = makeSplits({ clips, versions }, { protocol: 'speakers' }).map(
      ({ validation, train }) => validation.length / (validation.length + train.length / versions.length),
    );
    assert.deepEqual(
      audits.map(({ validationShare }) => validationShare),
      shares,
    );
    assert.ok(
      shares.every((share) => share > 0.05 && share < 0.1),
      shares.join(),
    );
    const [least, most] = [Math.min(...shares), Math.max(...shares)].map((share) => (100 * share).toFixed(1));
    assert.ok(formatAudit(audits).includes(`${least}–${most} % of the clips outside test`));
    assert.match(formatAudit(audits), /shared speakers +0 of 28 test speakers +ok/);
    assert.match(formatAudit(audits), /augmented and held out +0 of 1,920 rows held out +ok/);
  });

  it('names the classes that are tested but not trained on, and the number of splits', () => {
    const clips = originalClips('RAVDESS', 'SAVEE').map((clip) => ({ ...clip, fold: clip.emotion }));
    const audits = auditsOf('own-folds', { clips, versions: ['original'] });
    const text = formatAudit(audits);
    assert.ok(audits.every(({ ok }) => ok));
    assert.match(
      text,
      /tested but not trained on +7 of 7 test classes \(.*surprise.*\), in 7 of 7 splits +warning/,
    );
    const warnings = coverageWarnings(audits);
    assert.match(
      warnings[0],
      /^tested but not trained on: angry \(in angry\), .*UAR counts the class with a recall near 0$/,
    );
    assert.match(warnings[1], /^trained on but not tested: .* \(in 5 of 7 splits\)/);
  });

  it('is also available as a table', () => {
    const table = auditTable(audit(split([0], [], [4]), 'speakers'));
    assert.deepEqual(table[2], {
      check: 'siblings in training or validation',
      value: '0 of 1 test rows',
      verdict: 'ok',
    });
    assert.deepEqual(table[7], {
      check: 'validation in training',
      value: 'no validation clips',
      verdict: 'ok',
    });
    const two = [audit(split([0], [], [4]), 'speakers'), audit(split([0], [], [4]), 'clips')];
    assert.throws(() => auditTable(two), /audits must be audits of one protocol, got \["speakers","clips"\]/);
  });
});
