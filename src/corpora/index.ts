export {
  type Clip,
  type ClipLabels,
  type CorpusName,
  corpusNames,
  corpusOrder,
  demoName,
  type Emotion,
  emotions,
  intensities,
  type Intensity,
  isDemoName,
  notStated,
  type Sex,
  type VoiceVotes,
} from './clip';
export { chooseCorpora } from './choose-corpora';
export { type ClassBalance, classBalance } from './class-balance';
export { corpusCards, type CorpusCard } from './cards';
export { type DataFrame, clipTable, countTable } from './table';
export * from './demo';
export * from './download';
export type { Doubles } from './find-doubles';
export type { IndexOptions } from './index-files';
export { listFiles } from './list-files';
export { type Corpora, loadCorpora, type LoadCorporaOptions } from './load-corpora';
export { type CorpusFound, formatLoadReport, type LeftOut, type LoadReport } from './load-report';
export { type DataLocation, locateData } from './locate';
export { manifestClips } from './manifest-clips';
export { onePerEmotion, type OnePerEmotionOptions } from './one-per-emotion';
export { readOwnCorpus } from './own-corpus';
