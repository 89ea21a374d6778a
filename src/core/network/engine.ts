import type * as tfjs from '@tensorflow/tfjs';

/** The TensorFlow.js API, whichever engine runs it. */
export type TensorFlow = typeof tfjs;

/** `native`: TensorFlow's C library through tfjs-node; `wasm`: the WebAssembly backend, which is slower but runs everywhere. */
export const engineNames = ['native', 'wasm'] as const;
export type EngineName = (typeof engineNames)[number];

/** A loaded TensorFlow. */
export interface Engine {
  name: EngineName;
  tf: TensorFlow;
  /** for run records and reports, for example `TensorFlow 2.21.0 through tfjs-node 4.22.0` */
  version: string;
  /** number of CPU threads that its kernels may use */
  threads: number;
}
