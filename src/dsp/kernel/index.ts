export { buildKernel, isKernelStale, kernelFile } from './build-kernel';
export type {
  DspKernel,
  LogMelOptions,
  OutOption,
  PaperFeaturesOptions,
  PaperVersions,
  PaperVersionsOptions,
} from './dsp-kernel';
export { KernelCapacityError } from './kernel-memory';
export { loadKernel } from './load-kernel';
