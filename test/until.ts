import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';

/** Waits until a condition is true. Fails after `patienceSec`. */
export async function until(condition: () => boolean, patienceSec = 20): Promise<void> {
  const deadline = performance.now() + 1000 * patienceSec;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `waited for ${patienceSec} s`);
    await setTimeout(5);
  }
}
