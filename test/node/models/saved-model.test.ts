import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError, InvalidFileError } from '../../../src/core/base';
import { disposeModel, type ExperimentResult, type SingleModel } from '../../../src/core/prediction';
import { projectRoot } from '../../../src/node/files';
import { createPredictor, loadModel, modelOf, newestModel, saveModel } from '../../../src/node/models';
import { openToneLab, type ToneLab } from '../experiment/tone-lab';

describe('saved models', function () {
  this.timeout(120_000);
  let lab: ToneLab;
  let result: ExperimentResult;
  let folder: string;

  before(async () => {
    lab = await openToneLab();
    result = await lab.train();
  });
  after(() => lab.close());
  beforeEach(async () => {
    folder = join(lab.folder, 'models', 'one');
    rmSync(join(lab.folder, 'models'), { recursive: true, force: true });
    mkdirSync(join(lab.folder, 'models'));
    await saveModel(lab.engine, folder, modelOf(result));
  });
  const load = async () => (await loadModel(lab.engine, folder)) as SingleModel;

  /** Changes a file and updates its hash in the inventory. */
  function forge(name: string, change: (json: Record<string, unknown>) => unknown): void {
    const path = join(folder, name);
    const text = JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>));
    writeFileSync(path, text);
    const inventoryPath = join(folder, 'bundle.json');
    const inventory = JSON.parse(readFileSync(inventoryPath, 'utf8')) as { sha256: Record<string, string> };
    inventory.sha256[name] = createHash('sha256').update(text).digest('hex');
    writeFileSync(inventoryPath, JSON.stringify(inventory));
  }
  const assertRejected = (name: string, reason: RegExp) =>
    assert.rejects(load, (error: unknown) => {
      assert.ok(error instanceof InvalidFileError, String(error));
      assert.equal(error.path, join(folder, name));
      assert.match(error.reason, reason);
      return true;
    });

  for (const [kind, normalisation] of [
    ['compact', 'train'],
    ['compact', 'speaker'],
    ['paper', 'train'],
    ['knn', 'train'],
    ['svm', 'train'],
    ['majority', 'train'],
  ] as const) {
    it(`predict the same after saving and loading: ${kind}, normalisation ${normalisation}`, async () => {
      const training = { epochs: 1 };
      const changes = { model: { kind, neighbours: 3 }, dataset: { normalisation }, training };
      const model = modelOf(await lab.train(changes));
      await saveModel(lab.engine, folder, model);
      const loaded = await load();
      assert.deepEqual(loaded.config, model.config);
      assert.deepEqual(loaded.card, model.card);
      assert.deepEqual([loaded.temperature, loaded.threshold], [model.temperature, model.threshold]);
      const [before, after] = [model, loaded].map((one) => createPredictor(one, lab.engine));
      for (const clip of lab.corpora.clips.slice(0, 3)) {
        const file = lab.corpora.fileOf(clip);
        const prediction = await before.predict(file);
        assert.ok(prediction.confidence > 0 && prediction.confidence <= 1, String(prediction.confidence));
        assert.deepEqual(await after.predict(file), prediction);
      }
    });
  }

  it('contain only JSON and weights, no code and no local paths', () => {
    const names = readdirSync(folder).sort();
    assert.deepEqual(names, [
      'bundle.json',
      'card.json',
      'config.json',
      'labels.json',
      'model.json',
      'scaler.json',
      'training.json',
      'weights.bin',
    ]);
    for (const name of names.filter((one) => one.endsWith('.json'))) {
      const text = readFileSync(join(folder, name), 'utf8');
      assert.doesNotThrow(() => JSON.parse(text), name);
      for (const path of [projectRoot, homedir(), lab.folder]) assert.ok(!text.includes(path), name);
    }
    assert.equal(readFileSync(join(folder, 'weights.bin')).length % 4, 0);
  });

  it('have a card with corpora, scores with their protocol, and uses the model is not meant for', () => {
    const { card } = modelOf(result);
    assert.deepEqual(card.corpora, { SAVEE: 48 });
    assert.match(card.protocol as string, /^speakers \(new speakers/);
    const { ownSplit, pooled } = card.scores as Record<
      string,
      Record<string, { value: number; interval: object }>
    >;
    assert.equal(pooled.uar.value, result.report!.pooled.scores.uar!.value);
    assert.equal(ownSplit.accuracy.value, result.report!.perSplit[0].scores.accuracy!.value);
    assert.ok('low' in pooled.uar.interval);
    assert.ok((card.notFor as string[]).length > 0);
    assert.deepEqual(Object.keys(card.split as object), ['name', 'number', 'of', 'rows', 'bestEpoch']);
  });

  it('are calibrated on the validation rows of their own split, if there are any', () => {
    const { predictions, ...rest } = result;
    const rows = result.folds[0].split.validation.length;
    const classes = result.classes.length;
    assert.ok(rows >= 10);
    // Confident but wrong in half of the rows: the temperature must rise.
    const probabilities = new Float32Array(rows * classes).fill(0.01 / (classes - 1));
    const actual = result.validation!.actual;
    for (let row = 0; row < rows; row++)
      probabilities[row * classes + ((actual[row] + (row % 2)) % classes)] = 0.99;
    const validation = { ...result.validation!, probabilities };
    const { temperature, threshold, card } = modelOf({ ...rest, validation });
    assert.ok(temperature > 1.5, String(temperature));
    assert.equal(threshold, 0, 'all rows have the same confidence, so no threshold separates them');
    assert.equal((card.calibration as { rows: number }).rows, rows);

    const none = modelOf({ ...rest, validation: undefined });
    assert.deepEqual([none.temperature, none.threshold], [1, 0]);
    assert.ok(predictions);
  });

  it('suggest the lowest threshold that halves the error rate', () => {
    const classes = result.classes.length;
    const { actual } = result.validation!;
    const rows = actual.length;
    const probabilities = new Float32Array(rows * classes);
    for (let row = 0; row < rows; row++) {
      // The last two rows are wrong with low confidence.
      const isWrong = row >= rows - 2;
      const predicted = (actual[row] + (isWrong ? 1 : 0)) % classes;
      const confidence = isWrong ? 0.4 : 0.9;
      probabilities.fill((1 - confidence) / (classes - 1), row * classes, (row + 1) * classes);
      probabilities[row * classes + predicted] = confidence;
    }
    const validation = { ...result.validation!, probabilities };
    const { threshold, card } = modelOf({ ...result, validation });
    const { threshold: point } = card.calibration as { threshold: { accuracy: number; coverage: number } };
    assert.ok(threshold > 0.4 && threshold < 1, String(threshold));
    assert.ok(point.accuracy >= 1 - 1 / rows && point.coverage > 0.5, JSON.stringify(point));
  });

  it('can only be made from a finished split', () => {
    assert.throws(() => modelOf(result, 5), InvalidArgumentError);
    assert.throws(
      () => modelOf(result, 5),
      /split must be a number from 1 to 1, or one of these names: fold 1, got "5"/,
    );
  });

  it('are rejected if a file is missing', async () => {
    for (const name of readdirSync(folder)) {
      rmSync(folder, { recursive: true });
      await saveModel(lab.engine, folder, modelOf(result));
      rmSync(join(folder, name));
      await assertRejected(name, /missing/);
    }
    rmSync(folder, { recursive: true });
    await assertRejected('bundle.json', /it is missing: the folder is not a saved model, or is incomplete/);
  });

  it('are rejected if one byte of a file has changed', async () => {
    for (const name of readdirSync(folder).filter((one) => one !== 'bundle.json')) {
      await saveModel(lab.engine, folder, modelOf(result));
      const bytes = readFileSync(join(folder, name));
      bytes[bytes.length >> 1] ^= 1;
      writeFileSync(join(folder, name), bytes);
      await assertRejected(name, /its SHA-256 differs: it was changed after the model was saved/);
    }
  });

  it('are rejected if the inventory has another version or is damaged', async () => {
    for (const [text, reason] of [
      ['{"version": 99, "sha256": {}}', /it has version 99; this program reads version 1/],
      ['{"version": 1}', /it does not list the SHA-256 of the files/],
      ['null', /it has version undefined; this program reads version 1/],
      ['{', /it is not JSON/],
    ] as const) {
      writeFileSync(join(folder, 'bundle.json'), text);
      await assertRejected('bundle.json', reason);
    }
  });

  it('are rejected if labels, scaler, network, config and card do not match, even with valid hashes', async () => {
    forge('labels.json', (labels) => ({ ...labels, classes: ['angry', 'happy'] }));
    await assertRejected('model.json', /it has classes 3, but the other files of the model have 2/);
    forge('labels.json', (labels) => ({ ...labels, classes: ['happy', 'angry', 'neutral'] }));
    await assertRejected('labels.json', /classes must be angry, happy, neutral, in this order/);
    forge('labels.json', (labels) => ({ ...labels, classes: result.classes, temperature: 0 }));
    await assertRejected('labels.json', /temperature must be a positive number/);
    forge('labels.json', (labels) => ({ ...labels, temperature: 1, threshold: 2 }));
    await assertRejected('labels.json', /threshold must be a probability from 0 to 1/);

    await saveModel(lab.engine, folder, modelOf(result));
    forge('scaler.json', (scaler) => ({ ...scaler, mean: [0], deviation: [1] }));
    await assertRejected('scaler.json', /it has columns 1, but the other files of the model have 22/);

    await saveModel(lab.engine, folder, modelOf(result));
    forge('config.json', (config) => ({ ...config, traning: {} }));
    await assertRejected('config.json', /traning/);

    await saveModel(lab.engine, folder, modelOf(result));
    forge('config.json', (config) => ({
      ...config,
      features: { durationSec: 1, versions: { original: [] } },
    }));
    await assertRejected(
      'model.json',
      /it has input shape 108 × 22, but the other files of the model have 44 × 22/,
    );

    await saveModel(lab.engine, folder, modelOf(result));
    forge('card.json', () => null);
    await assertRejected('card.json', /a model card must be an object/);

    await saveModel(lab.engine, folder, modelOf(result));
    for (const clips of ['0123', 'g'.repeat(16), 7]) {
      forge('training.json', () => ({ corpora: [{ name: 'A', clips, speakers: [], sentences: [] }] }));
      await assertRejected(
        'training.json',
        /corpora must be a list of objects with name, clips \(16 hex digits each\)/,
      );
    }
  });

  it('with a classifier are rejected if its classes or columns do not match', async () => {
    const model = modelOf(await lab.train({ model: { kind: 'majority' } }));
    await saveModel(lab.engine, folder, model);
    forge('classifier.json', (state) => ({ ...state, rowSize: 7 }));
    await assertRejected(
      'classifier.json',
      /it has values per row 7, but the other files of the model have 110/,
    );
    forge('classifier.json', (state) => ({ ...state, rowSize: 110, kind: 'oracle' }));
    await assertRejected('classifier.json', /kind must be one of knn, svm, majority, got "oracle"/);
  });

  it('leave no tensors behind if they are rejected, whichever file is wrong', async () => {
    const { tf } = lab.engine;
    await load().then(disposeModel);
    const before = tf.memory().numTensors;
    const changes: [string, (json: Record<string, unknown>) => unknown][] = [
      ['card.json', () => null],
      ['card.json', () => ({ corpora: { SAVEE: -1 } })],
      ['labels.json', (json) => ({ ...json, classes: ['angry', 'happy'] })],
      ['scaler.json', () => ({ kind: 'standard', mean: [0], deviation: [1] })],
      ['config.json', () => null],
      ['config.json', (json) => ({ ...json, model: { kind: 'knn' } })],
      ['model.json', (json) => ({ ...json, weightsManifest: [] })],
      ['model.json', () => []],
    ];
    for (const [name, change] of changes) {
      await saveModel(lab.engine, folder, modelOf(result));
      forge(name, change);
      await assert.rejects(load, InvalidFileError, name);
      assert.equal(tf.memory().numTensors, before, name);
    }
    // The second member is wrong: the first has been loaded by then.
    const model = modelOf(result);
    const ensemble = { members: [model, model], temperature: 1, threshold: 0, card: {} };
    await saveModel(lab.engine, folder, ensemble);
    forge('member-2/labels.json', (json) => ({ ...json, temperature: 1e9 }));
    await assertRejected('member-2/labels.json', /temperature must be a positive number, 0.01 to 100/);
    assert.equal(tf.memory().numTensors, before);
    for (const members of [0, 1.5, 1e9, '2']) {
      await saveModel(lab.engine, folder, ensemble);
      forge('ensemble.json', (json) => ({ ...json, members }));
      await assertRejected('ensemble.json', /members must be an integer from 1 to 100/);
    }
  });

  it('are rejected if a file is too large, is no file, or has a name that leads out of the folder', async () => {
    truncateSync(join(folder, 'config.json'), 5e6);
    await assertRejected('config.json', /it must have at most 4\.0 MB, got 5\.0 MB/);
    rmSync(join(folder, 'config.json'));
    mkdirSync(join(folder, 'config.json'));
    await assertRejected('config.json', /it is not a file/);
    rmSync(join(folder, 'config.json'), { recursive: true });
    for (const name of ['../card.json', '/etc/passwd', 'member-1/../../card.json', '__proto__', 'code.js']) {
      writeFileSync(join(folder, 'bundle.json'), `{"version":1,"sha256":{${JSON.stringify(name)}:"00"}}`);
      await assertRejected('bundle.json', /it lists ".*", which is not a model file/);
    }
    await saveModel(lab.engine, folder, modelOf(result));
    writeFileSync(join(folder, 'bundle.json'), '['.repeat(100_000) + ']'.repeat(100_000));
    await assertRejected('bundle.json', /it must have at most 32 levels/);
  });

  it('with a damaged classifier are rejected before LIBSVM or TensorFlow reads it', async () => {
    type State = Record<string, unknown>;
    const damage: Record<'knn' | 'svm' | 'majority', [change: (state: State) => State, reason: RegExp][]> = {
      knn: [
        [(state) => ({ ...state, neighbours: 1e9 }), /neighbours must be/],
        [(state) => ({ ...state, neighbours: 0.5 }), /neighbours must be/],
        [(state) => ({ ...state, labels: [0.5] }), /labels must be a list of integers from 0 to 2/],
        [(state) => ({ ...state, x: '*' }), /x must be numbers in base64/],
        [(state) => ({ ...state, x: 'AAAA' }), /x must be \d+ rows of \d+ values in base64/],
      ],
      svm: (
        [
          [/^svm_type c_svc/, 'svm_type nu_svc', /svm_type must be c_svc/],
          [/gamma \S+/, 'gamma nan', /gamma must be a number/],
          [/nr_class 3/, 'nr_class 300000000', /nr_class must be 2 to 3/],
          [/label 0 1 2/, 'label 0 1 1', /label must list 3 different classes/],
          [/rho \S+/, 'rho', /rho must list a number for each pair/],
          [/nr_sv \d+/, 'nr_sv 1000', /nr_sv must count the lines/],
          [/ 1:/, ' 99999999:', /line \d+ must have 2 coefficients/],
          [/ 1:/, ' -1:', /line \d+ must have 2 coefficients/],
          [/\n$/, '', /the last line must be complete/],
        ] as const
      ).map(([from, to, reason]) => [
        (state) => ({ ...state, model: (state.model as string).replace(from, to) }),
        reason,
      ]),
      majority: [
        [(state) => ({ ...state, shares: [1, 1, 1] }), /shares must be one per class/],
        [(state) => ({ ...state, shares: { length: 3 } }), /shares must be one per class/],
        [(state) => ({ ...state, kind: 'constructor' }), /kind must be one of knn, svm, majority/],
      ],
    };
    for (const [kind, changes] of Object.entries(damage)) {
      const model = modelOf(await lab.train({ model: { kind: kind as 'knn', neighbours: 3 } }));
      for (const [change, reason] of changes) {
        await saveModel(lab.engine, folder, model);
        forge('classifier.json', change);
        await assertRejected('classifier.json', reason);
      }
    }
  });

  it('are replaced as a whole and never overwrite other files or folders', async () => {
    const other = join(lab.folder, 'models', 'notes');
    mkdirSync(other);
    writeFileSync(join(other, 'diary.txt'), 'dear diary');
    const save = (place: string) => saveModel(lab.engine, place, modelOf(result));
    await assert.rejects(
      () => save(other),
      /notes: it exists and is not a model folder; choose another name/,
    );
    await assert.rejects(
      () => save(join(other, 'diary.txt')),
      /diary.txt: it exists and is not a model folder/,
    );
    assert.equal(readFileSync(join(other, 'diary.txt'), 'utf8'), 'dear diary');

    writeFileSync(join(folder, 'diary.txt'), 'dear diary');
    await assert.rejects(() => save(folder), /it exists and is not a model folder/);
    rmSync(join(folder, 'diary.txt'));
    await save(folder);
    await load();
    assert.deepEqual(readdirSync(join(lab.folder, 'models')).sort(), ['notes', 'one']);
  });

  it('are found at any of the upper levels of a folder', async () => {
    const models = join(lab.folder, 'models');
    const runs = join(lab.folder, 'models', 'none-yet');
    const deeper = join(models, 'run', 'a', 'model');
    await saveModel(lab.engine, deeper, modelOf(result));
    assert.ok(newestModel([runs, models]).startsWith(models));
    assert.throws(() => newestModel([runs]), /no trained model found; run `npm run train` first/);
  });
});
