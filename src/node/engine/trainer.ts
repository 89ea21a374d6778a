import type { Rank, Tensor } from '@tensorflow/tfjs';
import type { TrainingConfig } from '../../core/config';
import {
  adamConstants,
  createOptimizer,
  type Engine,
  flatGradient,
  type Network,
  type OptimizerState,
  type PlainBatch,
  productOf,
  sgdMomentum,
} from '../../core/network';
import { floatType, GraphBuilder, type GraphValue } from './graph';

/** Learning rate and β1 of one step. */
export interface StepRates {
  learningRate: number;
  /** default 0.9 */
  beta1?: number;
}

/** Trains the weights of a network, step by step. Must be disposed. */
export interface Trainer {
  /** `graph`: each step is one call of a recorded graph; otherwise the path of the network */
  path: 'graph' | Network['path'];
  /**
   * Updates the weights with one batch.
   *
   * @param step - number of the step, on which the dropout masks depend
   * @returns the loss, and the probabilities in training mode, shape [rows, classes]
   */
  step: (batch: PlainBatch, step: number, rates: StepRates) => { loss: number; probabilities: Float32Array };
  /** Copies the trained weights and statistics to the model of the network. */
  updateModel: () => void;
  optimizerState: () => Promise<OptimizerState>;
  dispose: () => void;
}

export interface TrainerOptions {
  /** shape of one row */
  inputShape: readonly number[];
  classes: number;
  /** the numbers of rows of the batches */
  batchSizes: readonly number[];
  /** whether the batches have weights */
  isWeighted: boolean;
  /** to resume from */
  state?: OptimizerState;
  /** `eager`: no graph; default `SER_TRAINING` */
  path?: string;
}

type TrainerConfig = Pick<TrainingConfig, 'optimizer' | 'weightDecay' | 'clipNorm'>;

/**
 * A trainer for a network, which starts from the weights of its model. On the native engine, a step is recorded once for each batch
 * size and then runs as one graph; networks and engines that do not support this run each operation by itself.
 */
export function createTrainer(
  engine: Engine,
  network: Network,
  training: TrainerConfig,
  options: TrainerOptions,
): Trainer {
  return trainerPath(network, options.path) === 'graph'
    ? graphTrainer(engine, network, training, options)
    : eagerTrainer(engine, network, training, options);
}

/** How networks are trained where the engine supports graphs: `eager` if `SER_TRAINING` says so. */
export const trainingMode = (): 'graph' | 'eager' =>
  process.env.SER_TRAINING === 'eager' ? 'eager' : 'graph';

/** How {@link createTrainer} runs the steps of a network. */
export const trainerPath = (network: Network, path: string = trainingMode()): Trainer['path'] =>
  network.isRecordable && path !== 'eager' ? 'graph' : network.path;

function eagerTrainer(
  engine: Engine,
  network: Network,
  training: TrainerConfig,
  { inputShape, classes, state }: TrainerOptions,
): Trainer {
  const { tf } = engine;
  const optimizer = createOptimizer(engine, network, training, state);
  return {
    path: network.path,
    step: ({ rows, x, targets, weights }, step, { learningRate, beta1 }) => {
      const batch = {
        x: tf.tensor(x, [rows, ...inputShape]),
        targets: tf.tensor2d(targets, [rows, classes]),
        weights: weights && tf.tensor1d(weights),
      };
      const { loss, probabilities, gradients } = network.gradients(batch, { step });
      optimizer.apply(gradients, learningRate, beta1);
      const result = { loss: loss.dataSync()[0], probabilities: probabilities.dataSync<'float32'>() };
      tf.dispose([batch.x, batch.targets, loss, probabilities, ...gradients]);
      batch.weights?.dispose();
      return result;
    },
    updateModel: () => undefined,
    optimizerState: optimizer.state,
    dispose: optimizer.dispose,
  };
}

/** The number of values of `rates` in {@link RecordedStep}. */
const rateCount = 5;

