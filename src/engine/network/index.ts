export { createNetwork } from './create-network';
export type { Batch, BatchGradients, DropoutMask, Network, NetworkOptions, StepOptions } from './network';
