export { listFiles, readAudio } from './audio-files';
export { corpusCards, type ArchiveSource, type CorpusCard } from './cards';
export { makeSplits, readCommittedFolds, writeCommittedFolds } from './committed-folds';
export { isDemoCorpusCurrent, makeDemoCorpus } from './demo/demo-corpus';
export { describeDownload, downloadCorpus } from './download/download-corpus';
export { describeVerification, verifyCorpora } from './download/verify';
export { chooseCorpora, loadCorpora, locateData, type Corpora } from './load-corpora';
export { formatLoadReport } from './load-report';
export { clipTable, countTable } from './table';
