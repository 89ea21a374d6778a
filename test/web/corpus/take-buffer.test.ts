import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createTakeBuffer } from '../../../src/web/corpus/take-buffer';

/** Pushes the numbers from `from` to `to` in chunks of given sizes. */
function pushCounting(
  buffer: ReturnType<typeof createTakeBuffer>,
  from: number,
  to: number,
  sizes: readonly number[],
): void {
  for (let [at, i] = [from, 0]; at < to; i++) {
    const end = Math.min(to, at + sizes[i % sizes.length]);
    buffer.push(Float32Array.from({ length: end - at }, (_, k) => at + k));
    at = end;
  }
}

describe('the buffer of takes', () => {
  it('returns the moment before the start and everything until the end, in any chunks', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        (chunks, before, length) => {
          const buffer = createTakeBuffer(100, { preRollSec: 0.25 });
          pushCounting(buffer, 0, before, chunks);
          buffer.begin();
          pushCounting(buffer, before, before + length, chunks);
          const first = Math.max(0, before - 25);
          assert.ok(Math.abs(buffer.durationSec() - (before + length - first) / 100) < 1e-9);
          const soFar = buffer.soFar();
          const take = buffer.end()!;
          assert.deepEqual(soFar, take);
          assert.equal(buffer.soFar(), undefined);
          assert.deepEqual(
            [...take],
            Array.from({ length: before + length - first }, (_, i) => first + i),
          );
        },
      ),
    );
  });

  it('a take does not contain the end of the previous one', () => {
    const buffer = createTakeBuffer(100, { preRollSec: 0.25 });
    buffer.begin();
    pushCounting(buffer, 0, 100, [10]);
    buffer.end();
    buffer.begin();
    pushCounting(buffer, 100, 110, [10]);
    assert.deepEqual(buffer.end()?.[0], 100);
  });

  it('cuts takes that are too long, and returns nothing without a start', () => {
    const buffer = createTakeBuffer(100, { maxSec: 1 });
    assert.equal(buffer.end(), undefined);
    assert.equal(buffer.durationSec(), 0);
    buffer.begin();
    pushCounting(buffer, 0, 250, [30]);
    assert.equal(buffer.end()?.length, 100);
  });
});
