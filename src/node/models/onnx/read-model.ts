import { InvalidFileError, isRecord, WorkbenchError } from '../../../core/base';
import { type ExperimentConfig, experimentConfig, modelLayouts } from '../../../core/config';
import { preparationFromJson } from '../../../core/dataset';
import { featureConfig } from '../../../core/features';
import { checkTopology, productOf } from '../../../core/network';
import {
  checkedCalibration,
  checkedCard,
  membersOf,
  type ModelCard,
  type ModelReader,
  testedVersions,
} from '../../../core/prediction';
import { openModelFolder } from '../model-folder';
import type { ExportedModel, ExportedNetwork } from './model-graph';
import { exportableLayers, type Weights } from './network-nodes';

/** A saved model with everything that an export needs. */
export interface ReadModel extends ExportedModel {
  classNames: readonly string[];
  threshold: number;
  card: ModelCard;
  /** of the model, or of each member of an ensemble */
  configs: readonly ExperimentConfig[];
}

/**
 * Reads a saved model without TensorFlow.
 *
 * @throws {@link InvalidFileError} that names the file and what cannot be exported: a classifier, a kind of layer, random versions
 */
export function readModel(folder: string): ReadModel {
  const files = openModelFolder(folder);
  const card = files.json('card.json', checkedCard);
  const isEnsemble = files.has('ensemble.json');
  const parts = isEnsemble ? membersOf(files) : [files];
  const members = parts.map(readNetworkOf);
  const [{ labels, features }] = members;
  const other = members.find((member) => member.features.sampleRate !== features.sampleRate);
  if (other)
    throw new InvalidFileError(
      folder,
      `all members must have the same sample rate to be exported as one file, got ${features.sampleRate} and ${other.features.sampleRate} Hz`,
    );
  const { temperature, threshold } = isEnsemble ? files.json('ensemble.json', checkedCalibration) : labels;
  return {
    members,
    temperature: isEnsemble ? temperature : 1,
    threshold,
    classes: labels.classes.length,
    classNames: labels.classes,
    card,
    configs: members.map(({ config }) => config),
  };
}

function readNetworkOf(files: ModelReader) {
  const config = files.json('config.json', (json) => experimentConfig(json as ExperimentConfig));
  const features = featureConfig(config.features);
  const { kind } = config.model;
  const layout = modelLayouts[kind];
  if (!files.has('model.json') || layout === 'functionals')
    throw new InvalidFileError(
      files.folder,
      `only networks can be exported to ONNX, got a model of the kind ${kind}`,
    );
  requireOriginal(files, config, features.versions);
  const labels = files.json('labels.json', (json) => ({
    classes: preparationFromJson(json, ['one-hot']).classes,
    ...checkedCalibration(json),
  }));
  const scaler = files.json('scaler.json', (json) => {
    const normaliser = preparationFromJson(json, ['standard', 'per speaker']);
    return normaliser.kind === 'standard' ? normaliser : normaliser.others;
  });
  const bytes = files.bytes('weights.bin');
  const topology = files.json('model.json', (json) => {
    requireExportable(json);
    return checkTopology(json, bytes.length);
  });
  const all = new Float32Array(Uint8Array.from(bytes).buffer);
  let start = 0;
  const weights: Weights = new Map(
    topology.weights.map(({ name, shape }) => [
      name,
      { shape, data: all.subarray(start, (start += productOf(shape))) },
    ]),
  );
  const { temperature } = labels;
  return {
    config,
    labels,
    features,
    layout,
    scaler,
    layers: topology.layers,
    weights,
    temperature,
  } satisfies ExportedNetwork & Record<string, unknown>;
}

/** Random augmentations, as in test-time augmentation, cannot be part of the file. */
function requireOriginal(
  { folder }: ModelReader,
  { dataset }: ExperimentConfig,
  versions: Readonly<Record<string, readonly unknown[]>>,
): void {
  const tested = testedVersions(dataset, Object.keys(versions)) ?? ['original'];
  const changed = tested.filter((name) => (versions[name] ?? []).length > 0);
  if (changed.length > 0)
    throw new InvalidFileError(
      `${folder}/config.json`,
      `a model in ONNX predicts recordings as they are, but this one averages the versions ${tested.join(', ')}; ` +
        'train or combine it with --set dataset.testVersions=original',
    );
}

/** @throws {@link WorkbenchError} that names a layer of a kind that has no equivalent */
function requireExportable(json: unknown): void {
  const { modelTopology } = isRecord(json)
    ? (json as { modelTopology?: { config?: { layers?: unknown } } })
    : {};
  const layers = modelTopology?.config?.layers;
  if (!Array.isArray(layers)) return; // checkTopology reports what is wrong
  for (const { class_name: kind, name, config } of layers as {
    class_name?: unknown;
    name?: unknown;
    config?: { name?: unknown };
  }[])
    if (!exportableLayers.some((known) => known === kind))
      throw new WorkbenchError(
        `the layer ${String(name ?? config?.name)} of the kind ${String(kind)} cannot be exported to ONNX; exportable: ${exportableLayers.join(', ')}`,
      );
}
