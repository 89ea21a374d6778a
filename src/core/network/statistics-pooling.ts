import type {
  LayersModel,
  NamedTensorMap,
  SymbolicTensor,
  Tensor,
  Tensor2D,
  Tensor3D,
} from '@tensorflow/tfjs';
import type { TensorFlow } from './network';

type Layer = LayersModel['layers'][number];

/** Added to the variance before the root is taken. */
export const varianceEpsilon = 1e-5;

/** The statistics of {@link speechStatistics}, with what their gradient needs. */
export interface SpeechStatistics extends NamedTensorMap {
  /** shape [rows, frames, values] */
  values: Tensor3D;
  /** 1 in the frames of the speech, otherwise 0; shape [rows, frames, 1] */
  mask: Tensor3D;
  /** number of frames of the speech; shape [rows, 1, 1] */
  count: Tensor3D;
  /** shape [rows, 1, values] each */
  mean: Tensor3D;
  deviation: Tensor3D;
  max: Tensor3D;
  /** the three, one after the other; shape [rows, 3 · values] */
  output: Tensor2D;
}

/**
 * Mean, standard deviation and maximum of each value over the frames of the speech. Frames of the network's input that consist of zeros
 * are padding and do not count.
 *
 * @param values - shape [rows, frames, values]
 * @param input - of the network, shape [rows, input frames, values]
 * @param factor - input frames that one frame of `values` stands for
 */
export function speechStatistics(
  tf: TensorFlow,
  values: Tensor3D,
  input: Tensor3D,
  factor: number,
): SpeechStatistics {
  const [rows, frames] = values.shape;
  const isSpeech = input.abs().max<Tensor2D>(2).greater(0).cast<Tensor2D>('float32');
  const filled = tf.pad(isSpeech, [
    [0, 0],
    [0, frames * factor - input.shape[1]],
  ]);
  const mask = filled.reshape<Tensor3D>([rows, frames, factor]).max<Tensor3D>(2, true);
  const count = mask.sum<Tensor3D>(1, true).maximum<Tensor3D>(1);
  const masked = values.mul<Tensor3D>(mask);
  const mean = masked.sum<Tensor3D>(1, true).div<Tensor3D>(count);
  const distance = values.sub<Tensor3D>(mean).mul<Tensor3D>(mask);
  const variance = distance.square().sum<Tensor3D>(1, true).div<Tensor3D>(count);
  const deviation = variance.add<Tensor3D>(varianceEpsilon).sqrt<Tensor3D>();
  const max = masked.add<Tensor3D>(mask.sub(1).mul(1e9)).max<Tensor3D>(1, true);
  const output = tf.concat([mean, deviation, max], 2).reshape<Tensor2D>([rows, 3 * values.shape[2]]);
  return { values, mask, count, mean, deviation, max, output };
}

const layerOf = new WeakMap<object, new (config: { factor: number; name?: string }) => Layer>();

/**
 * The layer StatisticsPooling for a TensorFlow.js instance, registered so that saved networks can be read.
 *
 * Its inputs are frames, shape [rows, frames, channels] or [rows, frames, bands, channels], and the input of the network. Its output are
 * mean, standard deviation and maximum of each value over the frames of the speech, shape [rows, 3 · values]; see
 * {@link speechStatistics}. It has no weights.
 *
 * @see Snyder et al. 2018, X-vectors, for pooling by mean and standard deviation
 */
export function statisticsPoolingOf(
  tf: TensorFlow,
): new (config: { factor: number; name?: string }) => Layer {
  const known = layerOf.get(tf.layers.Layer);
  if (known) return known;
  class StatisticsPooling extends tf.layers.Layer {
    static readonly className = 'StatisticsPooling';
    private readonly factor: number;

    constructor(config: { factor: number; name?: string }) {
      super(config);
      this.factor = config.factor;
    }

    override computeOutputShape(shapes: [number | null, ...number[]][]): [number | null, number] {
      const [, , ...values] = shapes[0] as (number | null)[];
      return [null, 3 * values.reduce<number>((product, length) => product * (length ?? 1), 1)];
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      const [values, input] = (inputs as Tensor[]).map((x) => {
        const [rows, frames = 1] = x.shape;
        return x.reshape<Tensor3D>([rows, frames, x.size / (rows * frames)]);
      });
      return speechStatistics(tf, values, input, this.factor).output;
    }

    override getConfig() {
      return { ...super.getConfig(), factor: this.factor };
    }
  }
  tf.serialization.registerClass(StatisticsPooling);
  layerOf.set(tf.layers.Layer, StatisticsPooling);
  return StatisticsPooling;
}

/** Applies the layer. @param input - of the network */
export function poolStatistics(
  tf: TensorFlow,
  x: SymbolicTensor,
  input: SymbolicTensor,
  factor: number,
): SymbolicTensor {
  const StatisticsPooling = statisticsPoolingOf(tf);
  return new StatisticsPooling({ factor }).apply([x, input]) as SymbolicTensor;
}
