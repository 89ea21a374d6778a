import { InvalidArgumentError } from '../base';
import {
  type DatasetConfig,
  type ExperimentConfig,
  type ModelConfig,
  modelLayouts,
  type RowLayout,
} from '../config';
import { fitScaler, fitSpeakerScaler, gatherRows, type Scaler, type SpeakerScaler } from '../dataset';
import {
  featureConfig,
  type FeatureRows,
  type FeatureSet,
  flatPaperLayout,
  functionals,
  logMelLayout,
  plainFrontEnd,
  windowRows,
} from '../features';
import { rowSizeOf, type TrainingData } from '../network';

/** Rows as one kind of model reads them, not scaled yet. */
export interface ModelInput {
  layout: RowLayout;
  /** shape [rows, …inputShape] */
  data: Float32Array;
  inputShape: readonly number[];
  /** numbers of a row that a scaler takes apart, each with its own mean */
  columns: number;
  /** frames that each row has before its zeros, where a row is a sequence */
  frames?: Int32Array;
}

/**
 * Lays a feature set out for a kind of model. `frames` is a view of the set, the others are copies.
 *
 * Scaled are: each of the paper's 2,376 values by itself, as there; of frames, each coefficient, and of a picture each mel
 * band, over the frames that there are; each functional.
 *
 * @throws {@link InvalidArgumentError} if the set lacks the features that the model reads
 */
export function modelInput(set: FeatureRows, kind: ModelConfig['kind']): ModelInput {
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
          'with logMel among them (for the model log-mel)',
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

/**
 * The input of a model before there are rows: its shape and columns.
 *
 * @throws {@link InvalidArgumentError} as {@link modelInput} does
 */
export function inputWithoutRows({
  features,
  model,
}: Pick<ExperimentConfig, 'features' | 'model'>): ModelInput {
  return modelInput(windowRows([], featureConfig(features), plainFrontEnd), model.kind);
}

/** What makes rows comparable: one scaler for all, or one for each speaker. */
export type Normaliser = Scaler | SpeakerScaler;

/**
 * Fits the scaler of a split: to its training rows, or to each speaker's rows (transductive).
 *
 * @param train - indices of the training rows
 */
export function fitNormaliser(
  set: Pick<FeatureSet, 'clips' | 'versions'>,
  input: ModelInput,
  normalisation: DatasetConfig['normalisation'],
  train: Int32Array,
): Normaliser {
  const { data, columns, frames } = input;
  const options = { columns, ...(frames && { frames }) };
  return normalisation === 'train'
    ? fitScaler(data, rowSizeOf(input), train, options)
    : fitSpeakerScaler(data, rowSizeOf(input), set, { ...options, trainRows: train });
}

/**
 * Rows for training and prediction: gathered and scaled batch by batch.
 *
 * @param scaler - of all rows, or of each its own
 */
export function scaledRows(
  input: ModelInput,
  scaler: Scaler | ((row: number) => Scaler),
): Pick<TrainingData, 'inputShape' | 'gather'> {
  const { data, inputShape, frames } = input;
  return {
    inputShape,
    gather: (rows, out) => {
      gatherRows(data, rowSizeOf(input), rows, scaler, out, { ...(frames && { frames }) });
    },
  };
}

/** What a reader must know about a score besides its protocol, for `underProtocol`; empty for nothing. */
export function protocolNote({ normalisation }: Pick<DatasetConfig, 'normalisation'>): string {
  return normalisation === 'speaker' ? 'normalised per speaker: transductive' : '';
}
