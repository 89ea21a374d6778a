import type { CorpusName } from '../../../core/base';
import type { ManifestEntry } from '../manifest';
import type { SideFile, Source } from './source';

/** What a download may take; the defaults leave ample room for the four corpora. */
export interface DownloadLimits {
  /** a connection without a byte for so long is given up */
  stallSec: number;
  /** tries in a row without any progress */
  attempts: number;
  /** wait before the second try; doubles with each further one, to 30 s */
  backoffSec: number;
  /** requests at a time, where each clip is a file of its own */
  parallel: number;
  maxArchiveBytes: number;
  maxEntries: number;
  maxEntryBytes: number;
  /** of all entries together, inflated */
  maxTotalBytes: number;
  /** inflated to packed size, for an entry of more than 1 MiB and for the archive as a whole */
  maxRatio: number;
}

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
 * Where a download stands. Within one step of one source `done` never falls, except to 0 when a server makes the
 * download start afresh (`note` then says why).
 */
export interface DownloadProgress {
  corpus: CorpusName;
  /** the source's name; empty while looking at what is on disk */
  source: string;
  step: 'checking' | 'downloading' | 'unpacking';
  unit: 'bytes' | 'files';
  done: number;
  total?: number;
  /** something to tell: a lost connection, a source that failed */
  note?: string;
}

export interface DownloadOptions {
  /** where the corpus folder goes; default `data/corpora` */
  directory?: string;
  /** tried in order; default: the corpus's card */
  sources?: readonly Source[];
  onProgress?: (progress: DownloadProgress) => void;
  /** stops the download; the next call goes on from there */
  signal?: AbortSignal;
  /** default: the global fetch */
  fetch?: typeof globalThis.fetch;
  limits?: Partial<DownloadLimits>;
  /** default: the committed manifest */
  manifest?: readonly ManifestEntry[];
  /** default: the corpus's card */
  sideFiles?: readonly SideFile[];
}

/** What came of a download that succeeded. */
export interface DownloadReport {
  corpus: CorpusName;
  status: 'downloaded' | 'already complete';
  /** the corpus's folder */
  directory: string;
  /** clips there, all verified */
  clips: number;
  /** names of the sources that gave them */
  sources: string[];
  /** what did not work on the way */
  failures: { source: string; reason: string }[];
  /** further copies of the same clips, dropped */
  duplicates: number;
  /** files of the archives that are not the corpus's, dropped */
  ignored: string[];
  /** tables that could not be had; the next call tries again */
  missingSideFiles: string[];
}

/** Options of a download with the defaults filled in, as its parts pass them on. */
export interface DownloadSettings {
  fetch: typeof globalThis.fetch;
  signal?: AbortSignal;
  limits: DownloadLimits;
}
