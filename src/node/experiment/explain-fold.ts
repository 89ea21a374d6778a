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
  gatherInput,
  type ModelInput,
  modelInput,
  predictTrained,
  scaledRows,
} from '../../core/prediction';
import { finishedSplit } from '../models';

/** One test row and the parts of it that its prediction depends on. */
export interface ExplainedPrediction {
  /** index in the experiment's predictions */
  row: number;
  clip: Clip;
  actual: Emotion;
  /** predicted class of this row; the occlusion measures its probability */
  predicted: Emotion;
  /** the scaled row; shape [frames, coefficients] */
  values: Float32Array;
  occlusion: Occlusion;
}

/** What the predictions of one fold's network depend on, and how reliable this explanation is. */
export interface Explanation extends UnderProtocol {
  fold: string;
  rows: ExplainedPrediction[];
  faithfulness: Faithfulness;
  /** the result of the faithfulness test as text */
  verdict: string;
  /** time axis of the figure */
  scale: { sampleRate: number; hopLength: number };
}

/** Options of {@link explainFold}. */
export interface ExplainOptions extends Pick<
  FaithfulnessOptions,
  'windowFrames' | 'steps' | 'randomOrders' | 'seed'
> {
  /**
   * test rows of this fold, as indices in the experiment's predictions; default: for each emotion the correct prediction with the
   * highest probability
   */
  rows?: readonly number[];
  /** groups of coefficients that are covered together; default at most eight groups per feature */
  groups?: readonly CoefficientGroup[];
}

/**
 * Explains predictions of one fold's network by occlusion: replaces each time window × group of coefficients of a test row by the
 * training mean and measures how much the probability of the predicted emotion decreases. A deletion test then checks whether the
 * parts with the largest decrease matter more than random parts.
 *
 * @param split - name or number (from 1) of a finished fold
 * @throws {@link InvalidArgumentError} if the fold does not exist, a row is not one of its test rows, or the model does not read frames
 * @example
 * ```ts
 * const result = await runExperiment(experimentConfig('quick'));
 * const { verdict } = await explainFold(result);
 * ```
 */
export async function explainFold(
  result: ExperimentResult,
  split: string | number = 1,
  { rows: chosen, groups, ...options }: ExplainOptions = {},
): Promise<Explanation> {
  const { engine, set, config, classes, folds, predictions } = result;
  const fold = finishedSplit(result, split);
  if (!predictions) throw new InvalidArgumentError('result', 'an experiment with predictions', undefined);
  const { trained, split: tested, normaliser } = folds[fold];
  const input = modelInput(set, config.model.kind);
  if (!(input.layout === 'frames' || input.layout === 'picture')) {
    throw new InvalidArgumentError('model.kind', 'a network that reads frames', config.model.kind);
  }
  const rows = chosen ?? mostConfidentOfEach(predictions, fold);
  const outside = rows.find((row) => predictions.splitOf.at(row) !== fold);
  if (outside !== undefined || rows.length === 0) {
    throw new InvalidArgumentError('rows', `test rows of ${tested.name}`, outside ?? []);
  }

  const { inputShape, frames } = input;
  const rowSize = rowSizeOf(input);
  const predictBatch: PredictBatch = (batch, count) => {
    // Called with consecutive rows, batch by batch.
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
  // The predictions contain the test rows of all folds, fold by fold.
  const setRows = rows.map((row) => tested.test[row - predictions.splitOf.indexOf(fold)]);
  const values: Float32Array[] = [];
  for (const row of setRows) values.push(await gatherInput(scaled, Int32Array.of(row)));
  // Predicted again, because the experiment's prediction may be the mean over several versions of the row.
  const probabilities = await predictTrained(engine.tf, trained, scaled, Int32Array.from(setRows));
  const predicted = largestOfRows(probabilities, classes.length);
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
    fold: tested.name,
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

/** For each emotion, the correctly predicted row of a fold with the highest probability, if there is one. */
function mostConfidentOfEach(predictions: Predictions, fold: number): number[] {
  const { classes, actual, probabilities, splitOf } = predictions;
  const predicted = predictedClasses(predictions);
  return classes.flatMap((_, k) => {
    const right = [...splitOf.keys()].filter(
      (row) => splitOf[row] === fold && actual[row] === k && predicted[row] === k,
    );
    const probabilityOf = (row: number): number => probabilities[row * classes.length + k];
    return right.sort((a, b) => probabilityOf(b) - probabilityOf(a)).slice(0, 1);
  });
}

/** Names of the columns that the model reads. */
const columnsOf = (columns: readonly string[], { layout }: ModelInput): string[] =>
  columns.filter((name) => layout === 'frames' || name.startsWith('logMel'));
