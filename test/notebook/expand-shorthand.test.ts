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
    it(`reads ${source}`, () => assert.equal(expandShorthand(typescript, source).source, expected));
  }

  it('maps each position of the new source to the cell', () => {
    const cell = 'f({ a, bc }, { d: 1 });';
    const { source, offsetInCell } = expandShorthand(typescript, cell);
    assert.equal(source, 'f({ a: a, bc: bc }, { d: 1 });');
    for (const [text, occurrence] of [
      ['a', 0],
      ['a', 1],
      ['bc', 0],
      ['bc', 1],
      ['d', 0],
      ['});', 0],
    ] as const) {
      const at: number = source
        .split(text)
        .slice(0, occurrence + 1)
        .join(text).length;
      assert.equal(offsetInCell(at), cell.indexOf(text), `${text}, ${occurrence}`);
    }
    assert.equal(offsetInCell(source.length), cell.length);
  });
});
