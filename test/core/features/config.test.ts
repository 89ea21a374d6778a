import assert from 'node:assert/strict';
import {
  columnNames,
  type FeatureConfig,
  featureConfig,
  frameCount,
  paperFeatures,
} from '../../../src/core/features';
import { featureKeys } from '../../../src/node/extraction/store';

describe('featureConfig', () => {
  it("is the paper's by default: 108 frames of 22 coefficients, four versions", () => {
    const config = featureConfig();
    assert.deepEqual(config, paperFeatures);
    assert.equal(frameCount(config) * columnNames(config).length, 2376);
    assert.deepEqual(Object.keys(config.versions), ['original', 'noise', 'pitch', 'pitchAndNoise']);
    assert.deepEqual(columnNames(config).slice(0, 4), ['zcr', 'rms', 'mfcc0', 'mfcc1']);
  });

  it('checks only the options that the features use', () => {
    assert.equal(featureConfig({ features: ['logMel'], nMels: 12 }).nMels, 12);
    assert.equal(featureConfig({ features: ['rms'], f0Min: 1 }).f0Min, 1);
  });

  const cases: [object, RegExp][] = [
    [
      { hoplength: 256 },
      /a feature option must be named otherwise: did you mean hopLength\?, got "hoplength"/,
    ],
    [{ colour: 1 }, /a feature option must be one of sampleRate, .*seed, got "colour"/],
    [{ sampleRate: 0 }, /sampleRate must be a positive integer \(Hz\), got 0/],
    [{ offsetSec: -1 }, /offsetSec must be a number of at least 0 \(seconds\), got -1/],
    [{ durationSec: Infinity }, /durationSec must be a positive number \(seconds\), got Infinity/],
    [{ nFft: 1000 }, /nFft must be a power of two, at least 2, got 1000/],
    [{ nFft: 1 }, /nFft must be a power of two, at least 2, got 1$/],
    [{ hopLength: 1.5 }, /hopLength must be a positive integer \(samples\), got 1.5/],
    [{ nMfcc: 41, nMels: 40 }, /nMfcc must be an integer from 1 to nMels \(40\), got 41/],
    [{ fMax: 12_000 }, /fMax must be null, or at most half of sampleRate \(11025 Hz\), got 12000/],
    [{ fMin: 9000, fMax: 8000 }, /fMin must be at least 0 and below fMax \(8000 Hz\), got 9000/],
    [{ features: ['mfcc', 'f0'], f0Min: 5 }, /f0Min must be above 10.8 Hz .* got 5/],
    [{ seed: 0.5 }, /seed must be an integer, got 0.5/],
    [{ features: [] }, /features must be a list of some of zcr.* got \[\]/],
    [{ features: null }, /features must be a list of some of zcr.* got null/],
    [{ features: ['mfcc', 'mfcc'] }, /features must be a list of some of zcr.* each once/],
    [{ features: ['mffc'] }, /features must be some of zcr.* got "mffc"/],
    [{ versions: {} }, /versions must be an object with at least one list/],
    [{ versions: { loud: {} } }, /versions.loud must be a list of augmentations/],
    [
      { versions: { a: [{ kind: 'echo' }] } },
      /versions.a\[0\].kind must be one of paperNoise, .* got "echo"/,
    ],
    [
      { versions: { a: [{ kind: 'pitch' }] } },
      /versions.a\[0\].nSteps must be within ten octaves .* got undefined/,
    ],
    [{ versions: { a: [{ kind: 'pitch', nSteps: 1, rate: 2 }] } }, /versions.a\[0\].rate must be left out/],
    [
      { versions: { a: [{ kind: 'stretch', rate: 0 }] } },
      /versions.a\[0\].rate must be a positive number, got 0/,
    ],
  ];
  for (const [changes, message] of cases) {
    it(`refuses ${JSON.stringify(changes)}`, () => {
      assert.throws(() => featureConfig(changes), message);
    });
  }
});

describe('featureKeys', () => {
  const keys = (changes: Partial<FeatureConfig>, name = 'plain') => featureKeys(featureConfig(changes), name);
  const [original, noise] = keys({});

  it('depend only on the options that affect the feature', () => {
    assert.deepEqual(keys({ nMfcc: 13 })[0].slice(0, 2), original.slice(0, 2));
    assert.notEqual(keys({ nMfcc: 13 })[0][2], original[2]);
    assert.deepEqual(keys({ f0Min: 80, f0Max: 400 }), keys({}));
    for (const [i, key] of keys({ hopLength: 256 })[0].entries()) assert.notEqual(key, original[i]);
    assert.notDeepEqual(keys({}, 'other')[0], original);
  });

  it('depend on the seed only for versions with random augmentations', () => {
    const [sameOriginal, otherNoise] = keys({ seed: 7 });
    assert.deepEqual(sameOriginal, original);
    assert.notDeepEqual(otherNoise, noise);
  });

  it('do not depend on the name of a version or the order of keys', () => {
    const [pitch] = keys({ versions: { a: [{ kind: 'pitch', nSteps: 1 }] } });
    assert.deepEqual(keys({ versions: { b: [{ nSteps: 1, kind: 'pitch' }] } }), [pitch]);
  });
});
