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
  it("has the paper's values by default: 108 frames of 22 coefficients, four versions", () => {
    const config = featureConfig();
    assert.deepEqual(config, paperFeatures);
    assert.equal(frameCount(config) * columnNames(config).length, 2376);
    assert.deepEqual(Object.keys(config.versions), ['original', 'noise', 'pitch', 'pitchAndNoise']);
    assert.deepEqual(columnNames(config).slice(0, 4), ['zcr', 'rms', 'mfcc0', 'mfcc1']);
  });

  it('checks rules between options only for the features in use', () => {
    assert.equal(featureConfig({ features: ['logMel'], nMels: 12 }).nMels, 12);
    assert.equal(featureConfig({ features: ['rms'], f0Min: 1 }).f0Min, 1);
  });

  const cases: [object, RegExp][] = [
    [{ hoplength: 256 }, /unknown feature option hoplength: did you mean hopLength\?/],
    [{ colour: 1 }, /unknown feature option colour: known: sampleRate, .*seed/],
    [{ nMels: 2147483648 }, /nMels must be an integer from 1 to 1024, got 2147483648/],
    [{ durationSec: 600, hopLength: 16 }, /hopLength must be at least \d+ \(a window of 600 s/],
    [
      { versions: { a: Array.from({ length: 16 }, () => ({ kind: 'stretch', rate: 0.1 })) } },
      /versions must be augmentations that make a window .* at most \d+ times as long/,
    ],
    [{ sampleRate: 0 }, /sampleRate must be an integer from 1000 to 192000 \(Hz\), got 0/],
    [{ offsetSec: -1 }, /offsetSec must be a number from 0 to 3600 \(seconds\), got -1/],
    [{ durationSec: Infinity }, /durationSec must be a number from 0.01 to 600 \(seconds\), got Infinity/],
    [{ nFft: 1000 }, /nFft must be a power of two from 2 to 65536 \(samples\), got 1000/],
    [{ nFft: 1 }, /nFft must be a power of two from 2 to 65536 \(samples\), got 1$/],
    [{ hopLength: 1.5 }, /hopLength must be an integer from 16 to 65536 \(samples\), got 1.5/],
    [{ nMfcc: 41, nMels: 40 }, /nMfcc must be an integer from 1 to nMels \(40\), got 41/],
    [
      { fMax: 12_000 },
      /fMax must be null, or above 0 and at most half of sampleRate \(11025 Hz\), got 12000/,
    ],
    [{ fMin: 9000, fMax: 8000 }, /fMin must be at least 0 and below fMax \(8000 Hz\), got 9000/],
    [{ features: ['mfcc', 'f0'], f0Min: 5 }, /f0Min must be above 10.8 Hz .* got 5/],
    [{ seed: 0.5 }, /seed must be an integer, got 0.5/],
    [{ features: [] }, /features must be a list of some of zcr.* got \[\]/],
    [{ features: null }, /features must be a list of some of zcr.* got null/],
    [{ features: ['mfcc', 'mfcc'] }, /features must be a list of some of zcr.* each once/],
    [{ features: ['mffc'] }, /features\[0\] must be one of zcr.* got "mffc"; did you mean mfcc\?/],
    [{ versions: {} }, /versions must be an object of 1 to 32 lists of augmentations/],
    [{ versions: { loud: {} } }, /versions.loud must be a list of at most 16 augmentations, got \{\}/],
    [
      { versions: { a: [{ kind: 'echo' }] } },
      /versions.a\[0\].kind must be one of paperNoise, .* got "echo"/,
    ],
    [
      { versions: { a: [{ kind: 'pitch' }] } },
      /versions.a\[0\].nSteps must be a number from -48 to 48 \(semitones\), got undefined/,
    ],
    [
      { versions: { a: [{ kind: 'pitch', nSteps: 1, rate: 2 }] } },
      /versions.a\[0\] must be an object with kind and nSteps only, got/,
    ],
    [
      { versions: { a: [{ kind: 'band', lowHz: [100, 5000], highHz: [3000, 8000] }] } },
      /versions.a\[0\] must be a band with every lowHz below every highHz, got/,
    ],
    [
      { versions: { a: [{ kind: 'band', lowHz: 300, highHz: 300 }] } },
      /versions.a\[0\] must be a band with every lowHz below every highHz, got/,
    ],
    [
      { sampleRate: 8000, versions: { a: [{ kind: 'band', lowHz: [100, 4000], highHz: 5000 }] } },
      /versions must be augmentations with a lowHz below half of sampleRate \(4000 Hz; a: 4000 Hz\)/,
    ],
    [
      { versions: { a: [{ kind: 'stretch', rate: 0 }] } },
      /versions.a\[0\].rate must be a number from 0.1 to 10, got 0/,
    ],
  ];
  for (const [changes, message] of cases) {
    it(`rejects ${JSON.stringify(changes)}`, () => {
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
