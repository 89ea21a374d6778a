import { existsSync, readFileSync } from 'node:fs';
import { type DspKernel, instantiateKernel } from '../../core/dsp';
// Not through the index, which also loads the option schemas: every worker would pay for them.
import { createFrontEnd, type FrontEnd } from '../../core/features/front-end';
import { paths } from '../files';

let loaded: Promise<DspKernel | undefined> | undefined;

/**
 * Loads the SIMD kernel, once per thread.
 *
 * @returns undefined if it has not been built (`npm run build`), if Node has no WebAssembly SIMD, or if `SER_KERNEL` is `plain`;
 *   the plain TypeScript functions are then used instead
 */
export function loadKernel(): Promise<DspKernel | undefined> {
  if (process.env.SER_KERNEL === 'plain' || !existsSync(paths.kernel)) return Promise.resolve(undefined);
  return (loaded ??= instantiateKernel(readFileSync(paths.kernel)));
}

/**
 * Loads the fastest front end on this machine: the SIMD kernel if it is available, otherwise the plain TypeScript functions. Every
 * worker thread uses the same one.
 */
export async function loadFrontEnd(): Promise<FrontEnd> {
  return createFrontEnd(await loadKernel());
}
