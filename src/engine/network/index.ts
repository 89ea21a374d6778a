export { type Adam, createAdam } from './adam';
export { createNetwork } from './create-network';
export { type LayerTime, layerTimes } from './layer-times';
export type { Batch, BatchGradients, DropoutMask, Network, NetworkOptions, StepOptions } from './network';
