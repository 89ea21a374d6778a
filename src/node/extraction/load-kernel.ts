import { existsSync, readFileSync } from 'node:fs';
import { type DspKernel, instantiateKernel } from '../../core/dsp';
import { createFrontEnd, type FrontEnd } from '../../core/features';
import { kernelFile } from './build-kernel';

let loaded: Promise<DspKernel | undefined> | undefined;

/**
 * Loads the SIMD kernel, once per thread.
 *
 * @returns undefined if it has not been built (`npm run build`), if Node has no WebAssembly SIMD, or if `SER_KERNEL` is `plain`;
 *   then the plain TypeScript functions compute the same
 */
export function loadKernel(): Promise<DspKernel | undefined> {
  if (process.env.SER_KERNEL === 'plain' || !existsSync(kernelFile)) return Promise.resolve(undefined);
  return (loaded ??= instantiateKernel(readFileSync(kernelFile)));
}

/** The fastest front end on this machine, the same in every worker: the SIMD kernel, else the plain functions. */
export async function loadFrontEnd(): Promise<FrontEnd> {
  return createFrontEnd(await loadKernel());
}
