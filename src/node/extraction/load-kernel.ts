import { existsSync, readFileSync } from 'node:fs';
import { type DspKernel, instantiateKernel } from '../../core/dsp';
import { createFrontEnd, type FrontEnd } from '../../core/features';
import { kernelFile } from './build-kernel';

let loaded: Promise<DspKernel | undefined> | undefined;

/**
 * The SIMD kernel, one for the thread, loaded the first time it is asked for.
 *
 * @returns undefined where there is none: it has not been built (`npm run build`), this Node has no WebAssembly SIMD, or the
 *   environment says `SER_KERNEL=plain`. The plain functions then do the same work.
 */
export function loadKernel(): Promise<DspKernel | undefined> {
  if (process.env.SER_KERNEL === 'plain' || !existsSync(kernelFile)) return Promise.resolve(undefined);
  return (loaded ??= instantiateKernel(readFileSync(kernelFile)));
}

/** The fastest front end on this machine, the same in every worker: the SIMD kernel, else the plain functions. */
export async function loadFrontEnd(): Promise<FrontEnd> {
  return createFrontEnd(await loadKernel());
}
