import { decodeAudio, readAudioFormat, type Waveform } from '../audio';
import { toMono } from '../../node/corpora';
import { WorkbenchError } from '../base';
import type { FeatureConfig } from './config';
import type { FrontEnd } from './front-end';

type Window = Pick<FeatureConfig, 'sampleRate' | 'offsetSec' | 'durationSec'>;

/**
 * The part of a recording that features are made of: cut at the recording's own rate, then resampled.
 *
 * @returns at most `durationSec` at `sampleRate`, shape [samples]
 * @throws {@link WorkbenchError} if the recording ends before `offsetSec`
 * @see librosa 0.11 `librosa.load(path, offset=…, duration=…)`
 */
export function cutWindow(
  { samples, sampleRate }: Waveform,
  config: Window,
  frontEnd: Pick<FrontEnd, 'resample'>,
): Float32Array {
  const part = samples.subarray(...windowFrames(samples.length, sampleRate, config));
  return sampleRate === config.sampleRate ? part : frontEnd.resample(part, sampleRate, config.sampleRate);
}

/** {@link cutWindow} of a file's bytes, of which no more is decoded than the window. */
export function decodeWindow(
  bytes: Uint8Array,
  config: Window,
  frontEnd: Pick<FrontEnd, 'resample'>,
): Float32Array {
  const format = readAudioFormat(bytes);
  const [firstFrame, endFrame] = windowFrames(format.frames, format.sampleRate, config);
  const { samples, sampleRate } = toMono(decodeAudio(bytes, { firstFrame, endFrame }));
  return sampleRate === config.sampleRate
    ? samples
    : frontEnd.resample(samples, sampleRate, config.sampleRate);
}

function windowFrames(
  frames: number,
  sampleRate: number,
  { offsetSec, durationSec }: Window,
): [first: number, end: number] {
  const first = Math.floor(offsetSec * sampleRate);
  const end = Math.min(frames, first + Math.floor(durationSec * sampleRate));
  if (end <= first) {
    const rule = `before the window's offset of ${offsetSec} s`;
    throw new WorkbenchError(`it ends (${(frames / sampleRate).toFixed(2)} s) ${rule}`);
  }
  return [first, end];
}
