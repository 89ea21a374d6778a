import { joinSamples } from '../../core/audio';
import type { FrontEnd } from '../../core/features';
import type { SpectrogramColumns } from './protocol';

const bands = 64;
/** Upper limit of the spectrogram, Hz. */
const maxHz = 8000;

/**
 * Computes the log-mel spectrogram of a running signal. Each sample is used in every frame that covers it, whatever the size of the
 * parts that it arrives in.
 *
 * @param sampleRate - Hz
 * @returns a function that takes the next samples and returns the columns that they complete; undefined if there are none
 */
export function melStream(
  frontEnd: Pick<FrontEnd, 'logMel'>,
  sampleRate: number,
): (samples: Float32Array) => SpectrogramColumns | undefined {
  // About 43 ms per frame and 11 ms from frame to frame at every usual rate.
  const nFft = 2 ** Math.round(Math.log2(0.043 * sampleRate));
  const hopLength = nFft / 4;
  const fMax = Math.min(maxHz, sampleRate / 2);
  let rest = new Float32Array(0);
  return (samples) => {
    const all = joinSamples([rest, samples]);
    const frames = Math.floor((all.length - nFft) / hopLength) + 1;
    if (frames <= 0) {
      rest = all;
      return undefined;
    }
    const used = all.subarray(0, nFft + (frames - 1) * hopLength);
    rest = all.slice(frames * hopLength);
    const options = { sampleRate, nFft, hopLength, nMels: bands, fMax, center: false, topDb: null };
    const { data } = frontEnd.logMel(used, options);
    // A sine of full scale has the power (nFft / 4)² in a Hann window.
    const fullScale = 20 * Math.log10(nFft / 4);
    return { data: data.map((db) => db - fullScale), bands, stepSec: hopLength / sampleRate };
  };
}
