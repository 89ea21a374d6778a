import { type Clip, type Emotion, InvalidArgumentError } from '../../core/base';
import { scalerOfRow } from '../../core/dataset';
import {
  checkFaithfulness,
  type CoefficientGroup,
  coefficientGroups,
  type Faithfulness,
  type FaithfulnessOptions,
  faithfulnessVerdict,
  type Occlusion,
  type PredictBatch,
  predictedClasses,
  type Predictions,
  type UnderProtocol,
} from '../../core/evaluation';
import { largestOfRows, rowSizeOf } from '../../core/network';
import {
  type ExperimentResult,
  gathered,
  type ModelInput,
  modelInput,
  predictTrained,
  scaledRows,
} from '../../core/prediction';

/** One test row, and what the model looked at in it. */
export interface ExplainedPrediction {
  /** of the experiment's predictions */
  row: number;
  clip: Clip;
  actual: Emotion;
  /** what the model says of this row, whose probability was watched */
  predicted: Emotion;
  /** the row as the model was given it; shape [frames, coefficients] */
  values: Float32Array;
  occlusion: Occlusion;
}

/** What one fold's network looks at, and whether that may be believed. */
export interface Explanation extends UnderProtocol {
  fold: string;
  rows: ExplainedPrediction[];
  faithfulness: Faithfulness;
  /** in words */
  verdict: string;
  /** what frames stand for, for the figure */
  scale: { sampleRate: number; hopLength: number };
}

export interface ExplainOptions extends Pick<
  FaithfulnessOptions,
  'windowFrames' | 'steps' | 'randomOrders' | 'seed'
> {
  /** of the experiment's predictions, all of this fold; default of each emotion the right answer that it is surest of */
  rows?: readonly number[];
  /** default what belongs together, at most eight groups of a feature */
  groups?: readonly CoefficientGroup[];
}

/**
 * Asks the network of one fold what it looks at in some of its test rows: covers time windows × groups of coefficients with
 * the mean of training, notes how far the predicted emotion's probability falls, and checks by deletion whether what counts
 * according to that does count.
 *
 * @param fold - index of a finished fold
 * @throws {@link InvalidArgumentError} if there is no such fold, a row is not of its test, or the model is none that reads
 *   frames
 */
export async function explainFold(
  result: ExperimentResult,
  fold = 0,
  { rows: chosen, groups, ...options }: ExplainOptions = {},
): Promise<Explanation> {
  const { engine, set, config, classes, folds, predictions } = result;
  if (!predictions || !(fold in folds)) {
    throw new InvalidArgumentError('fold', `an index of the ${folds.length} finished folds`, fold);
  }
  const { trained, split, normaliser } = folds[fold];
  const input = modelInput(set, config.model.kind);
  if (!(input.layout === 'frames' || input.layout === 'picture')) {
    throw new InvalidArgumentError('model.kind', 'a network that reads frames', config.model.kind);
  }
  const rows = chosen ?? surestOfEach(predictions, fold);
  const outside = rows.find((row) => predictions.splitOf.at(row) !== fold);
  if (outside !== undefined || rows.length === 0) {
    throw new InvalidArgumentError('rows', `test rows of ${split.name}`, outside ?? []);
  }

  const { inputShape, frames } = input;
  const rowSize = rowSizeOf(input);
  const predictBatch: PredictBatch = (batch, count) => {
    // They are asked for in their order, batch by batch.
    const copy = (from: ArrayLike<number>, out: Float32Array): void => {
      out.set(batch.subarray(from[0] * rowSize, (from[from.length - 1] + 1) * rowSize));
    };
    const data = { inputShape, classes: classes.length, gather: copy };
    return predictTrained(
      engine.tf,
      trained,
      data,
      Int32Array.from({ length: count }, (_, i) => i),
    );
  };
  const scaled = { ...scaledRows(input, scalerOfRow(normaliser, set)), classes: classes.length };
  // Predictions have the test rows of one fold after those of another.
  const setRows = rows.map((row) => split.test[row - predictions.splitOf.indexOf(fold)]);
  const values = setRows.map((row) => gathered(scaled, Int32Array.of(row)));
  // Of the row that is looked at, which may be one of several versions behind the prediction.
  const said = await predictTrained(engine.tf, trained, scaled, Int32Array.from(setRows));
  const predicted = largestOfRows(said, classes.length);
  const faithfulness = await checkFaithfulness(
    predictBatch,
    rows.map((_, i) => ({
      row: values[i],
      classIndex: predicted[i],
      ...(frames && { frames: frames[setRows[i]] }),
    })),
    {
      ...options,
      shape: [inputShape[0], inputShape[1]],
      groups: groups ?? coefficientGroups(columnsOf(set.columns, input)),
    },
  );
  const { protocol, protocolLabel, isLeaky } = predictions;
  return {
    protocol,
    protocolLabel,
    isLeaky,
    fold: split.name,
    rows: rows.map((row, i) => ({
      row,
      clip: predictions.clips[row],
      actual: classes[predictions.actual[row]],
      predicted: classes[predicted[i]],
      values: values[i],
      occlusion: faithfulness.occlusions[i],
    })),
    faithfulness,
    verdict: faithfulnessVerdict(faithfulness),
    scale: { sampleRate: set.config.sampleRate, hopLength: set.config.hopLength },
  };
}

/** Of each emotion the row of a fold that is right with the highest probability; of emotions that are never right, none. */
function surestOfEach(predictions: Predictions, fold: number): number[] {
  const { classes, actual, probabilities, splitOf } = predictions;
  const predicted = predictedClasses(predictions);
  return classes.flatMap((_, k) => {
    const right = [...splitOf.keys()].filter(
      (row) => splitOf[row] === fold && actual[row] === k && predicted[row] === k,
    );
    const sureOf = (row: number): number => probabilities[row * classes.length + k];
    return right.sort((a, b) => sureOf(b) - sureOf(a)).slice(0, 1);
  });
}

/** Names of the columns that the model sees. */
const columnsOf = (columns: readonly string[], { layout }: ModelInput): string[] =>
  columns.filter((name) => layout === 'frames' || name.startsWith('logMel'));
