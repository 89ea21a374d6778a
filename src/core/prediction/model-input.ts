import { InvalidArgumentError } from '../base';
import {
  type DatasetConfig,
  type ExperimentConfig,
  type ModelConfig,
  modelLayouts,
  type RowLayout,
} from '../config';
import {
  fitScaler,
  fitScalerFrom,
  fitSpeakerScaler,
  fitSpeakerScalerFrom,
  gatherRows,
  type Scaler,
  type SpeakerScaler,
} from '../dataset';
import {
  featureConfig,
  type FeatureRows,
  type FeatureSet,
  flatPaperLayout,
  functionals,
  logMelLayout,
  plainFrontEnd,
  readRows,
  type RowSource,
  windowRows,
} from '../features';
import { rowSizeOf, type TrainingData } from '../network';

/** The input of one kind of model, before scaling. */
export interface ModelInput {
  layout: RowLayout;
  /** shape [rows, …inputShape]; empty if there is a `source` */
  data: Float32Array;
  /** reads the rows from disk */
  source?: RowSource;
  inputShape: readonly number[];
  /** values that are scaled separately, each with its own mean and deviation */
  columns: number;
  /** valid frames of each row, before zero padding; only for sequences */
  frames?: Int32Array;
}

/**
 * Arranges a feature set as the input of a kind of model.
 *
 * Columns scaled separately: the 2,376 values of the paper's layout; each coefficient of `frames` and each mel band of `picture`, over the
 * valid frames; each functional. The layout `frames` shares memory with the set; the others are copies.
 *
 * @throws {@link InvalidArgumentError} if the set lacks the features that the model reads
 */
export function modelInput(set: FeatureRows, kind: ModelConfig['kind']): ModelInput {
  if (set.source) return inputFromSource(set, kind);
  const layout: RowLayout = modelLayouts[kind];
  const [, , frames, coefficients] = set.shape;
  switch (layout) {
    case 'flat': {
      const { data, shape } = flatPaperLayout(set);
      return { layout, data, inputShape: [shape[1], 1], columns: shape[1] };
    }
    case 'frames':
      return {
        layout,
        data: set.data,
        inputShape: [frames, coefficients],
        columns: coefficients,
        frames: set.frames,
      };
    case 'picture': {
      if (!set.config.features.includes('logMel')) {
        throw new InvalidArgumentError(
          'features.features',
          'a list that includes logMel (for the model log-mel)',
          set.config.features,
        );
      }
      const { data, shape } = logMelLayout(set);
      return { layout, data, inputShape: [shape[1], shape[2], 1], columns: shape[2], frames: set.frames };
    }
    case 'functionals': {
      const { data, shape } = functionals(set);
      return { layout, data, inputShape: [shape[1]], columns: shape[1] };
    }
  }
}

/** The input of a set on disk; each row is arranged after it has been read. */
function inputFromSource(set: FeatureRows, kind: ModelConfig['kind']): ModelInput {
  const { shape, frames } = set;
  const none = { ...set, source: undefined, data: new Float32Array(), frames: new Int32Array() };
  const input = modelInput({ ...none, shape: [0, ...shape.slice(1)] as FeatureRows['shape'] }, kind);
  const read: RowSource['read'] =
    input.layout === 'frames'
      ? set.source!.read
      : async (rows, out) => {
          out.set(modelInput(await readRows(set, rows), kind).data);
        };
  return {
    ...input,
    source: { path: set.source!.path, rowSize: rowSizeOf(input), read },
    ...(input.frames && { frames }),
  };
}

/**
 * The input of a model with no rows, to determine its shape and columns.
 *
 * @throws {@link InvalidArgumentError} as {@link modelInput} does
 */
export function inputWithoutRows({
  features,
  model,
}: Pick<ExperimentConfig, 'features' | 'model'>): ModelInput {
  return modelInput(windowRows([], featureConfig(features), plainFrontEnd), model.kind);
}

/** One scaler for all rows, or one per speaker. */
export type Normaliser = Scaler | SpeakerScaler;

/**
 * Fits the scaler of a split to its training rows, or one scaler per speaker to all rows of that speaker (transductive).
 *
 * @param train - indices of the training rows
 */
export async function fitNormaliser(
  set: Pick<FeatureSet, 'clips' | 'versions'>,
  input: ModelInput,
  normalisation: DatasetConfig['normalisation'],
  train: Int32Array,
): Promise<Normaliser> {
  const { data, source, columns, frames } = input;
  const options = { columns, ...(frames && { frames }) };
  if (source)
    return normalisation === 'train'
      ? fitScalerFrom(source, train, options)
      : fitSpeakerScalerFrom(source, set, { ...options, trainRows: train });
  return normalisation === 'train'
    ? fitScaler(data, rowSizeOf(input), train, options)
    : fitSpeakerScaler(data, rowSizeOf(input), set, { ...options, trainRows: train });
}

/**
 * Returns rows for training and prediction, gathered and scaled batch by batch.
 *
 * @param scaler - one for all rows, or a function that returns the scaler of a row
 */
export function scaledRows(
  input: ModelInput,
  scaler: Scaler | ((row: number) => Scaler),
): Pick<TrainingData, 'inputShape' | 'gather'> {
  const { data, source, inputShape, frames } = input;
  const rowSize = rowSizeOf(input);
  if (!source)
    return {
      inputShape,
      gather: (rows, out) => {
        gatherRows(data, rowSize, rows, scaler, out, { ...(frames && { frames }) });
      },
    };
  return {
    inputShape,
    gather: async (rows, out) => {
      await source.read(rows, out);
      const own = typeof scaler === 'function' ? (i: number) => scaler(rows[i]) : scaler;
      const all = Int32Array.from(rows, (_, i) => i);
      const ownFrames = frames && { frames: Int32Array.from(rows, (row) => frames[row]) };
      gatherRows(out, rowSize, all, own, out, ownFrames);
    },
  };
}

/** A caveat to state with every score in addition to the protocol, for `underProtocol`; empty if none applies. */
export function protocolNote({ normalisation }: Pick<DatasetConfig, 'normalisation'>): string {
  return normalisation === 'speaker' ? 'normalised per speaker: transductive' : '';
}
