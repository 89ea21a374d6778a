export { canonicalHash, canonicalJson } from './canonical-hash';
export { type Clip, type ClipLabels, type CorpusName, corpusNames, corpusOrder, demoName, type Emotion, emotions, intensities, type Intensity, isDemoName, notStated, type Sex, type VoiceVotes } from './clip';
export { InvalidArgumentError, InvalidFileError, messageOf, WorkbenchError } from './errors';
export { nearestName } from './nearest-name';
export { type AddNormalNoise, addNormalNoise, noiseStateLength } from './normal-noise';
export { createRandom, type Random } from './random';
