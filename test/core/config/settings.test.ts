import assert from 'node:assert/strict';
import {
  experimentConfig,
  optionsOf,
  parseSettings,
  settingsFromEnvironment,
  valueText,
} from '../../../src/core/config';

describe('parseSettings', () => {
  it('parses each value by the type of the option', () => {
    assert.deepEqual(
      parseSettings([
        'training.epochs=10',
        'training.learningRate = 3e-3',
        'model.dropout=.5',
        'model.svmGamma=scale',
        'training.clipNorm=null',
        'training.plateau.patience=2',
        'corpora=RAVDESS, demo SAVEE',
        'dataset.trainVersions=original',
        'dataset.fold=all',
        'features.features=mfcc,f0',
        'features.fMax=8000',
        'features.versions={"original":[],"loud":[{"kind":"noise","snrDb":10}]}',
      ]),
      {
        'training.epochs': 10,
        'training.learningRate': 0.003,
        'model.dropout': 0.5,
        'model.svmGamma': 'scale',
        'training.clipNorm': null,
        'training.plateau.patience': 2,
        corpora: ['RAVDESS', 'demo SAVEE'],
        'dataset.trainVersions': ['original'],
        'dataset.fold': 'all',
        'features.features': ['mfcc', 'f0'],
        'features.fMax': 8000,
        'features.versions': { original: [], loud: [{ kind: 'noise', snrDb: 10 }] },
      },
    );
  });

  it('reads a corpus name that looks like a number as a name', () => {
    assert.deepEqual(parseSettings(['corpora=2024', 'corpora=["a,b"]']), { corpora: ['a,b'] });
    assert.deepEqual(parseSettings(['corpora=2024']), { corpora: ['2024'] });
  });

  it('parses every value as it is printed', () => {
    const config = experimentConfig('quick', { corpora: ['TESS'], features: { fMax: 8000 } });
    const texts = [...optionsOf(config)].map(([option, value]) => `${option}=${valueText(value)}`);
    const again = experimentConfig('paper', parseSettings(texts));
    assert.deepEqual(optionsOf(again), optionsOf(config));
  });

  const invalid: [string, RegExp][] = [
    ['training.epochs', /--set must be of the form training.epochs=10, got "training.epochs"/],
    ['=3', /--set must be of the form training.epochs=10, got "=3"/],
    ['training.epoch=3', /unknown option training.epoch: did you mean training.epochs\?/],
    ['learning-rate=3', /unknown option learning-rate: did you mean training.learningRate\?/],
    ['training.epochs=ten', /training.epochs must be an integer from 1 to 10000, got "ten"/],
    ['training.epochs=', /training.epochs must be an integer from 1 to 10000, got ""/],
    ['training=3', /unknown option training: known: training.epochs, training.batchSize/],
    ['model.kind=papers', /model.kind must be one of paper, .* got "papers"; did you mean paper\?/],
  ];
  for (const [text, message] of invalid) {
    it(`rejects ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseSettings([text]), message);
    });
  }
});

describe('settingsFromEnvironment', () => {
  it('parses SER_SET; values may contain spaces', () => {
    assert.deepEqual(
      settingsFromEnvironment({
        SER_SET: ' corpora=demo RAVDESS,demo TESS   training.epochs=3\nmodel.width=64 ',
      }),
      { corpora: ['demo RAVDESS', 'demo TESS'], 'training.epochs': 3, 'model.width': 64 },
    );
  });

  it('is empty if SER_SET is not set', () => {
    assert.deepEqual(settingsFromEnvironment({}), {});
    assert.deepEqual(settingsFromEnvironment({ SER_SET: ' ' }), {});
  });

  it('names the source of an invalid setting', () => {
    assert.throws(() => settingsFromEnvironment({ SER_SET: 'fast' }), /SER_SET must be of the form/);
    assert.throws(() => settingsFromEnvironment({ SER_SET: 'seed=1 fast=1' }), /unknown option fast/);
  });
});
