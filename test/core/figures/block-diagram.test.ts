import assert from 'node:assert/strict';
import { blockDiagramFigure } from '../../../src/core/figures';

describe('blockDiagramFigure', () => {
  const blocks = ['one', 'two', 'three', 'four', 'five'].map((title) => ({ title }));
  const options = { title: 'Steps', source: 'five of them', columns: 2 };

  it('places blocks in rows of alternating direction, with an arrow from each to the next', () => {
    const { layout } = blockDiagramFigure(blocks, options);
    const annotations = layout.annotations ?? [];
    const places = blocks.map(({ title }) =>
      annotations.find(({ text }) => text.includes(`<b>${title}</b>`))!,
    );
    const [one, two, three, four, five] = places.map(({ x, y }) => ({ x: Number(x), y: Number(y) }));
    assert.ok(one.y === two.y && one.x < two.x);
    assert.ok(three.x === two.x && three.y > two.y);
    assert.ok(four.x === one.x && four.y === three.y);
    assert.ok(five.x === four.x && five.y > four.y);
    const arrows = annotations.filter(({ showarrow }) => showarrow);
    assert.equal(arrows.length, 4);
    // No arrow is longer than the gap between two blocks.
    for (const { x, y, ax, ay } of arrows) assert.ok(Math.hypot(Number(x) - Number(ax), Number(y) - Number(ay)) < 60); // prettier-ignore
  });

  it('highlights a marked block', () => {
    const colors = (isMarked: boolean) =>
      blockDiagramFigure([{ title: 'one', isMarked }], options).layout.shapes?.map(
        ({ fillcolor }) => fillcolor,
      );
    assert.notDeepEqual(colors(true), colors(false));
  });

  it('rejects an empty list and an invalid number of columns', () => {
    assert.throws(
      () => blockDiagramFigure([], options),
      /blocks must be a list with at least one block, got \[\]/,
    );
    assert.throws(
      () => blockDiagramFigure(blocks, { ...options, columns: 0 }),
      /columns must be a positive integer, got 0/,
    );
  });
});
