export { canonicalHash, canonicalJson, sha256Hex } from './hash';
export {
  corpusNames,
  corpusOrder,
  demoName,
  emotionOf,
  emotions,
  emotionWords,
  intensities,
  isDemoName,
  notStated,
  audioIdentity,
  type Clip,
  type ClipLabels,
  type CorpusName,
  type Emotion,
  type Intensity,
  type Sex,
  type VoiceVotes,
} from './clips';
export { InvalidArgumentError, InvalidFileError, messageOf, nearestName, WorkbenchError } from './errors';
export {
  classesAndSpeakers,
  formatLeftOut,
  isLeftOutList,
  type LeftOut,
  type LeftOutItem,
  leftOutOf,
  lostClasses,
  type Tally,
} from './left-out';
export { addNormalNoise, type AddNormalNoise, createRandom, noiseStateLength, type Random } from './random';
export { corpusFolder, fileNamePart, nameKey, uniqueName } from './names';
export {
  csvCell,
  firstOf,
  formatCount,
  formatPercent,
  groupBy,
  markdownTable,
  markdownText,
  median,
  printable,
  printableLines,
  quantile,
  shorten,
  textTable,
  withoutFormula,
} from './text';