/** One step for batches of a size: inputs and outputs of the graph. */
interface RecordedStep {
  x: GraphValue;
  targets: GraphValue;
  weights: GraphValue | undefined;
  /** learning rate, its product with the weight decay, β1, and the powers of β1 and β2 */
  rates: GraphValue;
  step: GraphValue;
  loss: GraphValue;
  probabilities: GraphValue;
}

/** A variable of the graph and the operations that set and read it. */
interface GraphVariable {
  handle: GraphValue;
  value: GraphValue;
  assign: GraphValue;
  isAssigned: GraphValue;
  shape: readonly number[];
}

function graphTrainer(
  { tf }: Engine,
  network: Network,
  { optimizer, weightDecay, clipNorm }: TrainerConfig,
  { inputShape, classes, batchSizes, isWeighted, state }: TrainerOptions,
): Trainer {
  const { model } = network;
  const weights = model.trainableWeights;
  const statistics = model.weights.filter(({ id }) => !weights.some((weight) => weight.id === id));
  const shapes = weights.map(({ shape }) => shape as number[]);
  const sizes = shapes.map(productOf);
  const size = sizes.reduce((sum, length) => sum + length, 0);
  const decay = optimizer === 'adamw' ? weightDecay : 0;
  const { beta2, epsilon } = adamConstants;

  const graph = new GraphBuilder(tf);
  const variable = (name: string, shape: readonly number[]): GraphVariable => {
    const handle = graph.variable(name, shape);
    const value = graph.add('ReadVariableOp', [handle], { dtype: floatType });
    const assign = graph.input(shape);
    const assigned = graph.add('AssignVariableOp', [handle, assign], { dtype: floatType });
    return { handle, value, assign, isAssigned: identity(assign, [assigned]), shape };
  };
  const identity = (value: GraphValue, after: readonly GraphValue[]): GraphValue =>
    graph.add('Identity', [value], { T: floatType }, after);
  const scalar = (value: number): GraphValue => {
    const tensor = tf.scalar(value);
    const constant = graph.valueOf(tensor);
    tensor.dispose();
    return constant;
  };
  const flat = variable('weights', [size]);
  const moments = (optimizer === 'sgd' ? ['velocity'] : ['mean', 'square']).map((name) =>
    variable(name, [size]),
  );
  const moving = statistics.map(({ shape }, i) => variable(`statistic-${i}`, shape as number[]));

  const steps = new Map(batchSizes.map((rows) => [rows, record(rows)]));
  const session = graph.start();
  let taken = state?.steps ?? 0;
  tf.tidy(() => {
    set(flat, tf.concat1d(weights.map((weight) => weight.read().flatten())));
    moments.forEach((moment, i) => {
      const values = state?.moments.at(i);
      set(moment, values ? tf.tensor1d(values) : tf.zeros([size]));
    });
    statistics.forEach((statistic, i) => {
      set(moving[i], statistic.read());
    });
  });

  return {
    path: 'graph',
    step: (batch, step, { learningRate, beta1 = adamConstants.beta1 }) => {
      taken++;
      const { x, targets, weights, rates, step: number, loss, probabilities } = steps.get(batch.rows)!;
      const values = [learningRate, learningRate * decay, beta1, beta1 ** taken, beta2 ** taken];
      return tf.tidy(() => {
        const results = session.run(
          [
            [x, tf.tensor(batch.x, [batch.rows, ...inputShape])],
            [targets, tf.tensor2d(batch.targets, [batch.rows, classes])],
            [rates, tf.tensor1d(values)],
            [number, tf.scalar(step, 'int32')],
            ...(weights && batch.weights ? [[weights, tf.tensor1d(batch.weights)] as const] : []),
          ],
          [loss, probabilities],
        );
        return { loss: results[0].dataSync()[0], probabilities: results[1].dataSync<'float32'>() };
      });
    },
    updateModel: () => {
      tf.tidy(() => {
        const [all, ...values] = session.run(
          [],
          [flat, ...moving].map(({ value }) => value),
        );
        for (const [i, part] of tf.split(all, sizes).entries()) weights[i].write(part.reshape(shapes[i]));
        values.forEach((value, i) => statistics[i].write(value));
      });
    },
    optimizerState: () => {
      const values = tf.tidy(() =>
        session
          .run(
            [],
            moments.map(({ value }) => value),
          )
          .map((moment) => moment.dataSync<'float32'>()),
      );
      return Promise.resolve({ steps: taken, moments: values });
    },
    dispose: session.dispose,
  };

  function set({ assign, isAssigned }: GraphVariable, value: Tensor): void {
    tf.dispose(session.run([[assign, value]], [isAssigned]));
  }

  /** Runs one step on zeros to record it; the weights and statistics of the model remain as they are. */
  function record(rows: number): RecordedStep {
    const x = graph.input([rows, ...inputShape]);
    const targets = graph.input([rows, classes]);
    const rowWeights = isWeighted ? graph.input([rows]) : undefined;
    const rates = graph.input([rateCount]);
    const step = graph.input([], 'INT32');
    const before = statistics.map((statistic) => statistic.read().clone());
    try {
      return tf.tidy(() => {
        const batch = {
          x: tf.zeros([rows, ...inputShape]),
          targets: tf.zeros<Rank.R2>([rows, classes]),
          weights: isWeighted ? tf.ones<Rank.R1>([rows]) : undefined,
        };
        const number = tf.scalar(0, 'int32');
        const all = tf.zeros([size]);
        const vector = tf.zeros<Rank.R1>([rateCount]);
        graph.define([
          [batch.x, x],
          [batch.targets, targets],
          [number, step],
          [all, flat.value],
          [vector, rates],
          ...statistics.map((statistic, i) => [statistic.read(), moving[i].value] as const),
          ...(batch.weights && rowWeights ? [[batch.weights, rowWeights] as const] : []),
        ]);
        return graph.record(() => {
          const parts = tf.split(all, sizes).map((part, i) => part.reshape(shapes[i]));
          graph.define(weights.map((weight, i) => [weight.read(), graph.valueOf(parts[i])] as const));
          const { loss, probabilities, gradients } = network.gradients(batch, { step: number });
          const gradient = flatGradient(tf, gradients, clipNorm);
          const scalars = tf.unstack(vector).map((value) => graph.valueOf(value));
          const updates = [
            ...update(graph.valueOf(gradient), scalars),
            ...statistics.map((statistic, i) => assignTo(moving[i], graph.valueOf(statistic.read()))),
          ];
          return {
            x,
            targets,
            weights: rowWeights,
            rates,
            step,
            loss: identity(graph.valueOf(loss), updates),
            probabilities: graph.valueOf(probabilities),
          };
        });
      });
    } finally {
      statistics.forEach((statistic, i) => {
        statistic.write(before[i]);
      });
      tf.dispose(before);
    }
  }

  /** Adds the update of the weights. @returns the operations that must run */
  function update(
    gradient: GraphValue,
    [learningRate, decayed, beta1, power1, power2]: readonly GraphValue[],
  ): GraphValue[] {
    const T = floatType;
    if (optimizer === 'sgd') {
      const kept = graph.add('Mul', [moments[0].value, scalar(sgdMomentum)], { T });
      const moved = graph.add('AddV2', [kept, graph.add('Mul', [gradient, learningRate], { T })], { T });
      const changed = graph.add('Sub', [flat.value, moved], { T });
      return [assignTo(moments[0], moved), assignTo(flat, changed)];
    }
    const shrunk =
      decay === 0
        ? []
        : [
            graph.add('AssignSubVariableOp', [flat.handle, graph.add('Mul', [flat.value, decayed], { T })], {
              dtype: T,
            }),
          ];
    const handles = [flat, ...moments].map(({ handle }) => handle);
    const constants = [scalar(beta2), scalar(epsilon)];
    return [
      graph.add(
        'ResourceApplyAdam',
        [...handles, power1, power2, learningRate, beta1, ...constants, gradient],
        { T },
        shrunk,
      ),
    ];
  }

  function assignTo({ handle }: GraphVariable, value: GraphValue): GraphValue {
    return graph.add('AssignVariableOp', [handle, value], { dtype: floatType });
  }
}
