import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { runModels } from '../../../src/cli/models';
import { encodeWav } from '../../../src/core/audio';
import { createRandom } from '../../../src/core/base';
import type { ExperimentChanges } from '../../../src/core/config';
import { featureConfig, windowRows } from '../../../src/core/features';
import {
  disposeModel,
  inputWithoutRows,
  type Model,
  modelInput,
  type SingleModel,
} from '../../../src/core/prediction';
import { loadFrontEnd } from '../../../src/node/extraction';
import { projectRoot } from '../../../src/node/files';
import { createPredictor, exportOnnx, loadModel, modelOf, saveModel } from '../../../src/node/models';
import { openModelFolder, writeModelFolder } from '../../../src/node/models/model-folder';
import { scripts } from '../../../src/node/models/onnx/scripts';
import { catchOutput } from '../../cli/catch-output';
import { codeBlocks } from '../../markdown-blocks';
import { pythonWith } from '../../python';
import { openToneLab, type ToneLab } from '../experiment/tone-lab';

const sampleRate = 16_000;

/** A voice-like sound: harmonics of a gliding pitch in syllables, with a pause and some noise. */
function voice(durationSec: number, seed: string, gain = 0.3): Float32Array {
  const random = createRandom(seed);
  let phase = 0;
  return Float32Array.from({ length: Math.round(durationSec * sampleRate) }, (_, i) => {
    const t = i / sampleRate;
    phase += (2 * Math.PI * (140 + 60 * Math.sin(3 * t))) / sampleRate;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 2.5 * t)) ** 2;
    const sound = [1, 2, 3, 5, 9].reduce((sum, k) => sum + Math.sin(k * phase) / k, 0);
    return gain * syllable * sound + 0.003 * random.normal();
  });
}

/** With a silent second, so that whole windows are silent. */
function withSilence(samples: Float32Array): Float32Array {
  return samples.slice().fill(0, sampleRate, 2 * sampleRate);
}

const recordings: Record<string, Float32Array> = {
  'one window': voice(0.9, 'a'),
  'less than a window': voice(0.25, 'b'),
  'hardly longer than a frame': voice(0.11, 'c'),
  'several windows, quiet': voice(3.3, 'd', 0.01),
  'several windows, some silent': withSilence(voice(3.1, 'e')),
};

const small: ExperimentChanges = {
  features: { sampleRate, offsetSec: 0.1, durationSec: 0.5, hopLength: 256, nFft: 1024, nMels: 32, nMfcc: 8 },
  training: { epochs: 2 },
};
const everything = ['zcr', 'rms', 'mfcc', 'deltas', 'f0'] as const;

