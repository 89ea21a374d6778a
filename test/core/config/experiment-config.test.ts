import assert from 'node:assert/strict';
import {
  configDifferences,
  configHash,
  experimentConfig,
  formatConfig,
  optionsOf,
  presetNames,
  presets,
} from '../../../src/core/config';
import { featureConfig } from '../../../src/core/features';

describe('experimentConfig', () => {
  it('takes options that a stored config does not list from the defaults, whatever its preset has', () => {
    const stored = { ...experimentConfig('robust'), features: { nMels: 40 } };
    const { features } = experimentConfig(stored);
    assert.deepEqual(featureConfig(features), featureConfig({ nMels: 40 }));
    assert.notDeepEqual(featureConfig(features), featureConfig(presets.robust.features));
  });

  it('returns a copy of the preset if nothing is changed', () => {
    for (const name of presetNames) {
      const config = experimentConfig(name);
      assert.deepEqual(config, presets[name]);
      assert.equal(config.name, name);
      config.training.plateau.factor = 0.1;
      assert.equal(presets[name].training.plateau.factor, 0.5);
    }
    assert.equal(experimentConfig().name, 'compact');
  });

  it("has a preset with the paper's experiment", () => {
    const { dataset, training, model, features } = experimentConfig('paper');
    assert.deepEqual([dataset.protocol, dataset.trainVersions, model.kind], ['paper-rows', 'all', 'paper']);
    assert.deepEqual(features, {});
    const { optimizer, learningRate, batchSize, schedule, earlyStopping, plateau } = training;
    assert.deepEqual(
      { optimizer, learningRate, batchSize, schedule, earlyStopping, plateau },
      {
        optimizer: 'adam',
        learningRate: 1e-3,
        batchSize: 32,
        schedule: 'plateau',
        earlyStopping: 5,
        plateau: { factor: 0.5, patience: 3, minimum: 1e-5 },
      },
    );
  });

  it('merges changes at any depth; later changes win, and undefined changes nothing', () => {
    const config = experimentConfig(
      'compact',
      { training: { epochs: 10, plateau: { patience: 2 } }, corpora: ['RAVDESS'], seed: undefined },
      { 'training.epochs': 11, 'features.nMfcc': 14 },
      { features: { hopLength: 256 }, training: { clipNorm: 1 } },
    );
    assert.deepEqual(config, {
      ...presets.compact,
      corpora: ['RAVDESS'],
      features: { ...presets.compact.features, nMfcc: 14, hopLength: 256 },
      training: {
        ...presets.compact.training,
        epochs: 11,
        clipNorm: 1,
        plateau: { factor: 0.5, patience: 2, minimum: 1e-5 },
      },
    });
  });

  it('starts from a config, also from one saved before newer options existed', () => {
    const start = experimentConfig('quick', { training: { epochs: 3 }, features: { nMfcc: 13 } });
    assert.deepEqual(experimentConfig(start, { seed: 1 }), { ...start, seed: 1 });
    const { seed, ...older } = structuredClone(start);
    assert.equal(experimentConfig(older as typeof start).seed, seed);
    const unknown = { ...start, fast: true };
    assert.throws(
      () => experimentConfig(unknown),
      /unknown option fast: known: corpora, labels, features, .*, seed/,
    );
  });

  it('copies lists in the changes', () => {
    const corpora = ['RAVDESS'];
    const config = experimentConfig('compact', { corpora });
    corpora.push('TESS');
    assert.deepEqual(config.corpora, ['RAVDESS']);
  });

  const invalid: [object, RegExp][] = [
    [{ training: { epoch: 3 } }, /unknown option training.epoch: did you mean training.epochs\?$/],
    [{ epochs: 3 }, /unknown option epochs: did you mean training.epochs\?$/],
    [{ features: { hoplength: 3 } }, /unknown option features.hoplength: did you mean features.hopLength\?$/],
    [{ model: { colour: 3 } }, /unknown option model.colour: known: model.kind, model.width, .*svmGamma$/],
    [{ name: 'mine' }, /unknown option name: known: corpora/],
    [
      JSON.parse('{"__proto__": {"epochs": 1}}') as object,
      /unknown option __proto__: known: corpora, labels, features/,
    ],
    [{ training: 3 }, /training must be an object of options, got 3/],
    [{ training: null }, /training must be an object of options, got null/],
    [
      { training: { epochs: { deep: 1 } } },
      /training.epochs must be an integer from 1 to 10000, got \{"deep":1\}/,
    ],
    [{ training: { epochs: 0 } }, /training.epochs must be an integer from 1 to 10000, got 0/],
    [{ training: { epochs: '3' } }, /training.epochs must be an integer from 1 to 10000, got "3"/],
    [
      { training: { optimizer: 'sdg' } },
      /training.optimizer must be one of adam, adamw, sgd, got "sdg"; did you mean sgd\?/,
    ],
    [{ training: { learningRate: NaN } }, /training.learningRate must be a number from 1e-9 to 100, got NaN/],
    [
      { training: { clipNorm: 0 } },
      /training.clipNorm must be a number from 0\.000001 to 1000000, or null, got 0/,
    ],
    [
      { training: { plateau: { factor: 1 } } },
      /training.plateau.factor must be a number from 0\.001 to 0\.999, got 1/,
    ],
    [{ training: { labelSmoothing: 1 } }, /training.labelSmoothing must be a number from 0 to 0\.99, got 1/],
    [
      { dataset: { validationShare: 0.6 } },
      /dataset.validationShare must be a number from 0 to 0\.5, got 0\.6/,
    ],
    [{ training: { earlyStopping: 3 } }, /training.earlyStopping must be null with .*monitor last.*, got 3/],
    [
      { training: { originalShare: 0.4 } },
      /training.originalShare must be null with .*versionsPerEpoch null.*, got 0.4/,
    ],
    [
      { training: { schedule: 'plateau' } },
      /training.schedule must be one of constant, one-cycle, cosine with .*monitor last/,
    ],
    [{ corpora: [] }, /corpora must be a list of names, each once, or all, got \[\]/],
    [{ corpora: ['TESS', 'TESS'] }, /corpora must be a list of names, each once, or all/],
    [
      { model: { svmGamma: 'auto' } },
      /model.svmGamma must be a number from 0\.000001 to 1000000, or scale, got "auto"/,
    ],
    [{ features: { nMfcc: 200 } }, /features.nMfcc must be an integer from 1 to nMels \(128\), got 200/],
    [
      { dataset: { fold: 6 } },
      /dataset.fold must be all, or an integer from 1 to 5 with the protocol speakers, got "6"/,
    ],
    [
      { dataset: { protocol: 'paper-rows', fold: 2 } },
      /dataset.fold must be all, or 1 with the protocol paper-rows, got "2"/,
    ],
    [
      { dataset: { protocol: 'paper-rows', testVersions: 'trained' } },
      /dataset.testVersions must be original with the protocol paper-rows, .*, got "trained"/,
    ],
    [{ dataset: { fold: 0 } }, /dataset.fold must be all, or an integer from 1 to 5 .*, got "0"/],
    [{ dataset: { fold: '' } }, /dataset.fold must be a name, a number from 1, or all, got ""/],
    [
      { dataset: { testOn: ['SAVEE'] } },
      /dataset.testOn must be none with the protocol speakers, got \["SAVEE"\]; set dataset.protocol=cross-corpus/,
    ],
    [{ dataset: { trainOn: ['SAVEE'] } }, /dataset.trainOn must be others with the protocol speakers/],
    [
      { dataset: { protocol: 'cross-corpus' } },
      /dataset.testOn must be a list of corpora with the protocol cross-corpus, got "none"/,
    ],
    [
      { dataset: { protocol: 'cross-corpus', testOn: ['SAVEE'], trainOn: ['TESS', 'SAVEE'] } },
      /dataset.trainOn must be corpora that are not in dataset.testOn, got \["SAVEE"\]/,
    ],
    [
      { corpora: ['TESS'], dataset: { protocol: 'cross-corpus', testOn: ['SAVEE'] } },
      /corpora must be all, or a list with .* \(missing: SAVEE\), got \["TESS"\]/,
    ],
    [
      { dataset: { trainVersions: ['noisy'] } },
      /dataset.trainVersions must be .*\(original, higher, lower\), got "noisy"/,
    ],
    [
      { features: { versions: { plain: [] } }, dataset: { trainVersions: ['original'] } },
      /trainVersions must be all, or some of features.versions \(plain\), got "original"/,
    ],
  ];
  for (const [changes, message] of invalid) {
    it(`rejects ${JSON.stringify(changes)}`, () => {
      assert.throws(() => experimentConfig('compact', changes), message);
    });
  }

  it('rejects an unknown preset with the nearest name', () => {
    const preset = (name: string) => () => experimentConfig(name as 'paper');
    assert.throws(preset('papre'), /unknown preset papre: did you mean paper\?/);
    assert.throws(preset('transformer'), /unknown preset transformer: known: paper, paper-fast, .*quick/);
    assert.throws(preset('toString'), /unknown preset toString/);
  });

  it('allows any fold if their number depends on the clips', () => {
    const dataset = { protocol: 'leave-one-speaker-out', fold: 90 } as const;
    assert.equal(experimentConfig('compact', { dataset }).dataset.fold, '90');
  });

  it('a fold is the same by number and by name', () => {
    const spellings = [2, '2', 'fold 2'].map((fold) => experimentConfig('compact', { dataset: { fold } }));
    assert.deepEqual(
      spellings.map(({ dataset }) => dataset.fold),
      ['2', '2', '2'],
    );
    assert.equal(new Set(spellings.map(configHash)).size, 1);
  });

  it('reads the number of a fold that version 0.1 stored, counted from 0', () => {
    const now = experimentConfig('compact', { dataset: { fold: 2 } });
    const stored = JSON.parse(JSON.stringify({ ...now, dataset: { ...now.dataset, fold: 1 } })) as typeof now;
    assert.equal(experimentConfig(stored).dataset.fold, '2');
    assert.equal(experimentConfig(experimentConfig(stored)).dataset.fold, '2');
  });
});

