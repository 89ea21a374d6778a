import assert from 'node:assert/strict';
import typescript from 'typescript';
import { expandShorthand } from '../../src/notebook/kernel/compiler';

describe('expandShorthand', () => {
  for (const [source, expected] of [
    ['f({ a, b: c, d });', 'f({ a: a, b: c, d: d });'],
    ['const x = [{ a }, { b: { c } }];', 'const x = [{ a: a }, { b: { c: c } }];'],
    ['({ a, b = 1 } = o);', '({ a: a, b: b = 1 } = o);'],
    // destructuring patterns, methods and types are not expanded
    ['const { a, b } = o;', 'const { a, b } = o;'],
    [
      'const o = { m() { return 1; } }; type T = { a: number };',
      'const o = { m() { return 1; } }; type T = { a: number };',
    ],
    ['`${f({ a })} { b }`', '`${f({ a: a })} { b }`'],
  ]) {
    it(`reads ${source}`, () => assert.equal(expandShorthand(typescript, source), expected));
  }
});
