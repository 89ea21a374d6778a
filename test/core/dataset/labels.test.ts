import assert from 'node:assert/strict';
import { type Clip, type Emotion, emotions } from '../../../src/core/base';
import { classBalance, onePerEmotion, sentenceOf } from '../../../src/core/dataset';
import { originalClips } from './original-clips';

const clip = (speaker: string, emotion: Emotion, sentence: string, more: Partial<Clip> = {}): Clip => ({
  corpus: 'RAVDESS',
  emotion,
  label: emotion,
  speaker,
  sentence,
  path: [speaker, emotion, sentence, more.intensity ?? '', more.label ?? ''].join('-'),
  sampleRate: 16_000,
  channels: 1,
  durationSec: 1,
  sha256: '',
  ...more,
});

describe('onePerEmotion', () => {
  const clips = [
    clip('a', 'angry', 'kids'),
    clip('b', 'neutral', 'dogs', { label: 'calm' }),
    clip('b', 'sad', 'kids'),
    clip('b', 'sad', 'dogs', { intensity: 'normal' }),
    clip('b', 'sad', 'dogs', { intensity: 'strong' }),
    clip('b', 'neutral', 'dogs'),
    clip('b', 'fear', 'kids'),
    clip('b', 'angry', 'dogs'),
  ];

  it('prefers one speaker and one sentence, strong to weak clips, and neutral to calm', () => {
    assert.deepEqual(
      onePerEmotion(clips).map(({ path }) => path),
      ['b-angry-dogs--', 'b-fear-kids--', 'b-neutral-dogs--', 'b-sad-dogs-strong-'],
    );
  });

  it('accepts a speaker and a sentence', () => {
    assert.deepEqual(
      onePerEmotion(clips, { speaker: 'b', sentence: 'kids' }).map(({ path }) => path),
      ['b-angry-dogs--', 'b-fear-kids--', 'b-neutral-dogs--', 'b-sad-kids--'],
    );
    assert.throws(
      () => onePerEmotion(clips, { speaker: 'z' }),
      /speaker must be a speaker of these clips \(a, b …\), got "z"/,
    );
  });
});

describe('classBalance', () => {
  it('has the scores of trivial classifiers, by corpus and pooled', () => {
    const ravdess = emotions.flatMap((emotion) => [
      clip('a', emotion, ''),
      ...(emotion === 'neutral' ? [clip('a', emotion, '')] : []),
    ]);
    const cremad = (['angry', 'sad', 'sad'] as const).map((emotion) =>
      clip('c', emotion, '', { corpus: 'CREMA-D' }),
    );
    const [first, second, pooled] = classBalance([...ravdess, ...cremad]);
    assert.deepEqual(first, {
      corpus: 'RAVDESS',
      clips: 8,
      classes: 7,
      largest: 'neutral',
      majorityAccuracy: 2 / 8,
      majorityUar: 1 / 7,
      smallestShare: 1 / 8,
    });
    assert.deepEqual([second.classes, second.largest, second.majorityAccuracy], [2, 'sad', 2 / 3]);
    assert.deepEqual(
      [pooled.corpus, pooled.clips, pooled.largest, pooled.majorityAccuracy],
      ['pooled', 11, 'sad', 3 / 11],
    );
    assert.throws(() => classBalance([]), /clips must be a list with at least one clip/);
  });
});

describe('sentenceOf', () => {
  it("distinguishes RAVDESS's 2 sentences, CREMA-D's 12, TESS's 200 and SAVEE's 87", () => {
    const counts = (['RAVDESS', 'CREMA-D', 'TESS', 'SAVEE'] as const).map(
      (corpus) => new Set(originalClips(corpus).map(sentenceOf)).size,
    );
    // SAVEE: 3 common sentences and 12 more per emotion; neutral repeats some of them
    assert.deepEqual(counts, [2, 12, 200, 3 + 7 * 12]);
  });

  it("maps SAVEE's numbers with the same text to one sentence", () => {
    const same = (a: string, b: string): boolean =>
      sentenceOf({ corpus: 'SAVEE', sentence: a }) === sentenceOf({ corpus: 'SAVEE', sentence: b });
    for (const [a, b] of ['a01 su01', 'n02 n17', 'h03 n18', 'a04 n19', 'su05 n26', 'sa04 n27', 'h05 n30'].map(
      (pair) => pair.split(' '),
    ))
      assert.ok(same(a, b), `${a} and ${b}`);
    for (const [a, b] of [
      ['a04', 'd04'],
      ['n04', 'n19'],
      ['n15', 'n30'],
      ['a06', 'n06'],
    ])
      assert.ok(!same(a, b), `${a} and ${b}`);
  });

  it('distinguishes corpora, and returns undefined for unknown sentences', () => {
    assert.notEqual(sentenceOf({ corpus: 'a', sentence: 's' }), sentenceOf({ corpus: 'b', sentence: 's' }));
    assert.equal(sentenceOf({ corpus: 'a' }), undefined);
  });
});
