import assert from 'node:assert/strict';
import {
  InvalidArgumentError,
  markdownTable,
  markdownText,
  nearestName,
  printableLines,
  shorten,
  textTable,
} from '../../../src/core/base';

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
