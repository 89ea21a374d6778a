import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, type Random, WorkbenchError } from '../../../src/core/base';
import { experimentConfig, type ModelConfig } from '../../../src/core/config';
import { createScaler } from '../../../src/core/dataset';
import { buildModel, createNetwork, type Engine } from '../../../src/core/network';
import {
  disposeModel,
  inputWithoutRows,
  inventoryFile,
  type Model,
  type SingleModel,
  type Trained,
} from '../../../src/core/prediction';
import { createBaseline, loadEngine } from '../../../src/node/engine';
import { createPredictor, loadModel, saveModel } from '../../../src/node/models';
import type { FuzzTarget } from '../target';

const classes = ['angry', 'happy', 'neutral'] as const;
let engine: Engine;
/** Folders of valid models. */
let originals: { name: string; files: Map<string, Buffer> }[] = [];

const noiseRandom = createRandom('noise');
const noise = {
  samples: Float32Array.from({ length: 8000 }, () => 0.1 * noiseRandom.normal()),
  sampleRate: 16_000,
};

/** A tiny model of the given kind; networks have their initial weights. */
async function makeModel(kind: ModelConfig['kind'], changes: object = {}): Promise<SingleModel> {
  const features = {
    durationSec: 0.5,
    offsetSec: 0,
    nFft: 512,
    nMels: 16,
    nMfcc: 4,
    versions: { original: [] },
    ...(kind === 'log-mel' && { features: ['logMel' as const] }),
  };
  const config = experimentConfig('quick', {
    features,
    model: { kind, width: 2, neighbours: 2, ...changes },
  });
  const input = inputWithoutRows(config);
  const { columns, inputShape } = input;
  const random = createRandom(`fuzz/${kind}`);
  let trained: Trained;
  if (kind === 'knn' || kind === 'svm' || kind === 'majority') {
    const classifier = createBaseline(config.model, engine.tf);
    const rows = 12;
    const x = Float32Array.from({ length: rows * columns }, () => random.normal());
    const labels = Int32Array.from({ length: rows }, (_, row) => row % classes.length);
    await classifier.fit(x, columns, labels, classes.length);
    trained = { classifier };
  } else {
    const model = buildModel(engine.tf, config.model, inputShape, { classes: classes.length, seed: 1 });
    trained = { network: createNetwork(engine, model) };
  }
  const normaliser = createScaler(new Float32Array(columns), new Float32Array(columns).fill(10));
  const card = { name: 'fuzz', corpora: { SAVEE: 12 } };
  return { config, classes, trained, normaliser, temperature: 1, threshold: 0.5, card };
}

async function prepare(): Promise<void> {
  engine = await loadEngine();
  const folder = mkdtempSync(join(tmpdir(), 'ser-fuzz-model-'));
  try {
    const singles = new Map<string, Model>();
    for (const kind of ['compact', 'log-mel', 'lstm', 'knn', 'svm', 'majority'] as const)
      singles.set(kind, await makeModel(kind));
    singles.set('flatten', await makeModel('compact', { head: 'flatten', width: 1 }));
    const members = [await makeModel('compact'), await makeModel('majority')];
    singles.set('ensemble', { members, temperature: 2, threshold: 0.1, card: { name: 'both' } });
    originals = [];
    for (const [name, model] of singles) {
      await saveModel(engine, join(folder, name), model);
      originals.push({ name, files: filesIn(join(folder, name)) });
      disposeModel(model);
      // Predict once before tensors are counted, because the native engine keeps some constants.
      const loaded = await loadModel(engine, join(folder, name));
      await createPredictor(loaded, engine).predict(noise);
      disposeModel(loaded);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function filesIn(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(json|bin)$/.test(name),
  );
  return new Map(
    names.filter((name) => name !== inventoryFile).map((name) => [name, readFileSync(join(folder, name))]),
  );
}

const oddNumbers = [0, -1, 1, 2, 7, 0.5, -0.001, 1e-300, 1e9, 2 ** 31, 2 ** 53, 1e15, 1e30, 1e308, -1e308];
const oddStrings = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  'Infinity',
  '../../x',
  '\u001b[2J',
  'a'.repeat(5000),
];
const oddNames = [
  'Lambda',
  'Dense',
  'LSTM',
  'Conv2D',
  'softmax',
  'relu',
  'same',
  'valid',
  'channels_first',
  'input1',
  'SAVEE',
];

/** An unexpected value. */
function oddValue(random: Random): unknown {
  switch (random.integer(9)) {
    case 0:
    case 1:
    case 2:
      return random.pick(oddNumbers);
    case 3:
      return random.pick(oddStrings);
    case 4:
      return random.pick(oddNames);
    case 5:
      return random.pick([null, true, false]);
    case 6:
      return random.pick([[], {}, [[]], [null], { class_name: 'L1L2', config: { l1: 1 } }]);
    case 7:
      return Array.from({ length: 1 + random.integer(2000) }, () => 1);
    default:
      return nested(1 + random.integer(3000));
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** All containers of a JSON value with their keys. */
function places(json: unknown): { container: Record<string, unknown>; key: string; path: string }[] {
  const found: { container: Record<string, unknown>; key: string; path: string }[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || path.length > 1000) return;
    for (const key of Object.keys(value)) {
      found.push({ container: value as Record<string, unknown>, key, path: `${path}.${key}` });
      visit((value as Record<string, unknown>)[key], `${path}.${key}`);
    }
  };
  visit(json, '');
  return found;
}

/** Changes one value of a JSON text. @returns the new text and a description of the change */
function mutateJson(text: string, random: Random): [string, string] {
  try {
    return mutatedJson(text, random);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [text, 'unchanged: an earlier change nested it too deeply'];
  }
}

function mutatedJson(text: string, random: Random): [string, string] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [text, 'unchanged: an earlier change made it invalid'];
  }
  const all = places(json);
  if (all.length === 0) return ['null', 'replaced by null'];
  const { container, key, path } = random.pick(all);
  const old = container[key];
  switch (random.integer(8)) {
    case 0:
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else Reflect.deleteProperty(container, key);
      return [stringify(json), `deleted ${path}`];
    case 1: {
      const other = random.pick(all);
      container[key] = structuredClone(other.container[other.key]);
      return [stringify(json), `${path} = ${other.path}`];
    }
    case 2:
      if (Array.isArray(container)) container.push(structuredClone(old));
      else container[random.pick([...oddStrings, 'quantization', 'extra'])] = old;
      return [stringify(json), `repeated ${path}`];
    case 3: {
      if (typeof old !== 'number') break;
      container[key] = old * random.pick([-1, 0, 2, 10, 1e6, 1e300]);
      return [stringify(json), `${path} = ${String(container[key])}`];
    }
    case 4: {
      if (typeof old !== 'string' || old.length === 0) break;
      const at = random.integer(old.length);
      const inserted = random.pick(['1', 'x', '\n', ' ', '', '9'.repeat(30), 'nan', '1:1 ']);
      container[key] = old.slice(0, at) + inserted + old.slice(at + random.integer(3));
      return [stringify(json), `inserted ${JSON.stringify(inserted)} into ${path} at ${at}`];
    }
    case 5: {
      if (typeof old !== 'string' || !old.includes('\n')) break;
      const lines = old.split('\n');
      const line = random.integer(lines.length);
      const tokens = lines[line].split(' ');
      tokens[random.integer(tokens.length)] = random.pick([
        'nan',
        '1e999',
        '-5',
        '999999999',
        '0:1',
        '',
        'rbf',
      ]);
      lines[line] = tokens.join(' ');
      container[key] = lines.join('\n');
      return [stringify(json), `changed a word of line ${line} in ${path}`];
    }
  }
  const value = oddValue(random);
  container[key] = value;
  return [stringify(json), `${path} = ${stringify(value).slice(0, 60)}`];
}

