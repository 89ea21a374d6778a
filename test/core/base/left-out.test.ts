import assert from 'node:assert/strict';
import { formatLeftOut, isLeftOutList, leftOutOf, lostClasses } from '../../../src/core/base';

describe('What was left out', () => {
  const short = (seconds: number) => `it is too short: it ends at ${seconds} s`;
  const items = [
    { name: 'a.wav', reason: short(0.4), emotion: 'sad', speaker: '1' },
    { name: 'b.wav', reason: short(0.5), emotion: 'sad', speaker: '__proto__' },
    { name: 'c\u001b[31m.wav', reason: 'it is empty' },
  ];

  it('is counted by class, speaker and reason, with names from files as data', () => {
    const [found] = leftOutOf('clips without features', items);
    assert.deepEqual(found, {
      what: 'clips without features',
      count: 3,
      classes: [{ name: 'sad', count: 2 }],
      speakers: [
        { name: '1', count: 1 },
        { name: '__proto__', count: 1 },
      ],
      reasons: [
        { name: short(0.4), count: 2 },
        { name: 'it is empty', count: 1 },
      ],
      examples: ['a.wav', 'b.wav', 'c\u001b[31m.wav'],
    });
    assert.deepEqual(leftOutOf('clips without features', []), []);
  });

  it('is shown in at most three lines, without control characters', () => {
    const all = ['one', 'two', 'three', 'four'].flatMap((what) => leftOutOf(what, items.slice(2)));
    const lines = formatLeftOut(all);
    assert.equal(lines.length, 3);
    assert.equal(lines[0], '1 one (it is empty); for example c\\u001b[31m.wav');
    assert.equal(lines[2], '1 three; 1 four');
  });

  it('names the classes that lost all their clips', () => {
    const leftOut = leftOutOf('clips without features', items);
    assert.deepEqual(lostClasses(leftOut, [{ emotion: 'angry' }]), ['sad']);
    assert.deepEqual(lostClasses(leftOut, [{ emotion: 'sad' }]), []);
  });

  it('is recognised after it was read from a file', () => {
    const found = leftOutOf('clips without features', items);
    assert.ok(isLeftOutList(JSON.parse(JSON.stringify(found))));
    for (const odd of [5, {}, [5], [null], [{ ...found[0], count: 'two' }], [{ ...found[0], classes: [{}] }]])
      assert.equal(isLeftOutList(odd), false, JSON.stringify(odd));
  });
});
