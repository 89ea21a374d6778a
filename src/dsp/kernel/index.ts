export { buildKernel, isKernelStale, kernelFile } from './build-kernel';
export type { DspKernel, LogMelOptions, Measure, Measured, MeasureOptions, OutOption } from './dsp-kernel';
export { KernelCapacityError } from './kernel-memory';
export { loadKernel } from './load-kernel';
