import { basename } from 'node:path';
import { InvalidFileError } from '../../../core/base';
import { trainingCorpora } from '../../../core/prediction';
import { newFolder, removeTemporary, replaceFolder, writeInFolder } from '../../files';
import { packageVersions } from '../../runs';
import { requireReplaceable } from '../model-folder';
import { notExportable } from './feature-nodes';
import { featuresGraph, waveformGraph } from './model-graph';
import { formatOnnxCard, type OnnxFacts } from './onnx-card';
import { encodeOnnx, opset } from './onnx-file';
import { readModel } from './read-model';
import { scripts } from './scripts';

/** What a model in ONNX reads: a recording, or its features. */
export const onnxInputs = ['waveform', 'features'] as const;
export type OnnxInput = (typeof onnxInputs)[number];

/** A model in ONNX. */
export interface OnnxExport {
  folder: string;
  /** size of model.onnx */
  bytes: number;
  input: OnnxInput;
  /** of the waveform, Hz */
  sampleRate: number;
  classes: readonly string[];
}

/**
 * Exports a saved network or an ensemble of networks to ONNX, for Python, C++, browsers and other runtimes. The file contains features,
 * scaler, networks and calibration: a recording in, calibrated probabilities out, as from the predictor.
 *
 * The folder contains `model.onnx`, `metadata.json` with classes and sample rate, a model card, `predict.py` and `predict.mjs`.
 *
 * @param model - folder of a saved model, such as {@link newestModel} returns
 * @param folder - created if missing; an earlier export in it is replaced
 * @param options - `input`: default `waveform`, or `features` if the model has features of its own kind
 * @throws {@link InvalidFileError} that names the file and what cannot be exported: a classifier, a kind of layer, a feature, random
 *   versions; or if the folder contains other files
 * @example
 * ```ts
 * const { bytes } = exportOnnx('data/models/speakers', 'exports/speakers');
 * ```
 */
export function exportOnnx(model: string, folder: string, options: { input?: OnnxInput } = {}): OnnxExport {
  const read = readModel(model);
  const { classNames, threshold, members, card } = read;
  const { sampleRate } = members[0].features;
  const unknown = members
    .map(({ features, layout }) => notExportable(features, layout))
    .find((what) => what !== undefined);
  const { input = unknown === undefined ? 'waveform' : 'features' } = options;
  if (input === 'waveform' && unknown !== undefined)
    throw new InvalidFileError(
      model,
      `${unknown} cannot be computed in ONNX; export the model with features as its input`,
    );
  const graph = input === 'waveform' ? waveformGraph(read) : featuresGraph(read);
  const version = packageVersions()['speech-emotion-workbench'] ?? '';
  const facts: OnnxFacts = {
    ...read,
    name: basename(model),
    input,
    inputs: graph.inputs,
    outputs: graph.outputs,
  };
  const content = encodeOnnx({
    ...graph,
    name: 'emotions',
    help: `Probabilities of ${classNames.join(', ')}, calibrated. See the model card for its limits and licences.`,
    metadata: {
      classes: JSON.stringify(classNames),
      sample_rate: String(sampleRate),
      threshold: String(threshold),
      trained_on: trainingCorpora(card)
        .map(({ name }) => name)
        .join(', '),
      temperatures: JSON.stringify([...members.map(({ temperature }) => temperature), read.temperature]),
    },
    version,
  });
  const about = {
    classes: classNames,
    sampleRate,
    threshold,
    input,
    opset,
    inputs: graph.inputs,
    outputs: graph.outputs,
  };
  const files: Record<OnnxFile, string | Uint8Array> = {
    'model.onnx': content,
    'metadata.json': `${JSON.stringify(about, null, 2)}\n`,
    'README.md': formatOnnxCard(facts),
    ...scripts[input],
  };
  requireReplaceable(folder, isExport, 'an exported model');
  const unfinished = newFolder(folder);
  try {
    for (const [name, text] of Object.entries(files)) writeInFolder(unfinished, name, text);
    replaceFolder(folder, unfinished);
  } finally {
    removeTemporary(unfinished);
  }
  return { folder, bytes: content.length, input, sampleRate, classes: classNames };
}

const fileNames = ['model.onnx', 'metadata.json', 'README.md', 'predict.py', 'predict.mjs'] as const;
type OnnxFile = (typeof fileNames)[number];

const isExport = (names: readonly string[]): boolean =>
  names.includes('model.onnx') && names.every((name) => (fileNames as readonly string[]).includes(name));
