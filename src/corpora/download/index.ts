export { describeDownload } from './describe-download';
export { describeVerification } from './describe-verification';
export { downloadCorpus } from './download-corpus';
export { DownloadError } from './download-error';
export { hashFiles } from './hash-files';
export {
  defaultLimits,
  type DownloadLimits,
  type DownloadOptions,
  type DownloadProgress,
  type DownloadReport,
} from './options';
export { type Verification, verifyCorpora } from './verify-corpora';
export type { ArchiveSource, FilesSource, SideFile, Source } from './source';