const stringify = (value: unknown): string => JSON.stringify(value);

/** Changes one file of a model. @returns a description of the change */
function mutate(files: Map<string, Buffer>, random: Random): string {
  const names = [...files.keys()];
  const name = random.pick(names);
  const content = files.get(name)!;
  const kind = random.integer(20);
  if (kind === 0) {
    files.delete(name);
    return `deleted ${name}`;
  }
  if (kind === 1) {
    const other = random.pick(names);
    files.set(name, files.get(other)!);
    files.set(other, content);
    return `swapped ${name} and ${other}`;
  }
  if (kind === 2) {
    const length = random.integer(content.length + 1);
    files.set(name, content.subarray(0, length));
    return `${name} cut to ${length} bytes`;
  }
  if (kind === 3) {
    files.set(name, Buffer.concat([content, content.subarray(0, random.integer(64))]));
    return `${name} made longer`;
  }
  if (kind === 4) {
    const other = random.pick(originals);
    const [foreign, bytes] = random.pick([...other.files]);
    files.set(foreign, bytes);
    return `${foreign} of ${other.name}`;
  }
  if (name.endsWith('.json') && kind > 6) {
    const [text, what] = mutateJson(content.toString('utf8'), random);
    files.set(name, Buffer.from(text));
    return `${name}: ${what}`;
  }
  const changed = Buffer.from(content);
  const at = random.integer(Math.max(1, changed.length));
  if (changed.length > 0) changed[at] ^= 1 << random.integer(8);
  files.set(name, changed);
  return `${name}: bit flipped in byte ${at}`;
}

function write(folder: string, files: ReadonlyMap<string, Buffer>, random: Random): string {
  const sha256 = Object.fromEntries(
    [...files].map(([name, content]) => [name, createHash('sha256').update(content).digest('hex')]),
  );
  for (const [name, content] of files) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  let [inventory, what] = [JSON.stringify({ version: 1, sha256 }), ''];
  if (random.integer(20) === 0) [inventory, what] = mutateJson(inventory, random);
  writeFileSync(join(folder, inventoryFile), inventory);
  return what && `; ${inventoryFile}: ${what}`;
}

export const target: FuzzTarget = {
  summary:
    'Changes the files of small saved models, with matching hashes, then loads them and predicts half a second of noise.',
  prepare,
  run: async (random, folder) => {
    const original = random.pick(originals);
    const files = new Map(original.files);
    const changes = Array.from({ length: 1 + random.integer(4) }, () =>
      files.size > 0 ? mutate(files, random) : 'no files left',
    );
    const description = `${original.name}: ${changes.join('; ')}${write(folder, files, random)}`;
    const { tf } = engine;
    const before = tf.memory().numTensors;
    let model: Model | undefined;
    try {
      model = await loadModel(engine, folder);
      const { probabilities, confidence } = await createPredictor(model, engine).predict(noise);
      const sum = probabilities.reduce((total, { probability }) => total + probability, 0);
      assert.ok(
        Math.abs(sum - 1) < 1e-4 && confidence >= 0,
        `${description}: the probabilities sum to ${sum}`,
      );
    } catch (error) {
      if (!(error instanceof WorkbenchError)) {
        (error as Error).message = `${description}: ${(error as Error).message}`;
        throw error;
      }
    } finally {
      if (model) disposeModel(model);
    }
    assert.equal(tf.memory().numTensors, before, `${description}: tensors were leaked`);
    return description;
  },
};
