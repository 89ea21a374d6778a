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
  return hasKernel()
    ? (loaded ??= instantiateKernel(readFileSync(paths.kernel)))
    : Promise.resolve(undefined);
}

function hasKernel(): boolean {
  return process.env.SER_KERNEL !== 'plain' && existsSync(paths.kernel);
}

/**
 * Loads the fastest front end on this machine: the SIMD kernel if it is available, otherwise the plain TypeScript functions. Every
 * worker thread uses the same one.
 */
export async function loadFrontEnd(): Promise<FrontEnd> {
  return createFrontEnd(await loadKernel());
}

/** A front end that reuses the memory of its results, and a function after which it may overwrite them. */
export interface ReusingFrontEnd {
  frontEnd: FrontEnd;
  /** returns an array in the same memory, or a new one if there is no room */
  allocate: (length: number) => Float32Array;
  reuse: () => void;
}

/** Size of the reused memory, numbers: the signals of four versions of ten seconds at 22,050 Hz, and their features. */
const reusedSize = 2 ** 20;

/**
 * As {@link loadFrontEnd} for many recordings, one after the other. New arrays for their signals would cost page faults and many
 * garbage collections.
 */
export async function loadReusingFrontEnd(): Promise<ReusingFrontEnd> {
  const reused = new Float32Array(reusedSize);
  let used = 0;
  const allocate = (length: number): Float32Array => {
    if (used + length > reusedSize) return new Float32Array(length);
    return reused.subarray(used, (used += length));
  };
  return {
    frontEnd: createFrontEnd(
      hasKernel() ? await instantiateKernel(readFileSync(paths.kernel), allocate) : undefined,
    ),
    allocate,
    reuse: () => {
      used = 0;
    },
  };
}
