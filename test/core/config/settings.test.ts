import assert from 'node:assert/strict';
import {
  experimentConfig,
  optionsOf,
  parseSettings,
  settingsFromEnvironment,
  valueText,
} from '../../../src/core/config';

describe('parseSettings', () => {
  it('reads each value as what the option is', () => {
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

  it('takes a corpus whose name looks like a number for a name', () => {
    assert.deepEqual(parseSettings(['corpora=2024', 'corpora=["a,b"]']), { corpora: ['a,b'] });
    assert.deepEqual(parseSettings(['corpora=2024']), { corpora: ['2024'] });
  });

  it('reads back every value that a config is printed with', () => {
    const config = experimentConfig('quick', { corpora: ['TESS'], features: { fMax: 8000 } });
    const texts = [...optionsOf(config)].map(([option, value]) => `${option}=${valueText(value)}`);
    const again = experimentConfig('paper', parseSettings(texts));
    assert.deepEqual(optionsOf(again), optionsOf(config));
  });

  const refused: [string, RegExp][] = [
    ['training.epochs', /--set must be of the form training.epochs=10, got "training.epochs"/],
    ['=3', /--set must be of the form training.epochs=10, got "=3"/],
    ['training.epoch=3', /did you mean training.epochs\?, got "training.epoch"/],
    ['learning-rate=3', /did you mean training.learningRate\?, got "learning-rate"/],
    ['training.epochs=ten', /training.epochs must be a positive integer, got "ten"/],
    ['training.epochs=', /training.epochs must be a positive integer, got ""/],
    ['training=3', /an option must be one of training.optimizer.*|an option must be .*training.epochs/],
    ['model.kind=papers', /model.kind must be one of paper, .* got "papers"/],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseSettings([text]), message);
    });
  }
});

describe('settingsFromEnvironment', () => {
  it('reads SER_SET, whose values may hold spaces', () => {
    assert.deepEqual(
      settingsFromEnvironment({
        SER_SET: ' corpora=demo RAVDESS,demo TESS   training.epochs=3\nmodel.width=64 ',
      }),
      { corpora: ['demo RAVDESS', 'demo TESS'], 'training.epochs': 3, 'model.width': 64 },
    );
  });

  it('is empty without it', () => {
    assert.deepEqual(settingsFromEnvironment({}), {});
    assert.deepEqual(settingsFromEnvironment({ SER_SET: ' ' }), {});
  });

  it('says where a wrong setting came from', () => {
    assert.throws(() => settingsFromEnvironment({ SER_SET: 'fast' }), /SER_SET must be of the form/);
    assert.throws(() => settingsFromEnvironment({ SER_SET: 'seed=1 fast=1' }), /an option must be .*"fast"/);
  });
});
