import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fileNamePart, nameKey, uniqueName } from '../../../src/core/base';

describe('file names of recordings', () => {
  it('keep letters of every script and are safe on every system', () => {
    const cases: [string, string][] = [
      ['Zoë: “what?”', 'Zoë-what'],
      ['../../etc/passwd', 'etc-passwd'],
      ['C:\\Users\\x', 'C-Users-x'],
      ['Анна Κ. 王', 'Анна-Κ-王'],
      ['...', 'unnamed'],
      ['', 'unnamed'],
      ['.hidden', 'hidden'],
      ['con', 'con_'],
      ['LPT1', 'LPT1_'],
      ['a\u0000b\u202ec', 'a-b-c'],
      ['हिन्दी', 'हिन्दी'],
      ['😀', 'unnamed'],
    ];
    for (const [text, name] of cases) assert.equal(fileNamePart(text), name);
  });

  it('are never too long, hidden, or with a separator', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.integer({ min: 7, max: 60 }),
        (text, longest) => {
          const name = fileNamePart(text, { longest });
          assert.match(name, /^[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*_?$/u);
          assert.ok(Buffer.byteLength(name) <= Math.max(longest, 'unnamed'.length) + 1);
        },
      ),
    );
  });

  it('are unique on file systems that ignore letter case', () => {
    const taken = new Set<string>();
    const names = ['a/x.wav', 'A/X.wav', 'a/x.wav', 'a/x', 'ﬁ.wav', 'fi.wav'].map((name) =>
      uniqueName(name, taken),
    );
    assert.deepEqual(names, ['a/x.wav', 'A/X-2.wav', 'a/x-3.wav', 'a/x', 'ﬁ.wav', 'fi-2.wav']);
    assert.equal(new Set(names.map(nameKey)).size, names.length);
  });
});
