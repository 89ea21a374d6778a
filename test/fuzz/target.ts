import type { Random } from '../../src/core/base';

/** One kind of hostile input. Each file in `targets/` exports one as `target`. */
export interface FuzzTarget {
  /** what a case does, one sentence for `npm run fuzz -- --help` */
  summary: string;
  /** work done once per process, such as loading TensorFlow; default none */
  prepare?: () => Promise<void>;
  /**
   * Makes an input, feeds it to the library and checks the result. A thrown `WorkbenchError` passes, because the input was rejected
   * with a message for users; any other error is a failure. Throw an `AssertionError` for a wrong result.
   *
   * @param random - the only source of randomness, so that the seed reproduces the case
   * @param folder - empty; the only place where files may be written
   * @returns a short description of the input, printed with a failure
   */
  run: (random: Random, folder: string) => Promise<string> | string;
}
