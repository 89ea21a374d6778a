import type { Random } from '../../src/core/base';

/** One kind of hostile input. Each file in `targets/` exports one as `target`. */
export interface FuzzTarget {
  /** what a case does, one sentence for `npm run fuzz -- --list` */
  summary: string;
  /** work done once per process, such as loading TensorFlow; default: none. It may take up to two minutes and write anywhere. */
  prepare?: () => Promise<void>;
  /**
   * Makes an input, feeds it to the library and checks the result. A thrown `WorkbenchError` passes, because the input was rejected
   * with a message for users; any other error is a failure. Throw an `AssertionError` for a wrong result.
   *
   * @param random - the only source of randomness, so that the seed reproduces the case
   * @param folder - empty; the only place where files may be written. Its name is the seed of the case.
   * @param describe - optional: records a short description of the input before it is used, for the report of a hang or an error
   * @returns a short description of the input, printed with a failure
   */
  run: (random: Random, folder: string, describe: (input: string) => void) => Promise<string> | string;
}
