import fc from 'fast-check';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emotion, emotions } from '../../../src/core/base';
import { classesOf, createOneHot, fitOneHot } from '../../../src/core/dataset';
import { loadOneHot, savePreparation } from '../../../src/node/models';

describe('a one-hot encoder', () => {
  it('has the emotions that occur as classes, in the standard order', () => {
    const labels: Emotion[] = ['sad', 'angry', 'sad', 'fear'];
    const encoder = fitOneHot(labels);
    assert.deepEqual(encoder.classes, ['angry', 'fear', 'sad']);
    assert.deepEqual([...encoder.transform(labels)], [0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0]);
    assert.deepEqual([...encoder.indices(labels)], [2, 0, 2, 1]);
    assert.deepEqual(classesOf(labels.map((emotion) => ({ emotion }))), encoder.classes);
  });

  it('inverse returns the labels, or the most probable class', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...emotions), { minLength: 1 }), (labels) => {
        const encoder = fitOneHot(labels);
        assert.deepEqual(encoder.inverse(encoder.transform(labels)), labels);
      }),
    );
    assert.deepEqual(fitOneHot(['sad', 'happy']).inverse(Float32Array.of(0.4, 0.6)), ['sad']);
  });

  it('is the same after saving and loading', () => {
    const directory = mkdtempSync(join(tmpdir(), 'one-hot-'));
    try {
      const path = join(directory, 'labels.json');
      savePreparation(fitOneHot(['sad', 'angry']), path);
      assert.deepEqual(loadOneHot(path).classes, ['angry', 'sad']);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('names invalid arguments', () => {
    const encoder = fitOneHot(['sad', 'angry']);
    assert.throws(() => encoder.transform(['happy']), /label must be one of angry, sad, got "happy"/);
    assert.throws(
      () => encoder.inverse(new Float32Array(3)),
      /rows must be of a length divisible by the 2 classes, got 3/,
    );
    assert.throws(
      () => createOneHot(['sad', 'angry']),
      /classes must be angry, sad, in this order and each once, got \["sad","angry"\]/,
    );
    assert.throws(
      () => createOneHot(['<b>']),
      /classes must be a list of names, each a class of at most 40 .*, got <b>|"<b>"/,
    );
    assert.throws(() => fitOneHot([]), /classes must be a list with at least one class/);
  });
});
