import assert from 'node:assert/strict';
import { leftOutOf } from '../../../src/core/base';
import { lossWarnings, makeSplits, type Split, unassignedClips } from '../../../src/core/dataset';
import { madeClip, originalClips } from './original-clips';

const clip = (emotion: string, speaker: string, corpus = 'own') =>
  madeClip(`${corpus}/${speaker}-${emotion}.wav`, { speaker, corpus, emotion });

describe('warnings about what was left out', () => {
  it('name classes, classes of a corpus, corpora and speakers without clips', () => {
    const loaded = [
      clip('sad', 'anna'),
      clip('happy', 'anna'),
      clip('sad', 'ben'),
      clip('fear', 'cem', 'other'),
      clip('sad', 'dora', 'third'),
      clip('happy', 'dora', 'third'),
    ];
    assert.deepEqual(lossWarnings([], loaded, loaded), []);
    assert.deepEqual(lossWarnings([], [loaded[0], loaded[1], loaded[4]], loaded), [
      '1 class has no clips left: fear',
      '1 class of a corpus has no clips left: happy of third',
      '1 corpus has no clips left: other',
      '2 speakers have no clips left: ben, cem',
    ]);
  });

  it('include labels that are no class here, such as boredom, and escape control characters', () => {
    const kept = [clip('sad', 'anna'), clip('happy', 'anna')];
    const bored = {
      name: '03a01La.wav',
      reason: 'unknown label "boredom"',
      emotion: 'boredom',
      speaker: 'anna',
    };
    assert.deepEqual(lossWarnings(leftOutOf('files not loaded', [bored]), kept), [
      '1 class has no clips left: boredom',
    ]);
    const odd = leftOutOf('files not loaded', [{ ...bored, emotion: '__proto__', speaker: '\u001b[2J' }]);
    assert.deepEqual(lossWarnings(odd, kept), [
      '1 class has no clips left: __proto__',
      '1 speaker has no clips left: \\u001b[2J',
    ]);
  });

  it('state that scores are meaningless if one class is left', () => {
    assert.match(
      lossWarnings([], [clip('sad', 'anna')]).join(),
      /all remaining clips are sad: with one class/,
    );
  });
});

describe('clips in no part of the splits', () => {
  const set = { clips: originalClips('SAVEE'), versions: ['original', 'noise'] };

  it('are none if all folds are trained', () => {
    for (const protocol of ['clips', 'speakers', 'speakers+sentences', 'paper-rows'] as const) {
      const { kept, leftOut } = unassignedClips(set, makeSplits(set, { protocol }), 'why');
      assert.deepEqual([kept.length, leftOut], [480, []], protocol);
    }
  });

  it('are counted by class and speaker in a single fold of speakers and sentences', () => {
    const [first]: Split[] = makeSplits(set, { protocol: 'speakers+sentences' });
    const { kept, leftOut } = unassignedClips(set, [first], 'why');
    const rows = new Set([...first.train, ...first.validation, ...first.test].map((row) => row >> 1));
    assert.equal(kept.length, rows.size);
    assert.equal(leftOut[0].count, 480 - rows.size);
    assert.ok(leftOut[0].count > 0 && leftOut[0].speakers.length > 0);
    assert.deepEqual(leftOut[0].reasons, [{ name: 'why', count: leftOut[0].count }]);
  });
});
