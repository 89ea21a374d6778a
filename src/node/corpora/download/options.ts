import { type CorpusName, WorkbenchError } from '../../../core/base';
import type { SideFile, Source } from '../cards';
import type { ManifestEntry } from '../committed-files';

/** Options of `downloadCorpus`. */
export interface DownloadOptions {
  /** parent of the corpus folder; default `data/corpora` */
  directory?: string;
  /** tried in order; default: those of the corpus's card */
  sources?: readonly Source[];
  onProgress?: (progress: DownloadProgress) => void;
  /** stops the download; the next call resumes it */
  signal?: AbortSignal;
  /** default: the global fetch */
  fetch?: typeof globalThis.fetch;
  limits?: Partial<DownloadLimits>;
  /** default: the committed manifest */
  manifest?: readonly ManifestEntry[];
  /** default: those of the corpus's card */
  sideFiles?: readonly SideFile[];
}

/** Limits of a download. The defaults are ample for the four corpora. */
export interface DownloadLimits {
  /** a connection without data for this time is closed */
  stallSec: number;
  /** attempts in a row without any progress */
  attempts: number;
  /** wait before the second attempt; doubled for each further one, up to 30 s */
  backoffSec: number;
  /** parallel requests of a source with one file per clip */
  parallel: number;
  maxArchiveBytes: number;
  maxEntries: number;
  maxEntryBytes: number;
  /** all entries of an archive, uncompressed */
  maxTotalBytes: number;
  /** uncompressed to compressed size, of an entry of more than 1 MiB and of the whole archive */
  maxRatio: number;
}

/** The limits that apply by default. */
export const defaultLimits: Readonly<DownloadLimits> = {
  stallSec: 30,
  attempts: 5,
  backoffSec: 1,
  parallel: 8,
  maxArchiveBytes: 4 * 2 ** 30,
  maxEntries: 50_000,
  maxEntryBytes: 64 * 2 ** 20,
  maxTotalBytes: 8 * 2 ** 30,
  maxRatio: 100,
};

/**
 * Progress of a download. Within one step of one source, `done` only grows, except that it returns to 0 if the server makes the
 * download start over (`note` then has the reason).
 */
export interface DownloadProgress {
  corpus: CorpusName;
  /** name of the source; empty while existing files are checked */
  source: string;
  step: 'checking' | 'downloading' | 'unpacking';
  unit: 'bytes' | 'files';
  done: number;
  total?: number;
  /** a message: lost connection, failed source */
  note?: string;
}

/** The progress of one source. */
export type SourceProgress = Omit<DownloadProgress, 'corpus' | 'source'>;

/** The result of a successful download. */
export interface DownloadReport {
  corpus: CorpusName;
  status: 'downloaded' | 'already complete';
  /** folder of the corpus */
  directory: string;
  /** number of clips, all verified */
  clips: number;
  /** names of the sources that were used */
  sources: string[];
  failures: { source: string; reason: string }[];
  /** further copies of the same clips, deleted */
  duplicates: number;
  /** files in archives that do not belong to the corpus, deleted */
  ignored: string[];
  /** tables that could not be downloaded; the next call tries again */
  missingSideFiles: string[];
}

/** Download options with defaults, as passed between the functions of this folder. */
export interface DownloadSettings {
  fetch: typeof globalThis.fetch;
  signal?: AbortSignal;
  limits: DownloadLimits;
}

/** A failed download. */
export class DownloadError extends WorkbenchError {
  override name = 'DownloadError';
  /** the same request may succeed later */
  readonly retryable: boolean;
  /** the server's Retry-After */
  readonly retryAfterSec?: number;

  constructor(
    message: string,
    { retryable = false, retryAfterSec }: { retryable?: boolean; retryAfterSec?: number } = {},
  ) {
    super(message);
    this.retryable = retryable;
    this.retryAfterSec = retryAfterSec;
  }
}
