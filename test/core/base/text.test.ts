import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  countOf,
  InvalidArgumentError,
  isShareColumn,
  fileNamePart,
  markdownTable,
  markdownText,
  nameKey,
  nearestName,
  printableLines,
  shorten,
  textTable,
  uniqueName,
} from '../../../src/core/base';

describe('countOf', () => {
  it('has the noun in singular or plural', () => {
    assert.equal(countOf(0, 'clip'), '0 clips');
    assert.equal(countOf(1, 'clip'), '1 clip');
    assert.equal(countOf(1923, 'clip'), '1,923 clips');
    assert.equal(countOf(1, 'copy', 'copies'), '1 copy');
    assert.equal(countOf(2, 'copy', 'copies'), '2 copies');
  });
});

describe('isShareColumn', () => {
  it('is true for columns with the name of a share and numbers from 0 to 1', () => {
    for (const name of ['accuracy', 'validationUar', 'macroF1', 'smallestShare', 'score'])
      assert.ok(isShareColumn(name, [0.5, undefined, 1, '–']), name);
    for (const name of ['training.learningRate', 'seconds', 'scores', 'accuracy of'])
      assert.ok(!isShareColumn(name, [0.5]), name);
    assert.ok(!isShareColumn('accuracy', [44.8]));
    assert.ok(!isShareColumn('accuracy', [undefined, 'none']));
  });
});

describe('text from files', () => {
  it('cannot break a table', () => {
    assert.equal(textTable([['a'], ['x\ny\u001b[31m']], [0]), 'a\nx\\u000ay\\u001b[31m');
    assert.equal(markdownTable([['a'], ['x|y\nz']]), '| a |\n| --- |\n| x\\|y\\u000az |');
    assert.ok(textTable([['a'], ['x'.repeat(5000)]], [0]).length < 700);
  });

  it('is literal in Markdown', () => {
    assert.equal(markdownText('<b>`x`[y](z)&amp;'), '\\<b\\>\\`x\\`\\[y\\](z)\\&amp;');
  });

  it('keeps line breaks and tabs in text of several lines, but no escape sequences', () => {
    assert.equal(printableLines('a\tb\n\u001b]8;;x\u0007\u009b1m'), 'a\tb\n\\u001b]8;;x\\u0007\\u009b1m');
  });

  it('is shortened in the middle, never within a surrogate pair', () => {
    assert.equal(shorten('abcdefghij', 7), 'abcd…ij');
    assert.equal(shorten('🙂'.repeat(10), 4), '🙂🙂…🙂');
    assert.equal(shorten('abc', 3), 'abc');
  });

  it('does not make an error message long, and no value makes it fail', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    for (const value of ['x'.repeat(1e6), circular, { big: 1n }, Symbol('s'), null, () => 'x'.repeat(1000)]) {
      assert.ok(new InvalidArgumentError('option', 'a number', value).message.length < 300);
    }
    assert.equal(nearestName('x'.repeat(1e6), ['xx']), undefined);
  });
});

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

  it('are found among thousands of the same name, and for names with line separators', () => {
    const taken = new Set<string>();
    let looked = 0;
    const counted = {
      has: (key: string) => ++looked > 0 && taken.has(key),
      add: (key: string) => taken.add(key),
    } as unknown as Set<string>;
    const names = Array.from({ length: 2000 }, () => uniqueName('a.wav', counted));
    assert.deepEqual([names[0], names[1], names[1999]], ['a.wav', 'a-2.wav', 'a-2000.wav']);
    assert.ok(looked < 2000 * 25, String(looked));
    for (const name of ['a\u2028b.wav', 'a\nb.wav', '\u2029', ''])
      assert.equal(uniqueName(name, taken), name);
    assert.equal(uniqueName('a\u2028b.wav', taken), 'a\u2028b-2.wav');
  });
});
