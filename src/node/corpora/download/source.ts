/** One archive that holds the whole corpus. */
export interface ArchiveSource {
  kind: 'archive';
  /** for messages: `Zenodo`, `Kaggle` */
  name: string;
  url: string;
  /** size the publisher states */
  bytes?: number;
  /** digest the publisher states */
  digest?: { algorithm: 'md5' | 'sha256'; hex: string };
}

/** A place where every clip is a file of its own, under its manifest name. */
export interface FilesSource {
  kind: 'files';
  name: string;
  /** ends with `/`; the clip's file name follows */
  baseUrl: string;
}

/** Where a corpus is downloaded from. */
export type Source = ArchiveSource | FilesSource;

/** A table that comes with a corpus, wherever its audio comes from. */
export interface SideFile {
  /** canonical path, corpus folder first */
  path: string;
  url: string;
  /** lower-case hex */
  sha256: string;
}
