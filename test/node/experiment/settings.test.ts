import assert from 'node:assert/strict';
import { settingsFromEnvironment } from '../../../src/node/experiment';

describe('settingsFromEnvironment', () => {
  const before = process.env.SER_SET;
  afterEach(() => {
    if (before === undefined) delete process.env.SER_SET;
    else process.env.SER_SET = before;
  });

  it('reads SER_SET of the process without an argument', () => {
    process.env.SER_SET = 'training.epochs=3 model.width=64';
    assert.deepEqual(settingsFromEnvironment(), { 'training.epochs': 3, 'model.width': 64 });
    delete process.env.SER_SET;
    assert.deepEqual(settingsFromEnvironment(), {});
    assert.deepEqual(settingsFromEnvironment({ SER_SET: 'seed=1' }), { seed: 1 });
  });
});
