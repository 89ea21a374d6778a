import assert from 'node:assert/strict';
import {
  checkValue,
  describeOption,
  experimentConfig,
  formatOptions,
  type OptionPath,
  optionPaths,
  parseSettings,
  presets,
} from '../../../src/core/config';

describe('declared options', () => {
  it('have a valid default, a description and, for numbers, two limits', () => {
    for (const path of optionPaths) {
      const option = describeOption(path);
      checkValue(path, option.default);
      assert.match(option.description, /^[^.]{5,90}$/, path);
      const isNumber = option.type === 'integer' || option.type === 'number';
      assert.equal(Number.isFinite(option.min) && Number.isFinite(option.max), isNumber, path);
      assert.equal(option.choices !== undefined, option.type === 'choice' || path === 'features.features' || path === 'features.nFft'); // prettier-ignore
      if (option.or !== undefined) checkValue(path, option.or);
    }
  });

  it('accept their limits and reject values beyond', () => {
    for (const path of optionPaths) {
      const { min, max, step = 1e-6, choices } = describeOption(path);
      if (min === undefined || max === undefined) continue;
      checkValue(path, min);
      checkValue(path, max);
      for (const value of [min - step, choices ? 2 * max : max + step, NaN, Infinity, String(min), true]) {
        assert.throws(
          () => {
            checkValue(path, value);
          },
          new RegExp(`^InvalidArgumentError: ${path} must be `),
          `${path}=${String(value)}`,
        );
      }
    }
  });

  const tooLarge: [string, RegExp][] = [
    ['features.nMels=2147483648', /features\.nMels must be an integer from 1 to 1024, got 2147483648/],
    ['model.width=200000', /model\.width must be an integer from 1 to 4096 \(channels\), got 200000/],
    ['features.hopLength=1', /features\.hopLength must be an integer from 16 to 65536 \(samples\), got 1/],
    [
      'features.durationSec=1e9',
      /features\.durationSec must be a number from 0\.01 to 600 \(seconds\), got 1000000000/,
    ],
    ['features.sampleRate=200000000', /features\.sampleRate must be .* to 192000 \(Hz\), got 200000000/],
    ['training.epochs=1e9', /training\.epochs must be an integer from 1 to 10000, got 1000000000/],
  ];
  for (const [setting, message] of tooLarge) {
    it(`reject ${setting}, on the command line and in a config`, () => {
      assert.throws(() => parseSettings([setting]), message);
      const [path, value] = setting.split('=');
      assert.throws(() => experimentConfig('quick', { [path as OptionPath]: Number(value) }), message);
    });
  }

  it('reject windows that do not fit into memory', () => {
    assert.throws(
      () => experimentConfig('quick', { features: { durationSec: 600, hopLength: 16 } }),
      /features\.hopLength must be at least 223 \(a window of 600 s at 22050 Hz must fit into memory\), got 16/,
    );
    const long = experimentConfig('quick', { features: { durationSec: 600, hopLength: 223 } });
    assert.equal(long.features.durationSec, 600);
  });

  it('limit the number and length of versions and the parameters of augmentations', () => {
    const versions = (value: unknown) => () => {
      checkValue('features.versions', value);
    };
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`v${i}`, []]));
    assert.throws(versions(many), /features\.versions must be an object of 1 to 32 lists/);
    assert.throws(versions({ ['x'.repeat(65)]: [] }), /features\.versions must be .*1 to 64 characters/);
    const chain = Array.from({ length: 17 }, () => ({ kind: 'paperNoise' }));
    assert.throws(versions({ a: chain }), /features\.versions\.a must be a list of at most 16 augmentations/);
    const noise = [{ kind: 'noise', snrDb: 1e9 }];
    assert.throws(versions({ a: noise }), /versions\.a\[0\]\.snrDb must be a number from -120 to 120 \(dB\)/);
    assert.throws(versions({ a: ['noise'] }), /versions\.a\[0\] must be an augmentation such as \{"kind"/);
    assert.throws(versions(JSON.parse('{"a":[],"__proto__":[]}')), /features\.versions must be an object of/);
  });

  it('suggest the nearest name for a mistyped value', () => {
    assert.throws(
      () => experimentConfig('compact', { features: { features: ['zcr', 'mffc' as 'mfcc'] } }),
      /features\.features\[1\] must be one of zcr, .*, f0, got "mffc"; did you mean mfcc\?/,
    );
  });
});

describe('describeOption', () => {
  it('includes the type, range and step of a control', () => {
    assert.deepEqual(describeOption('training.epochs'), {
      path: 'training.epochs',
      type: 'integer',
      rule: 'an integer from 1 to 10000',
      min: 1,
      max: 10_000,
      step: 1,
      default: 15,
      description: 'passes over the training rows',
      sweep: { integer: [5, 40] },
    });
    const { type, choices, default: value } = describeOption('model.head');
    assert.deepEqual([type, choices, value], ['choice', ['pool', 'statistics', 'flatten'], 'pool']);
    assert.equal(describeOption('features.fMax').or, null);
  });

  it('rejects an unknown option', () => {
    assert.throws(
      () => describeOption('epochs' as OptionPath),
      /unknown option epochs: did you mean training/,
    );
  });
});

describe('formatOptions', () => {
  it('lists every option with value, description and rule', () => {
    const lines = formatOptions().split('\n');
    assert.equal(lines.length, 2 * optionPaths.length);
    const epochs = lines.indexOf('training.epochs=15');
    assert.equal(lines[epochs + 1], '    Passes over the training rows. An integer from 1 to 10000.');
    assert.match(formatOptions(presets.quick), /^training\.epochs=12$/m);
  });
});
