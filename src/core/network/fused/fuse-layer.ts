import type { LayersModel, Tensor, Tensor4D } from '@tensorflow/tfjs';
import type { Kernels } from '../kernels';
import { fusedRelu, isFusedActivation } from './activation';
import { fusedBatchNormalization } from './batch-normalization';
import { fusedConvolution } from './convolution';
import { fusedDense } from './dense';
import { fusedDropout } from './dropout';
import type { FusedLayer } from './fused-layer';
import { fusedGlobalPooling } from './global-pooling';
import { fusedLstm } from './lstm';
import { fusedMaxPooling } from './max-pooling';
import { fusedConcatenate, fusedFlatten } from './reshaping';

type Layer = LayersModel['layers'][number];

/** What the layers' `getConfig` says, of those that are fused. */
interface LayerConfig {
  activation?: string;
  recurrentActivation?: string;
  units?: number;
  returnSequences?: boolean;
  returnState?: boolean;
  goBackwards?: boolean;
  stateful?: boolean;
  recurrentDropout?: number;
  dropout?: number;
  useBias?: boolean;
  strides?: number | number[];
  poolSize?: number | number[];
  padding?: string;
  dilationRate?: number | number[];
  dataFormat?: string;
  rate?: number;
  noiseShape?: unknown;
  momentum?: number;
  epsilon?: number;
  axis?: number;
  center?: boolean;
  scale?: boolean;
}

/**
 * A TensorFlow.js layer on TensorFlow's own kernels: the same weights, the same numbers.
 *
 * @param isOutput - a softmax there is left to the loss
 * @returns undefined if there is no such layer here, or not with these settings: then the whole network is composed
 */
export function fuseLayer(kernels: Kernels, layer: Layer, isOutput: boolean): FusedLayer | undefined {
  const config = layer.getConfig() as LayerConfig;
  const { weights } = layer;
  const read =
    (index: number): (() => Tensor) =>
    () =>
      weights[index].read();
  const bias = config.useBias === true ? read(1) : undefined;
  const padding = config.padding === 'same' ? 'SAME' : 'VALID';
  const { activation } = config;
  if (config.dataFormat === 'channelsFirst' || config.padding === 'causal') return undefined;

  switch (layer.getClassName()) {
    case 'Conv1D':
    case 'Conv2D': {
      if (!isFusedActivation(activation) || pair(config.dilationRate ?? 1).some((rate) => rate !== 1))
        return undefined;
      const filter = (): Tensor4D => {
        const value = weights[0].read();
        return value.rank === 4 ? (value as Tensor4D) : value.expandDims(0);
      };
      const strides = pair(config.strides ?? 1);
      return fusedConvolution(kernels, { filter, bias, strides, padding, activation });
    }
    case 'BatchNormalization': {
      const { momentum = 0.99, epsilon = 1e-3, axis = -1, center = true, scale = true } = config;
      const lastAxis = (layer.input as { shape: unknown[] }).shape.length - 1;
      if (!center || !scale || (axis !== -1 && axis !== lastAxis)) return undefined;
      const [movingMean, movingVariance] = weights.slice(2);
      return fusedBatchNormalization(kernels, {
        gamma: read(0),
        beta: read(1),
        movingMean,
        movingVariance,
        momentum,
        epsilon,
      });
    }
    case 'ReLU':
    case 'Activation':
      return layer.getClassName() === 'ReLU' || activation === 'relu' ? fusedRelu(kernels) : undefined;
    case 'MaxPooling1D':
    case 'MaxPooling2D': {
      const size = pair(config.poolSize ?? 2);
      return fusedMaxPooling(kernels, { size, strides: pair(config.strides ?? size), padding });
    }
    case 'Dropout':
      return config.noiseShape ? undefined : fusedDropout(kernels, config.rate ?? 0);
    case 'Flatten':
      return fusedFlatten;
    case 'Concatenate':
      return fusedConcatenate(kernels.tf);
    case 'GlobalAveragePooling1D':
    case 'GlobalAveragePooling2D':
      return fusedGlobalPooling(kernels, 'mean');
    case 'GlobalMaxPooling1D':
    case 'GlobalMaxPooling2D':
      return fusedGlobalPooling(kernels, 'max');
    case 'Dense': {
      const linear = isOutput && activation === 'softmax' ? 'linear' : activation;
      if (!isFusedActivation(linear) || (layer.input as { shape: unknown[] }).shape.length !== 2)
        return undefined;
      return fusedDense(kernels, { matrix: read(0), bias, activation: linear });
    }
    case 'LSTM': {
      const { units = 0, returnSequences = false, returnState, goBackwards, stateful } = config;
      const isPlain = activation === 'tanh' && config.recurrentActivation === 'sigmoid' && config.useBias;
      const drops = (config.dropout ?? 0) > 0 || (config.recurrentDropout ?? 0) > 0;
      if (!isPlain || drops || returnState || goBackwards || stateful) return undefined;
      const [matrix, recurrent, biases] = [0, 1, 2].map(read);
      return fusedLstm(kernels, { units, matrix, recurrent, bias: biases, returnSequences });
    }
    default:
      return undefined;
  }
}

/** A sequence's one number of frames as [height, width]. */
function pair(value: number | number[]): [number, number] {
  const list = typeof value === 'number' ? [value] : value;
  return list.length === 1 ? [1, list[0]] : [list[0], list[1]];
}
