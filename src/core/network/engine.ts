import type * as tfjs from '@tensorflow/tfjs';

/** TensorFlow.js's whole API, whichever engine runs it. */
export type TensorFlow = typeof tfjs;

/** `native` is TensorFlow's C library through tfjs-node; `wasm` its WebAssembly backend: slower, and runs everywhere. */
export const engineNames = ['native', 'wasm'] as const;
export type EngineName = (typeof engineNames)[number];

/** A TensorFlow that works in this process. */
export interface Engine {
  name: EngineName;
  tf: TensorFlow;
  /** for run records and reports, for example `TensorFlow 2.21.0 through tfjs-node 4.22.0` */
  version: string;
  /** CPU threads that its kernels may use */
  threads: number;
}
