/** A matrix of real numbers, row by row: `data[row * columns + column]`. Spectrograms have a row a frame, unlike librosa's. */
export interface Matrix {
  data: Float32Array;
  shape: [rows: number, columns: number];
}

/** A matrix of complex numbers, in two parts of the same layout as {@link Matrix}. */
export interface ComplexMatrix {
  real: Float32Array;
  imag: Float32Array;
  shape: [rows: number, columns: number];
}
