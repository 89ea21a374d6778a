export { addArchives, describeAdded, type AddedCorpus, type AddReport } from './add/add-archives';
export { hashFile, listFiles, readAudio, type ReadAudioOptions } from './audio-files';
export {
  corpusCards,
  corpusDescriptions,
  describeCorpus,
  type ArchiveSource,
  type CorpusCard,
} from './cards';
export { audioFileName, labelByName } from './readers/read-names';
export { makeSplits, manifestClips, readCommittedFolds, writeCommittedFolds } from './committed-files';
export { isDemoCorpusCurrent, makeDemoCorpus } from './demo/demo-corpus';
export { describeDownload, downloadCorpus } from './download/download-corpus';
export { describeVerification, verifyCorpora } from './download/verify';
export { chooseCorpora, type ChosenData, type Corpora, corporaFor, withLabels } from './choose-corpora';
export { loadCorpora, locateData } from './load-corpora';
export { formatLoadReport, type LoadReport } from './load-report';
export { clipTable, countTable } from './table';
export { decodeText, readSmallFile, readTable, type Table, type TableLine } from './tables';
