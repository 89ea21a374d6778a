export { listFiles, readAudio, type IndexOptions } from './audio-files';
export {
  corpusCards,
  type ArchiveSource,
  type CorpusCard,
  type FilesSource,
  type SideFile,
  type Source,
} from './cards';
export { makeSplits, readCommittedFolds, writeCommittedFolds } from './committed-folds';
export {
  isDemoCorpusCurrent,
  makeDemoCorpus,
  type DemoCorpusReport,
  type DemoMarker,
  type MakeDemoCorpusOptions,
} from './demo/demo-corpus';
export { describeDownload, downloadCorpus } from './download/download-corpus';
export { describeVerification, verifyCorpora } from './download/verify';
export {
  chooseCorpora,
  loadCorpora,
  locateData,
  type Corpora,
  type DataLocation,
  type LoadCorporaOptions,
} from './load-corpora';
export {
  formatLoadReport,
  type CorpusSummary,
  type DuplicateClips,
  type SkippedFile,
  type LoadReport,
} from './load-report';
export { clipTable, countTable, type DataFrame } from './table';
