import type { Waveform } from '../audio';
import { WorkbenchError } from '../errors';
import type { FeatureConfig } from './config';
import type { FrontEnd } from './front-end';

/**
 * The part of a recording that features are made of: cut at the recording's own rate, then resampled.
 *
 * @returns at most `durationSec` at `sampleRate`, shape [samples]
 * @throws {@link WorkbenchError} if the recording ends before `offsetSec`
 * @see librosa 0.11 `librosa.load(path, offset=…, duration=…)`
 */
export function cutWindow(
  { samples, sampleRate }: Waveform,
  config: Pick<FeatureConfig, 'sampleRate' | 'offsetSec' | 'durationSec'>,
  { resample }: Pick<FrontEnd, 'resample'>,
): Float32Array {
  const start = Math.floor(config.offsetSec * sampleRate);
  const part = samples.subarray(start, start + Math.floor(config.durationSec * sampleRate));
  if (part.length === 0) {
    const durationSec = (samples.length / sampleRate).toFixed(2);
    throw new WorkbenchError(
      `it ends (${durationSec} s) before the window's offset of ${config.offsetSec} s`,
    );
  }
  return sampleRate === config.sampleRate ? part : resample(part, sampleRate, config.sampleRate);
}
