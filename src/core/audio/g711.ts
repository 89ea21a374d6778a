/** Samples of the A-law of G.711 by code, divided by 32,768; shape [256]. */
export const aLawSamples = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 15) << 4) + 8;
  const size = segment === 0 ? step : (step + 256) << (segment - 1);
  return (bits & 128 ? size : -size) / 32_768;
});

/** Added to the magnitude of a 16-bit sample before it is divided into segments. */
const bias = 132;
const muLawSamples = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 255;
  const size = ((((bits & 15) << 3) + bias) << ((bits >> 4) & 7)) - bias;
  return (bits & 128 ? 0 - size : size) / 32_768;
});

/** The sample of a µ-law code, -1 to 1. */
export const muLawDecode = (code: number): number => muLawSamples[code];

/**
 * The µ-law code of a sample; samples beyond full scale are limited.
 *
 * @param sample - 1 is full scale
 * @returns 0 to 255
 * @see ITU-T G.711 (1988); the reference code of Sun Microsystems (1992)
 */
export function muLawEncode(sample: number): number {
  const value = Math.round(sample * 32_768);
  const size = Math.min(32_635, Math.abs(value)) + bias;
  const segment = Math.floor(Math.log2(size)) - 7;
  const step = (size >> (segment + 3)) & 15;
  return ~((value < 0 ? 128 : 0) | (segment << 4) | step) & 255;
}
