import { homedir } from 'node:os';
import { join } from 'node:path';

/** The project's root folder, found from this file (which runs from `src/` and from `dist/`). */
export const projectRoot: string = join(__dirname, '..', '..', '..');

/** Where things of the project lie. Everything here but `manifests`, `folds` and `models` is git-ignored. */
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
  /** the front page, which holds some of the tables of `figures` */
  readme: join(projectRoot, 'README.md'),
  /** committed pictures and tables, and the run records that they were drawn from */
  figures: join(projectRoot, 'figures'),
  /** executed notebooks and run records */
  runs: join(projectRoot, 'runs'),
  /** the compiled library that notebooks import */
  dist: join(projectRoot, 'dist'),
} as const;

/**
 * A user-level cache, shared by all checkouts, for what is large and slow to fetch (TensorFlow's library).
 * `SER_CACHE` overrides it; otherwise `XDG_CACHE_HOME` or `~/.cache`.
 */
export function userCacheDirectory(): string {
  if (process.env.SER_CACHE) return process.env.SER_CACHE;
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'speech-emotion-workbench');
}
