/** A mono signal. */
export interface Waveform {
  /** samples in [-1, 1) for integer formats (16-bit samples divided by 32,768); shape [frames] */
  samples: Float32Array;
  /** Hz */
  sampleRate: number;
}
