import { existsSync, readFileSync } from 'node:fs';
import { kernelFile } from './build-kernel';
import { createKernel, type DspKernel, type KernelExports } from '../../core/dsp';

let loaded: Promise<DspKernel | undefined> | undefined;

/**
 * The SIMD kernel, one for the thread, loaded the first time it is asked for.
 *
 * @returns undefined where there is none: it has not been built (`npm run build`), this Node has no WebAssembly SIMD, or the
 *   environment says `SER_KERNEL=plain`. The plain functions then do the same work.
 */
export function loadKernel(): Promise<DspKernel | undefined> {
  if (process.env.SER_KERNEL === 'plain' || !existsSync(kernelFile)) return Promise.resolve(undefined);
  return (loaded ??= instantiate());
}

async function instantiate(): Promise<DspKernel | undefined> {
  const bytes = readFileSync(kernelFile);
  // False for instructions that this engine does not know.
  if (!WebAssembly.validate(bytes)) return undefined;
  const { instance } = await WebAssembly.instantiate(bytes);
  return createKernel(instance.exports as unknown as KernelExports);
}
