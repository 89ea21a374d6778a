import assert from 'node:assert/strict';
import { sentenceOf } from '../../../src/core/dataset';
import { originalClips } from './original-clips';

describe('sentenceOf', () => {
  it("tells RAVDESS's 2 sentences, CREMA-D's 12, TESS's 200 and SAVEE's 87", () => {
    const counts = (['RAVDESS', 'CREMA-D', 'TESS', 'SAVEE'] as const).map(
      (corpus) => new Set(originalClips(corpus).map(sentenceOf)).size,
    );
    // SAVEE: 3 common ones, and of each emotion 12 more that neutral repeats in part
    assert.deepEqual(counts, [2, 12, 200, 3 + 7 * 12]);
  });

  it("knows which of SAVEE's numbers say the same", () => {
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
