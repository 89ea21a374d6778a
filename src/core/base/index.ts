export { canonicalHash, canonicalJson, sha256Hex } from './canonical-hash';
export {
  corpusNames,
  corpusOrder,
  demoName,
  emotions,
  intensities,
  isDemoName,
  notStated,
  type Clip,
  type ClipLabels,
  type CorpusName,
  type Emotion,
  type Intensity,
  type Sex,
  type VoiceVotes,
} from './clip';
export { InvalidArgumentError, InvalidFileError, WorkbenchError, messageOf } from './errors';
export { nearestName } from './nearest-name';
export { addNormalNoise, noiseStateLength, type AddNormalNoise } from './normal-noise';
export { formatCount, formatPercent } from './numbers';
export { createRandom, type Random } from './random';
export { markdownTable, textTable } from './tables';