describe('models in ONNX', function () {
  this.timeout(180_000);
  let lab: ToneLab;
  let folder: string;
  let out: string;

  before(async () => {
    lab = await openToneLab();
    [folder, out] = [join(lab.folder, 'model'), join(lab.folder, 'onnx')];
    symlinkSync(join(projectRoot, 'node_modules'), join(lab.folder, 'node_modules'));
  });
  after(() => lab.close());
  beforeEach(() => {
    for (const path of [folder, out]) rmSync(path, { recursive: true, force: true });
  });

  async function train(changes: ExperimentChanges): Promise<SingleModel> {
    const { features, ...others } = changes;
    const result = await lab.train({ ...small, ...others, features: { ...small.features, ...features } });
    // Other temperatures than the fitted ones, which are 1 if all rows are predicted correctly.
    return { ...modelOf(result), temperature: 0.7 };
  }

  /** Saves, exports and runs a model, and compares it with the predictor. */
  async function assertAgrees(model: Model): Promise<void> {
    await saveModel(lab.engine, folder, model);
    assert.equal(exportOnnx(folder, out).input, 'waveform');
    const session = await InferenceSession.create(join(out, 'model.onnx'));
    const predictor = createPredictor(await loadModel(lab.engine, folder), lab.engine);
    const different = new Set<string>();
    for (const [name, samples] of Object.entries(recordings)) {
      const { probabilities, timeline } = await predictor.predict({ samples, sampleRate });
      const outputs = await session.run({ waveform: new Tensor('float32', samples, [samples.length]) });
      const values = outputs.probabilities.data as Float32Array;
      for (const { emotion, probability } of probabilities)
        assert.ok(
          Math.abs(values[predictor.classes.indexOf(emotion)] - probability) < 2e-5,
          `${name}: ${emotion} ${probability}, got ${Array.from(values).join(', ')}`,
        );
      const [windows] = outputs.window_probabilities.dims;
      assert.ok(name.includes('silent') ? windows > timeline.length : windows === timeline.length, name);
      different.add(values[0].toFixed(4));
    }
    assert.ok(different.size >= 4, 'the model must react to its input');
  }

  const networks: [name: string, changes: ExperimentChanges][] = [
    [
      'compact CNN on all features, at a fixed level',
      { features: { features: [...everything], levelDb: -26 } },
    ],
    [
      'compact CNN with a flat head, one scaler per speaker',
      { model: { head: 'flatten' }, dataset: { normalisation: 'speaker' } },
    ],
    [
      'LSTM stack with liftering',
      { model: { kind: 'lstm' }, features: { lifter: 22 }, training: { epochs: 1 } },
    ],
    [
      'CNN-LSTM with deltas',
      { model: { kind: 'cnn-lstm' }, features: { features: ['deltas', 'rms'] }, training: { epochs: 1 } },
    ],
    [
      'log-mel CNN',
      { model: { kind: 'log-mel' }, features: { features: ['rms', 'logMel'], fMin: 60, fMax: 7000 } },
    ],
    [
      'statistics over the speech alone, of sequences',
      { features: { features: [...everything], levelDb: -26, trimDb: 20 }, model: { head: 'statistics' } },
    ],
    [
      'statistics over the speech alone, of spectrograms',
      {
        features: { features: ['mfcc', 'logMel'], trimDb: 30 },
        model: { kind: 'log-mel', head: 'statistics' },
      },
    ],
    ['paper CNN on flat rows', { model: { kind: 'paper' }, training: { epochs: 1 } }],
    [
      'pitch in frames that do not consist of hops',
      { features: { features: ['f0', 'zcr'], f0Min: 40, hopLength: 300 } },
    ],
  ];
  for (const [name, changes] of networks)
    it(`return the probabilities of the predictor: ${name}`, async () => {
      const model = await train(changes);
      await assertAgrees(model);
      disposeModel(model);
    });

  it('return the probabilities of the predictor: ensemble with different windows and other classes', async () => {
    const own = { classes: ['boredom', 'calm', 'high arousal'] };
    const long = {
      ...(await train({ features: { offsetSec: 0, durationSec: 0.8, features: [...everything] } })),
      ...own,
    };
    const late = {
      ...(await train({ features: { offsetSec: 0.3, features: ['rms', 'mfcc'] } })),
      ...own,
      temperature: 1.3,
    };
    const members = [long, late, { ...late, temperature: 0.4 }];
    await assertAgrees({ members, temperature: 0.8, threshold: 0.5, card: long.card });
    const { classes, threshold } = JSON.parse(readFileSync(join(out, 'metadata.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    assert.deepEqual([classes, threshold], [own.classes, 0.5]);
    [long, late].forEach(disposeModel);
  });

  describe('of a small network', () => {
    let model: SingleModel;
    before(async () => (model = await train({ model: { head: 'statistics' } })));
    beforeEach(() => saveModel(lab.engine, folder, model));

    it('come with a card, class names, and programs of at most 25 lines', () => {
      exportOnnx(folder, out);
      const names = readdirSync(out).sort();
      assert.deepEqual(names, ['README.md', 'metadata.json', 'model.onnx', 'predict.mjs', 'predict.py']);
      const card = readFileSync(join(out, 'README.md'), 'utf8');
      for (const text of ['16,000 Hz', 'angry, happy', 'research use', 'commercial use', 'UAR', 'Citation'])
        assert.ok(card.includes(text), text);
      for (const name of names)
        for (const path of [projectRoot, homedir(), lab.folder])
          assert.ok(!readFileSync(join(out, name)).includes(path), `${name} contains ${path}`);
      for (const programs of Object.values(scripts))
        for (const [name, text] of Object.entries(programs)) {
          const lines = text.trimEnd().split('\n');
          assert.ok(lines.length <= 25, `${name}: ${lines.length} lines`);
        }
    });

    it('pass the checker of ONNX, with inferred shapes', function () {
      const python = pythonWith('onnx') ?? this.skip();
      exportOnnx(folder, out);
      const program =
        'import sys, onnx\nmodel = onnx.load(sys.argv[1])\nonnx.checker.check_model(model, full_check=True)\n' +
        'print(model.opset_import[0].version, model.producer_name, *[p.value for p in model.metadata_props if p.key in ("classes", "trained_on")])';
      const text = execFileSync(python, ['-c', program, join(out, 'model.onnx')], { encoding: 'utf8' });
      assert.equal(text.trim(), '17 speech-emotion-workbench ["angry","happy","neutral"] SAVEE');
    });

    /** What a program printed: probability by class, and by row if there are several. */
    const parse = (text: string): Map<string, number> =>
      new Map(
        text
          .trim()
          .split('\n')
          .map((line) => {
            const [, row = '', value, name] = /^(\d+ )?(\d\.\d{4}) (.+)$/.exec(line) ?? assert.fail(line);
            return [row + name, Number(value)];
          }),
      );

    for (const rate of [sampleRate, 44_100])
      it(`are run by the programs next to them: a recording at ${rate} Hz`, async function () {
        const python = pythonWith('onnxruntime', 'soundfile', 'scipy');
        exportOnnx(folder, out);
        const wav = join(lab.folder, 'voice.wav');
        const frontEnd = await loadFrontEnd();
        const samples =
          rate === sampleRate ? voice(1.4, 'f') : frontEnd.resample(voice(1.4, 'f'), sampleRate, rate);
        writeFileSync(wav, encodeWav({ samples, sampleRate: rate }));
        const { probabilities } = await createPredictor(model, lab.engine).predict(wav);
        const programs = [
          [process.execPath, 'predict.mjs'],
          ...(python === undefined ? [] : [[python, 'predict.py']]),
        ];
        for (const [program, script] of programs) {
          const printed = parse(execFileSync(program, [join(out, script), wav], { encoding: 'utf8' }));
          assert.equal(printed.size, probabilities.length);
          for (const { emotion, probability } of probabilities)
            assert.ok(
              Math.abs(printed.get(emotion)! - probability) < (rate === sampleRate ? 1e-4 : 5e-3),
              `${script}: ${emotion} ${probability}, got ${printed.get(emotion)}`,
            );
        }
      });

    it('read features instead of audio if that is chosen', async () => {
      const { bytes, input } = exportOnnx(folder, out, { input: 'features' });
      assert.equal(input, 'features');
      assert.ok(bytes < exportOnnx(folder, `${out}-2`).bytes);
      const config = featureConfig(model.config.features);
      const rows = windowRows([voice(0.5, 'g'), voice(0.5, 'h')], config, await loadFrontEnd());
      const [count, , frames, columns] = rows.shape;
      const session = await InferenceSession.create(join(out, 'model.onnx'));
      const features = new Tensor('float32', rows.data, [count, frames, columns]);
      const values = (await session.run({ features })).probabilities.data as Float32Array;
      const predictor = createPredictor(model, lab.engine);
      const classes = model.classes;
      for (const [row, name] of ['g', 'h'].entries()) {
        const samples = new Float32Array(0.6 * sampleRate);
        samples.set(voice(0.5, name), 0.1 * sampleRate);
        const { probabilities } = await predictor.predict({ samples, sampleRate });
        for (const { emotion, probability } of probabilities)
          assert.ok(Math.abs(values[row * classes.length + classes.indexOf(emotion)] - probability) < 1e-5);
      }
      assert.equal(modelInput(rows, 'compact').columns, columns);
      // The programs read the same features from a file.
      const header =
        `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, ${frames}, ${columns}), }`.padEnd(117) +
        '\n';
      const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0]);
      const file = join(lab.folder, 'features.npy');
      writeFileSync(
        file,
        Buffer.concat([
          start,
          Buffer.from(header),
          new Uint8Array(rows.data.buffer, rows.data.byteOffset, rows.data.byteLength),
        ]),
      );
      const python = pythonWith('onnxruntime');
      const programs = [
        [process.execPath, 'predict.mjs'],
        ...(python === undefined ? [] : [[python, 'predict.py']]),
      ];
      for (const [program, script] of programs) {
        const printed = parse(execFileSync(program, [join(out, script), file], { encoding: 'utf8' }));
        for (const [row] of ['g', 'h'].entries())
          for (const [k, emotion] of classes.entries())
            assert.ok(
              Math.abs(printed.get(`${row} ${emotion}`)! - values[row * classes.length + k]) < 1e-4,
              script,
            );
      }
    });

    it('are the same network in Keras, loaded with the lines of src/README.md', function () {
      const python = pythonWith('keras', 'numpy') ?? this.skip();
      const lines = codeBlocks(readFileSync(join(projectRoot, 'src', 'README.md'), 'utf8')).find(
        ({ heading, language }) => heading === 'Load a network in Keras' && language === 'python',
      )!;
      const { network } = model.trained as Extract<SingleModel['trained'], { network: unknown }>;
      const { inputShape } = inputWithoutRows(model.config);
      const input = createRandom('keras').normals(3 * inputShape[0] * inputShape[1]);
      writeFileSync(join(folder, 'input.f32'), new Uint8Array(input.buffer));
      const program = `${lines.code}
rows = np.fromfile("input.f32", "<f4").reshape((3, *model.input_shape[1:]))
model.predict(rows, verbose=0).astype("<f4").tofile("output.f32")
`;
      execFileSync(python, ['-c', program], { cwd: folder, stdio: 'pipe' });
      const output = new Float32Array(Uint8Array.from(readFileSync(join(folder, 'output.f32'))).buffer);
      const expected = lab.engine.tf.tidy(() =>
        network.predict(lab.engine.tf.tensor(input, [3, ...inputShape])).dataSync(),
      );
      assert.equal(output.length, expected.length);
      for (const [i, value] of expected.entries())
        assert.ok(Math.abs(output[i] - value) < 1e-5, `${i}: ${value}, got ${output[i]}`);
    });

    it('are written by the command, which replaces only earlier exports', async () => {
      const { code, out: printed } = await catchOutput(() => runModels(['export', folder, '--onnx', out]));
      assert.equal(code, 0);
      assert.match(printed, /model\.onnx: 0\.\d\d MB[^]*mono audio at 16,000 Hz[^]*angry, happy, neutral/);
      assert.equal((await catchOutput(() => runModels(['export', folder, '--onnx', out]))).code, 0);
      const other = join(lab.folder, 'thesis');
      mkdirSync(other, { recursive: true });
      writeFileSync(join(other, 'chapter-1.txt'), 'text');
      const { code: failed, err } = await catchOutput(() => runModels(['export', folder, '--onnx', other]));
      assert.equal(failed, 1);
      assert.match(err, /thesis: it exists and is not an exported model; choose another name/);
      assert.ok(existsSync(join(other, 'chapter-1.txt')));
      const { code: usage, err: help } = await catchOutput(() => runModels(['export', folder]));
      assert.equal(usage, 2);
      assert.match(help, /--onnx/);
    });

    it('read features if flat rows are those of the speech alone, and say so if audio is chosen', async () => {
      const flat = { model: { kind: 'paper' }, features: { trimDb: 30 }, training: { epochs: 1 } } as const;
      await saveModel(lab.engine, folder, await train(flat));
      assert.equal(exportOnnx(folder, out).input, 'features');
      assert.throws(
        () => exportOnnx(folder, out, { input: 'waveform' }),
        /flat rows with features\.trimDb cannot be computed in ONNX; export the model with features as its input/,
      );
    });

    it('cannot contain other kinds of layer, random versions or classifiers; the error names them', async () => {
      const forge = (name: 'model.json' | 'config.json', change: (json: string) => string): void => {
        const files = new Map(openModelFolder(folder).all());
        files.set(name, change(Buffer.from(files.get(name) as Uint8Array).toString('utf8')));
        writeModelFolder(folder, files);
      };
      forge('model.json', (json) => json.replace('"class_name":"ReLU"', '"class_name":"GRU"'));
      assert.throws(
        () => exportOnnx(folder, out),
        /model\.json: the layer re_lu_ReLU\d+ of the kind GRU cannot be exported to ONNX; exportable: InputLayer, Conv1D/,
      );
      await saveModel(lab.engine, folder, model);
      forge('config.json', (json) => {
        const config = JSON.parse(json) as SingleModel['config'];
        config.features.versions = { original: [], noise: [{ kind: 'noise', snrDb: 20 }] };
        config.dataset = { ...config.dataset, testVersions: 'trained', trainVersions: 'all' };
        return JSON.stringify(config);
      });
      assert.throws(
        () => exportOnnx(folder, out),
        /config\.json: .* averages the versions original, noise; .*testVersions=original/,
      );
      await saveModel(lab.engine, folder, await train({ model: { kind: 'knn' } }));
      assert.throws(
        () => exportOnnx(folder, out),
        /only networks can be exported to ONNX, got a model of the kind knn/,
      );
      assert.ok(!existsSync(out));
    });
  });
});
