/** The parts of LIBSVM, compiled to WebAssembly, that this project uses. */
declare module 'libsvm-js' {
  export interface Svm {
    /** address of the fitted model in WebAssembly memory */
    model: number | null;
    train(samples: ArrayLike<number>[], labels: ArrayLike<number>): void;
    predictOneProbability(sample: ArrayLike<number>): { estimates: { label: number; probability: number }[] };
    serializeModel(): string;
  }
  const loading: Promise<
    new (options?: {
      cost: number;
      gamma: number;
      probabilityEstimates: boolean;
      /** megabytes */
      cacheSize: number;
      quiet: boolean;
    }) => Svm
  >;
  export default loading;
}

declare module 'libsvm-js/out/wasm/libsvm.js' {
  const memory: {
    HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    cwrap(name: 'deserialize_model', result: 'number', parameters: ['number']): (text: number) => number;
  };
  export default memory;
}
