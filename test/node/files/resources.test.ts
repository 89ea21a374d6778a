import assert from 'node:assert/strict';
import { describeResources, runDefaults } from '../../../src/node/files';

const gb = 1e9;

describe('defaults of a run', () => {
  it('suit the processors and the memory', () => {
    const defaults = (processors: number, memory: number) => {
      const { extractionWorkers, sweepWorkers, rowMemory } = runDefaults(
        { processors, memory: memory * gb },
        '',
      );
      return [extractionWorkers, sweepWorkers, rowMemory / gb];
    };
    assert.deepEqual(defaults(1, 0.5), [1, 1, 0.125], 'a small container');
    assert.deepEqual(defaults(2, 8), [2, 1, 2]);
    assert.deepEqual(defaults(16, 32), [16, 8, 4]);
    assert.deepEqual(defaults(64, 256), [64, 32, 4]);
    assert.deepEqual(defaults(64, 8), [40, 4, 2], 'as many as the memory suffices for');
  });

  it('use SER_MEMORY for the rows', () => {
    const rowMemory = (setting?: string): number =>
      runDefaults({ processors: 2, memory: 8 * gb }, setting).rowMemory;
    assert.deepEqual([rowMemory('0'), rowMemory('1.5'), rowMemory(' ')], [0, 1.5 * gb, 2 * gb]);
    for (const wrong of ['-1', 'all', 'Infinity'])
      assert.throws(() => rowMemory(wrong), /SER_MEMORY must be the memory for rows in GB, 0 or more/);
  });

  it('are printed in one line', () => {
    const resources = { processors: 16, memory: 64 * gb };
    assert.equal(
      describeResources(resources, runDefaults(resources, '')),
      '16 processors, 64 GB of memory: 16 threads for features, up to 4 GB of rows in memory',
    );
    const one = { processors: 1, memory: 2 * gb };
    assert.equal(
      describeResources(one, runDefaults(one, '0.25')),
      '1 processor, 2 GB of memory: 1 thread for features, up to 0.3 GB of rows in memory',
    );
  });
});
