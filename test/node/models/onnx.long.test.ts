import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { decodeAudio, toMono } from '../../../src/core/audio';
import { type Prediction, type Predictor } from '../../../src/core/prediction';
import { loadEngine } from '../../../src/node/engine';
import { loadFrontEnd } from '../../../src/node/extraction';
import { paths } from '../../../src/node/files';
import { createPredictor, exportOnnx, loadModel, type RecordingInput } from '../../../src/node/models';
import { pythonWith } from '../../python';
import { realClips } from '../../real-clips';

/** Writes the probabilities of raw 32-bit recordings, one line each. */
const pythonProgram = `
import sys, numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1])
for path in sys.argv[2:]:
    (values,) = session.run(["probabilities"], {"waveform": numpy.fromfile(path, "float32")})
    print(" ".join(f"{value:.9f}" for value in values))
`;

describe('the published model in ONNX', function () {
  this.timeout(600_000);
  let folder: string;
  let predictor: Predictor<RecordingInput>;
  let clips: { path: string; samples: Float32Array; expected: number[] }[];
  const sampleRate = 22_050;

  const inOrder = ({ probabilities }: Prediction): number[] =>
    predictor.classes.map((name) => probabilities.find(({ emotion }) => emotion === name)!.probability);
  const difference = (a: readonly number[], b: ArrayLike<number>): number =>
    Math.max(...a.map((value, k) => Math.abs(value - b[k])));

  before(async function () {
    const root = realClips(this);
    folder = mkdtempSync(join(tmpdir(), 'ser-onnx-'));
    const model = join(paths.models, 'speakers');
    exportOnnx(model, join(folder, 'onnx'));
    const engine = await loadEngine();
    predictor = createPredictor(await loadModel(engine, model), engine);
    const frontEnd = await loadFrontEnd();
    clips = [];
    for (const corpus of readdirSync(root)) {
      const files = readdirSync(join(root, corpus), { recursive: true, encoding: 'utf8' });
      const audio = files.filter((name) => name.endsWith('.wav')).sort();
      for (let i = 0; i < 25; i++) {
        const path = join(root, corpus, audio[Math.floor((i * audio.length) / 25)]);
        const mono = toMono(decodeAudio(readFileSync(path)));
        const samples =
          mono.sampleRate === sampleRate
            ? mono.samples
            : frontEnd.resample(mono.samples, mono.sampleRate, sampleRate);
        const expected = inOrder(await predictor.predict({ samples, sampleRate }, { name: path }));
        clips.push({ path, samples, expected });
      }
    }
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  it('agrees with the predictor on 100 clips of all corpora, in Node', async () => {
    assert.equal(clips.length, 100);
    const session = await InferenceSession.create(join(folder, 'onnx', 'model.onnx'));
    const differences: number[] = [];
    for (const { samples, expected } of clips) {
      const outputs = await session.run({ waveform: new Tensor('float32', samples, [samples.length]) });
      differences.push(difference(expected, outputs.probabilities.data as Float32Array));
    }
    const largest = Math.max(...differences);
    console.log(`      largest difference: ${largest.toExponential(1)}`);
    assert.ok(largest < 1e-4, String(largest));
  });

  it('agrees with the predictor on 100 clips of all corpora, in Python', function () {
    const python = pythonWith('onnxruntime') ?? this.skip();
    const files = clips.map(({ samples }, i) => {
      const path = join(folder, `${i}.f32`);
      writeFileSync(path, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
      return path;
    });
    const args = ['-c', pythonProgram, join(folder, 'onnx', 'model.onnx'), ...files];
    const lines = execFileSync(python, args, { encoding: 'utf8' }).trim().split('\n');
    const differences = lines.map((line, i) => difference(clips[i].expected, line.split(' ').map(Number)));
    assert.equal(differences.length, 100);
    const largest = Math.max(...differences);
    console.log(`      largest difference: ${largest.toExponential(1)}`);
    assert.ok(largest < 1e-4, String(largest));
  });

  it('predicts files of any sample rate with predict.py as the predictor does', async function () {
    const python = pythonWith('onnxruntime', 'soundfile', 'scipy') ?? this.skip();
    for (const { path } of clips.filter((_, i) => i % 25 === 7)) {
      const text = execFileSync(python, [join(folder, 'onnx', 'predict.py'), path], { encoding: 'utf8' });
      const printed = new Map(text.split('\n').map((line) => line.split(' ').reverse() as [string, string]));
      const values = predictor.classes.map((name) => Number(printed.get(name)));
      const expected = inOrder(await predictor.predict(path));
      const largest = difference(expected, values);
      assert.ok(largest < 5e-3, `${path}: ${largest}`);
      console.log(`      ${path.split('/').at(-1)}: ${largest.toExponential(1)}`);
    }
  });
});
