import type { Tensor } from '@tensorflow/tfjs';

/** What a layer does in one pass over one batch. */
export interface Pass {
  training: boolean;
  /** whether somebody will ask for the gradient by the layer's input; the first layer's is not needed */
  needsInputGradient: boolean;
  dropoutMask: (shape: number[], rate: number) => Tensor;
}

/** What a layer made of its inputs, and the way back. */
export interface Result {
  output: Tensor;
  /**
   * Called once at most, and disposes of what was kept for it. Only in training is there a way back.
   *
   * @param dy - gradient by the output; disposed of by the caller
   * @returns gradients by each input (undefined if nobody needs them) and by each trainable weight in the layer's order
   */
  backward?: (dy: Tensor) => { inputs: (Tensor | undefined)[]; weights: Tensor[] };
}

/**
 * A layer on TensorFlow's own kernels. Inside the fused network every activation with frames has the shape
 * [rows, height, width, channels], with height 1 for a sequence, so that 1-D and 2-D layers are the same kernels and nothing
 * is reshaped in between.
 *
 * Inputs stay the caller's, who disposes of them when all their readers are done: a layer that needs one on the way back
 * keeps a clone (a reference, not a copy).
 */
export type FusedLayer = (inputs: readonly Tensor[], pass: Pass) => Result;
