import assert from 'node:assert/strict';
import { experimentConfig, presetNames } from '../../../src/core/config';

describe('the size of a network', () => {
  it('is within the bounds in every preset', () => {
    for (const name of presetNames) assert.equal(experimentConfig(name).name, name);
  });

  it('is checked before it is built; the error names option, bound and value', () => {
    assert.throws(
      () => experimentConfig('compact', { model: { width: 4096 } }),
      /model.width must be at most \d+ \(the network would have [\d,]+ parameters, .*\), got 4096/,
    );
    assert.throws(
      () =>
        experimentConfig('compact', {
          model: { kind: 'paper' },
          features: { hopLength: 64, durationSec: 120 },
        }),
      /features must be smaller, with fewer frames or columns .*; raise features.hopLength/,
    );
    assert.throws(() => experimentConfig('compact', { model: { width: 200_000 } }), /from 1 to 4096/);
  });
});
