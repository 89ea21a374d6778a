import { homedir } from 'node:os';
import { join } from 'node:path';

/** The project's root folder, relative to this file (also when it runs from `dist/`). */
export const projectRoot: string = join(__dirname, '..', '..', '..');

/** The project's folders and files. In `data/`, git tracks only `manifests`, `folds` and `models`; it ignores `runs` and `dist`. */
export const paths = {
  /** downloaded corpora, one folder each */
  corpora: join(projectRoot, 'data', 'corpora'),
  /** the synthetic demo corpus */
  demo: join(projectRoot, 'data', 'demo'),
  /** clip index and features; safe to delete */
  cache: join(projectRoot, 'data', 'cache'),
  /** committed SHA-256 manifests of the four corpora */
  manifests: join(projectRoot, 'data', 'manifests'),
  /** committed folds of their speakers */
  folds: join(projectRoot, 'data', 'folds'),
  /** committed trained models */
  models: join(projectRoot, 'data', 'models'),
  notebooks: join(projectRoot, 'notebooks'),
  /** the front page, which repeats some tables of `figures` */
  readme: join(projectRoot, 'README.md'),
  /** committed figures and tables, and the run records behind them */
  figures: join(projectRoot, 'figures'),
  /** executed notebooks and run records */
  runs: join(projectRoot, 'runs'),
  /** the compiled library, which notebooks import */
  dist: join(projectRoot, 'dist'),
  /** the compiled SIMD kernel */
  kernel: join(projectRoot, 'dist', 'kernel.wasm'),
} as const;

/**
 * The user's cache folder, shared by all checkouts, for large downloads such as TensorFlow's library.
 *
 * @returns `SER_CACHE` if set, else `speech-emotion-workbench` in `XDG_CACHE_HOME` or `~/.cache`
 */
export function userCacheDirectory(): string {
  if (process.env.SER_CACHE) return process.env.SER_CACHE;
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'speech-emotion-workbench');
}