describe('configDifferences', () => {
  it('compares with the preset, and features by their effective values', () => {
    const config = experimentConfig('log-mel', {
      features: { nMels: 128, hopLength: 512 },
      training: { epochs: 8, plateau: { patience: 4 } },
    });
    assert.deepEqual(configDifferences(config), [
      { option: 'features.nMels', value: 128, from: 64 },
      { option: 'training.plateau.patience', value: 4, from: 3 },
    ]);
  });

  it('compares with any other config', () => {
    const one = experimentConfig('compact', { seed: 1 });
    const two = experimentConfig('compact', { seed: 2 });
    assert.deepEqual(configDifferences(one, two), [{ option: 'seed', value: 1, from: 2 }]);
    assert.deepEqual(configDifferences(one, structuredClone(one)), []);
  });
});

describe('configHash', () => {
  const hash = configHash(experimentConfig('compact'));

  it('does not depend on the preset, the order of keys or whether a default is given', () => {
    assert.match(hash, /^[0-9a-f]{32}$/);
    const { training, ...rest } = presets.compact;
    assert.equal(configHash({ training, ...rest, name: 'paper' }), hash);
    assert.equal(configHash(experimentConfig('compact', { features: { nMels: 128, fMax: null } })), hash);
  });

  it('changes with every option', () => {
    const config = experimentConfig('compact');
    const hashes = [...optionsOf(config).keys()].map((path) => {
      const other = structuredClone(config) as unknown as Record<string, unknown>;
      const keys = path.split('.');
      const last = keys.pop()!;
      const group = keys.reduce((inner, key) => inner[key] as Record<string, unknown>, other);
      const changed: Record<string, unknown> = {
        features: ['zcr'],
        versions: { only: [] },
        fMax: 9000,
        nFft: 1024,
        trimDb: 30,
      };
      const value = featureConfig(config.features)[last as 'nMels'];
      group[last] = path.startsWith('features.') ? (changed[last] ?? value + 1) : 'another';
      return configHash(other as unknown as typeof config);
    });
    assert.equal(new Set([...hashes, hash]).size, hashes.length + 1);
  });
});

describe('formatConfig', () => {
  it("marks changed options, shows the preset's value and lists only changed features", () => {
    const text = formatConfig(
      experimentConfig('paper-fast', { training: { epochs: 10 }, features: { features: ['mfcc', 'f0'] } }),
    );
    const lines = text.split('\n');
    assert.match(lines[0], /^experiment from preset paper-fast, hash [0-9a-f]{8}$/);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('*')),
      ['*   features: mfcc,f0 (preset: zcr,rms,mfcc)', '*   epochs: 10 (preset: 20)'],
    );
    assert.ok(lines.includes('    plateau.factor: 0.5'));
    assert.ok(lines.includes('  seed: 42'));
    assert.doesNotMatch(text, /nMfcc/);
    assert.match(formatConfig(experimentConfig('log-mel')), /^ {4}nMels: 64$/m);
  });
});
