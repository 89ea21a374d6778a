// Exports of the compiled kernel. The caller allocates all memory, which never grows.

export { bandRows, cosineTransform } from './mel';
export { allFinite, largest, zcrRms } from './measures';
export { addNormalNoise } from './noise';
export { yin } from './pitch';
export { logMel, polarStft, powerRows, stft } from './spectra';
export { addWindows, divideByWindows, stretch } from './vocoder';
export { filterBlocks, interpolateBlend, interpolateExact, pick } from './resample';
