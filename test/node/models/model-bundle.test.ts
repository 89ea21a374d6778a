import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError, InvalidFileError } from '../../../src/core/base';
import { type ExperimentResult, type SingleModel } from '../../../src/core/prediction';
import { projectRoot } from '../../../src/node/files';
import { createPredictor, loadModel, modelOf, newestModel, saveModel } from '../../../src/node/models';
import { openToneLab, type ToneLab } from '../experiment/tone-lab';

describe('model bundles', function () {
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

  /** Changes a file as somebody would who makes its hash fit. */
  function forge(name: string, change: (json: Record<string, unknown>) => unknown): void {
    const path = join(folder, name);
    const text = JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>));
    writeFileSync(path, text);
    const inventoryPath = join(folder, 'bundle.json');
    const inventory = JSON.parse(readFileSync(inventoryPath, 'utf8')) as { sha256: Record<string, string> };
    inventory.sha256[name] = createHash('sha256').update(text).digest('hex');
    writeFileSync(inventoryPath, JSON.stringify(inventory));
  }
  const refused = (name: string, reason: RegExp) =>
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
    it(`of ${kind}, scaled by ${normalisation}, give the same predictions after a round trip`, async () => {
      const training = { epochs: 1 };
      const changes = { model: { kind, neighbours: 3 }, dataset: { normalisation }, training };
      const bundle = modelOf(await lab.train(changes));
      await saveModel(lab.engine, folder, bundle);
      const loaded = await load();
      assert.deepEqual(loaded.config, bundle.config);
      assert.deepEqual(loaded.card, bundle.card);
      assert.deepEqual([loaded.temperature, loaded.threshold], [bundle.temperature, bundle.threshold]);
      const [before, after] = [bundle, loaded].map((one) => createPredictor(one, lab.engine));
      for (const clip of lab.corpora.clips.slice(0, 3)) {
        const file = lab.corpora.fileOf(clip);
        const answer = await before.predict(file);
        assert.ok(answer.confidence > 0 && answer.confidence <= 1, String(answer.confidence));
        assert.deepEqual(await after.predict(file), answer);
      }
    });
  }

  it('are JSON and numbers, nothing that could be run, and name no folder of this machine', () => {
    const names = readdirSync(folder).sort();
    assert.deepEqual(names, [
      'bundle.json',
      'card.json',
      'config.json',
      'labels.json',
      'model.json',
      'scaler.json',
      'weights.bin',
    ]);
    for (const name of names.filter((one) => one.endsWith('.json'))) {
      const text = readFileSync(join(folder, name), 'utf8');
      assert.doesNotThrow(() => JSON.parse(text), name);
      for (const path of [projectRoot, homedir(), lab.folder]) assert.ok(!text.includes(path), name);
    }
    assert.equal(readFileSync(join(folder, 'weights.bin')).length % 4, 0);
  });

  it('have a card with the corpora, every score under its protocol, and what the model is not for', () => {
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

  it('are calibrated on the validation rows of their own split, and not at all where there are none', () => {
    const { predictions, ...rest } = result;
    const rows = result.folds[0].split.validation.length;
    const classes = result.classes.length;
    assert.ok(rows >= 10);
    // Sure and wrong in half of the rows: it has to become less sure.
    const probabilities = new Float32Array(rows * classes).fill(0.01 / (classes - 1));
    const actual = result.validation!.actual;
    for (let row = 0; row < rows; row++)
      probabilities[row * classes + ((actual[row] + (row % 2)) % classes)] = 0.99;
    const validation = { ...result.validation!, probabilities };
    const { temperature, threshold, card } = modelOf({ ...rest, validation });
    assert.ok(temperature > 1.5, String(temperature));
    assert.equal(threshold, 0, 'all are equally sure, so that no threshold tells them apart');
    assert.equal((card.calibration as { rows: number }).rows, rows);

    const none = modelOf({ ...rest, validation: undefined });
    assert.deepEqual([none.temperature, none.threshold], [1, 0]);
    assert.ok(predictions);
  });

  it('suggest the threshold above which half of the mistakes’ share is left', () => {
    const classes = result.classes.length;
    const { actual } = result.validation!;
    const rows = actual.length;
    const probabilities = new Float32Array(rows * classes);
    for (let row = 0; row < rows; row++) {
      // The last two are unsure and wrong.
      const isWrong = row >= rows - 2;
      const said = (actual[row] + (isWrong ? 1 : 0)) % classes;
      const sure = isWrong ? 0.4 : 0.9;
      probabilities.fill((1 - sure) / (classes - 1), row * classes, (row + 1) * classes);
      probabilities[row * classes + said] = sure;
    }
    const validation = { ...result.validation!, probabilities };
    const { threshold, card } = modelOf({ ...result, validation });
    const { threshold: point } = card.calibration as { threshold: { accuracy: number; coverage: number } };
    assert.ok(threshold > 0.4 && threshold < 1, String(threshold));
    assert.ok(point.accuracy >= 1 - 1 / rows && point.coverage > 0.5, JSON.stringify(point));
  });

  it('come of a split that was finished', () => {
    assert.throws(() => modelOf(result, 5), InvalidArgumentError);
    assert.throws(
      () => modelOf(result, 5),
      /fold must be one of the 1 splits that were finished, from 0, got 5/,
    );
  });

  it('are refused where a file is missing', async () => {
    for (const name of readdirSync(folder)) {
      rmSync(folder, { recursive: true });
      await saveModel(lab.engine, folder, modelOf(result));
      rmSync(join(folder, name));
      await refused(name, /missing/);
    }
    rmSync(folder, { recursive: true });
    await refused('bundle.json', /it is missing: this is no model bundle/);
  });

  it('are refused where one byte of a file has changed', async () => {
    for (const name of readdirSync(folder).filter((one) => one !== 'bundle.json')) {
      await saveModel(lab.engine, folder, modelOf(result));
      const bytes = readFileSync(join(folder, name));
      bytes[bytes.length >> 1] ^= 1;
      writeFileSync(join(folder, name), bytes);
      await refused(name, /it is not what was saved: its SHA-256 differs/);
    }
  });

  it('are refused if of another version, or if their inventory is none', async () => {
    for (const [text, reason] of [
      ['{"version": 99, "sha256": {}}', /it is of version 99, and this program reads version 1/],
      ['{"version": 1}', /it has no list of the SHA-256/],
      ['null', /it is of version undefined/],
      ['{', /it is no JSON/],
    ] as const) {
      writeFileSync(join(folder, 'bundle.json'), text);
      await refused('bundle.json', reason);
    }
  });

  it('are refused where labels, scaler, network, config or card do not fit, whatever their hashes', async () => {
    forge('labels.json', (labels) => ({ ...labels, classes: ['angry', 'happy'] }));
    await refused('model.json', /its classes: 3, those of the bundle: 2/);
    forge('labels.json', (labels) => ({ ...labels, classes: ['happy', 'angry', 'neutral'] }));
    await refused('labels.json', /classes must be some of .*, in this order/);
    forge('labels.json', (labels) => ({ ...labels, classes: result.classes, temperature: 0 }));
    await refused('labels.json', /temperature must be a positive number/);
    forge('labels.json', (labels) => ({ ...labels, temperature: 1, threshold: 2 }));
    await refused('labels.json', /threshold must be a probability from 0 to 1/);

    await saveModel(lab.engine, folder, modelOf(result));
    forge('scaler.json', (scaler) => ({ ...scaler, mean: [0], deviation: [1] }));
    await refused('scaler.json', /its columns: 1, those of the bundle: 22/);

    await saveModel(lab.engine, folder, modelOf(result));
    forge('config.json', (config) => ({ ...config, traning: {} }));
    await refused('config.json', /traning/);

    await saveModel(lab.engine, folder, modelOf(result));
    forge('config.json', (config) => ({
      ...config,
      features: { durationSec: 1, versions: { original: [] } },
    }));
    await refused('model.json', /its input: 108 × 22, those of the bundle: 44 × 22/);

    await saveModel(lab.engine, folder, modelOf(result));
    forge('card.json', () => null);
    await refused('card.json', /it is no card/);
  });

  it('of a classifier are refused where it has other classes or columns', async () => {
    const bundle = modelOf(await lab.train({ model: { kind: 'majority' } }));
    await saveModel(lab.engine, folder, bundle);
    forge('classifier.json', (state) => ({ ...state, rowSize: 7 }));
    await refused('classifier.json', /its values a row: 7, those of the bundle: 110/);
    forge('classifier.json', (state) => ({ ...state, rowSize: 110, kind: 'oracle' }));
    await refused('classifier.json', /kind must be one of knn, svm, majority, got "oracle"/);
  });

  it('are replaced as a whole, and never take the place of anything else', async () => {
    const other = join(lab.folder, 'models', 'notes');
    mkdirSync(other);
    writeFileSync(join(other, 'diary.txt'), 'dear diary');
    const save = (place: string) => saveModel(lab.engine, place, modelOf(result));
    await assert.rejects(
      () => save(other),
      /notes: it is there, and is no model bundle that could be replaced/,
    );
    await assert.rejects(
      () => save(join(other, 'diary.txt')),
      /diary.txt: it is there, and is no model bundle/,
    );
    assert.equal(readFileSync(join(other, 'diary.txt'), 'utf8'), 'dear diary');

    writeFileSync(join(folder, 'diary.txt'), 'dear diary');
    await assert.rejects(() => save(folder), /no model bundle that could be replaced/);
    rmSync(join(folder, 'diary.txt'));
    await save(folder);
    await load();
    assert.deepEqual(readdirSync(join(lab.folder, 'models')).sort(), ['notes', 'one']);
  });

  it('are found where the newest is, in the first folder that has any', async () => {
    const models = join(lab.folder, 'models');
    const runs = join(lab.folder, 'models', 'none-yet');
    assert.equal(newestModel([runs, models]), folder);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const deeper = join(models, 'run', 'a', 'model');
    await saveModel(lab.engine, deeper, modelOf(result));
    assert.equal(newestModel([models]), deeper);
    assert.throws(() => newestModel([runs]), /there is no trained model yet: run `npm run train` first/);
  });
});
