import assert from 'node:assert/strict';

/**
 * Asserts that two number lists agree within an absolute tolerance. Checks the length and NaN, and names the worst index.
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = 'values',
): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    assert.ok(!Number.isNaN(actual[i]), `${what}: NaN at index ${i}, expected ${expected[i]}`);
    if (Math.abs(actual[i] - expected[i]) > Math.abs(actual[worst] - expected[worst])) worst = i;
  }
  const difference = Math.abs(actual[worst] - expected[worst]);
  assert.ok(
    actual.length === 0 || difference <= tolerance,
    `${what}: off by ${difference} at index ${worst} (got ${actual[worst]}, expected ${expected[worst]}, tolerance ${tolerance})`,
  );
}
