/** Programs of at most 25 lines that predict with an exported model, written next to it. A test runs all of them. */
export const scripts = {
  waveform: {
    'predict.py': `"""Predicts the emotion in a recording: python predict.py recording.wav (needs onnxruntime, scipy and soundfile)."""
import json
import sys
from math import gcd
from pathlib import Path

import onnxruntime
import soundfile
from scipy.signal import firwin, resample_poly

session = onnxruntime.InferenceSession(str(Path(__file__).with_name("model.onnx")))
about = session.get_modelmeta().custom_metadata_map
rate = int(about["sample_rate"])
samples, own_rate = soundfile.read(sys.argv[1], dtype="float64", always_2d=True)
samples = samples.mean(axis=1)
if own_rate != rate:
    up, down = rate // gcd(rate, own_rate), own_rate // gcd(rate, own_rate)
    longer = max(up, down)
    low_pass = firwin(204 * longer + 1, 0.9569 / longer, window=("kaiser", 13.71))
    samples = resample_poly(samples, up, down, window=low_pass)
(probabilities,) = session.run(["probabilities"], {"waveform": samples.astype("float32")})
for probability, name in sorted(zip(probabilities, json.loads(about["classes"])), reverse=True):
    print(f"{probability:.4f} {name}")
`,
    'predict.mjs': `// Predicts the emotion in a recording: node predict.mjs recording.wav (needs npm packages onnxruntime-node and wavefile)
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';
import wavefile from 'wavefile';

const { classes, sampleRate } = JSON.parse(readFileSync(new URL('metadata.json', import.meta.url)));
const wav = new wavefile.WaveFile(readFileSync(process.argv[2]));
const rate = wav.fmt.sampleRate;
const channels = [wav.toBitDepth('64'), wav.getSamples()][1];
const mono = Array.isArray(channels) ? channels[0].map((_, i) => channels.reduce((sum, x) => sum + x[i] / channels.length, 0)) : channels;
const [scale, half] = [Math.min(1, sampleRate / rate), 102 / Math.min(1, sampleRate / rate)];
const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const window = (x) => 0.3635819 + 0.4891775 * Math.cos(Math.PI * x) + 0.1365995 * Math.cos(2 * Math.PI * x) + 0.0106411 * Math.cos(3 * Math.PI * x);
const resampled = Float32Array.from({ length: Math.ceil((mono.length * sampleRate) / rate) }, (_, i) => {
  let [at, sum] = [(i * rate) / sampleRate, 0];
  for (let n = Math.max(0, Math.ceil(at - half)); n <= Math.min(at + half, mono.length - 1); n++)
    sum += mono[n] * scale * 0.9569 * sinc(0.9569 * scale * (at - n)) * window((at - n) / half);
  return sum;
});
const waveform = rate === sampleRate ? Float32Array.from(mono) : resampled;
const session = await ort.InferenceSession.create(readFileSync(new URL('model.onnx', import.meta.url)));
const { data } = (await session.run({ waveform: new ort.Tensor('float32', waveform, [waveform.length]) })).probabilities;
for (const [k, p] of [...data.entries()].sort((a, b) => b[1] - a[1])) console.log(p.toFixed(4), classes[k]);
`,
  },
  features: {
    'predict.py': `"""Predicts emotions from features: python predict.py features.npy …, one file for each input of the model (needs onnxruntime)."""
import json
import sys
from pathlib import Path

import numpy
import onnxruntime

session = onnxruntime.InferenceSession(str(Path(__file__).with_name("model.onnx")))
classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
inputs = [numpy.load(path).astype("float32") for path in sys.argv[1:]]
names = [tensor.name for tensor in session.get_inputs()]
(probabilities,) = session.run(["probabilities"], dict(zip(names, inputs, strict=True)))
for row, values in enumerate(probabilities):
    for probability, name in sorted(zip(values, classes), reverse=True):
        print(f"{row} {probability:.4f} {name}")
`,
    'predict.mjs': `// Predicts emotions from features: node predict.mjs features.npy …, one 32-bit file for each input (needs onnxruntime-node)
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const { classes } = JSON.parse(readFileSync(new URL('metadata.json', import.meta.url)));
const session = await ort.InferenceSession.create(readFileSync(new URL('model.onnx', import.meta.url)));
const tensors = process.argv.slice(2).map((path) => {
  const bytes = Uint8Array.from(readFileSync(path));
  const start = 10 + bytes[8] + 256 * bytes[9]; // after the header of a .npy file
  const shape = /'shape': \\(([^)]*)\\)/.exec(new TextDecoder().decode(bytes.subarray(10, start)))[1];
  return new ort.Tensor('float32', new Float32Array(bytes.buffer.slice(start)), shape.split(',').filter((n) => n.trim()).map(Number));
});
const feeds = Object.fromEntries(session.inputNames.map((name, i) => [name, tensors[i]]));
const { data } = (await session.run(feeds)).probabilities;
for (let row = 0; row < data.length / classes.length; row++) {
  const values = [...data.subarray(row * classes.length, (row + 1) * classes.length).entries()];
  for (const [k, p] of values.sort((a, b) => b[1] - a[1])) console.log(row, p.toFixed(4), classes[k]);
}
`,
  },
} as const;
