import {
  type AudioSource,
  type ChannelChoice,
  checkSampleRate,
  openAudio,
  type OpenAudioOptions,
  pickChannel,
  type Waveform,
} from '../audio';
import { InvalidArgumentError, WorkbenchError } from '../base';
import type { FeatureConfig } from './config';
import type { FrontEnd } from './front-end';

/** The part of a recording that features are computed from. */
export type Window = Pick<FeatureConfig, 'offsetSec' | 'durationSec'>;

/** A part of a recording, in frames of its own sample rate. */
export interface WindowPlace {
  firstFrame: number;
  /** exclusive */
  endFrame: number;
}

/** Minimum length of the first window in prediction if the recording is that long. All clips of the four corpora leave more. */
const minRemainingSec = 0.5;

/** A window in frames, and the minimum length of the first window in prediction. */
export function windowFrames(sampleRate: number, { offsetSec, durationSec }: Window) {
  const length = Math.floor(durationSec * sampleRate);
  const least = Math.min(Math.floor(minRemainingSec * sampleRate), length);
  return { offset: Math.floor(offsetSec * sampleRate), length, least };
}

/**
 * Window of a recording in training.
 *
 * @throws {@link WorkbenchError} if the recording ends before `offsetSec`, or its sample rate is not an integer from 1,000 to
 *   768,000 Hz
 */
function trainingWindow(frames: number, sampleRate: number, window: Window): WindowPlace {
  checkSampleRate(sampleRate);
  const { offset, length } = windowFrames(sampleRate, window);
  const endFrame = Math.min(frames, offset + length);
  if (endFrame <= offset) {
    const seconds = (frames / sampleRate).toFixed(2);
    throw new WorkbenchError(
      `it is too short: it ends at ${seconds} s, before the window's offset of ${window.offsetSec} s`,
    );
  }
  return { firstFrame: offset, endFrame };
}

/** Windows of one recording: 35 hours at the default hop. */
const maxWindows = 100_000;

/**
 * Windows of a recording in prediction.
 *
 * The first window is that of training. If less than half a second remained after the offset, it starts earlier, so that it
 * covers half a second or the whole recording. Further windows follow every `hopSec` as long as they fit; a remainder shorter
 * than a hop is not used, like the end of a long clip in training.
 *
 * @param frames - length of the recording, at least 1
 * @param hopSec - time between successive windows; `Infinity` for the first window only; default half a window
 */
export function planWindows(
  frames: number,
  sampleRate: number,
  window: Window,
  hopSec = window.durationSec / 2,
): WindowPlace[] {
  const { offset, length, least } = windowFrames(sampleRate, window);
  const first = Math.min(offset, frames - Math.min(least, frames));
  const hop = Math.max(1, Math.round(hopSec * sampleRate));
  const further = Math.max(0, Math.floor((frames - first - length) / hop));
  if (further >= maxWindows) {
    const least = Math.ceil((frames - first - length) / maxWindows) / sampleRate;
    throw new InvalidArgumentError(
      'hopSec',
      `at least ${least.toFixed(3)} (at most ${maxWindows} windows)`,
      hopSec,
    );
  }
  return Array.from({ length: 1 + further }, (_, i) => {
    const firstFrame = first + (i === 0 ? 0 : i * hop);
    return { firstFrame, endFrame: Math.min(frames, firstFrame + length) };
  });
}

/** Resamples if the rates differ. */
export function resampleTo(
  samples: Float32Array,
  fromRate: number,
  sampleRate: number,
  frontEnd: Pick<FrontEnd, 'resample'>,
): Float32Array {
  return fromRate === sampleRate ? samples : frontEnd.resample(samples, fromRate, sampleRate);
}

/**
 * Cuts the training window at the recording's own rate, then resamples it.
 *
 * @returns at most `durationSec` at `sampleRate`, shape [samples]
 * @throws {@link WorkbenchError} if the recording ends before `offsetSec`, or its sample rate is not an integer from 1,000 to
 *   768,000 Hz
 * @see librosa 0.11 `librosa.load(path, offset=…, duration=…)`
 */
export function cutWindow(
  { samples, sampleRate }: Waveform,
  config: Window & Pick<FeatureConfig, 'sampleRate'>,
  frontEnd: Pick<FrontEnd, 'resample'>,
): Float32Array {
  const { firstFrame, endFrame } = trainingWindow(samples.length, sampleRate, config);
  return resampleTo(samples.subarray(firstFrame, endFrame), sampleRate, config.sampleRate, frontEnd);
}

/**
 * As {@link cutWindow} for the bytes of an audio file; decodes only what is needed.
 *
 * @param options.channel - which channel to use if there are several; default `mix`, the mean of all
 * @param options.decodeOther - decodes formats that this library cannot decode; default none
 */
export async function decodeWindow(
  bytes: Uint8Array,
  config: Window & Pick<FeatureConfig, 'sampleRate'>,
  frontEnd: Pick<FrontEnd, 'resample'>,
  { channel, ...options }: OpenAudioOptions & { channel?: ChannelChoice } = {},
): Promise<Float32Array> {
  const source = await openAudio(bytes, options);
  try {
    return await readWindow(source, config, frontEnd, channel);
  } finally {
    await source.close();
  }
}

/** As {@link decodeWindow} for an open file. */
export async function readWindow(
  { frames, sampleRate, read }: Pick<AudioSource, 'frames' | 'sampleRate' | 'read'>,
  config: Window & Pick<FeatureConfig, 'sampleRate'>,
  frontEnd: Pick<FrontEnd, 'resample'>,
  channel?: ChannelChoice,
): Promise<Float32Array> {
  const { firstFrame, endFrame } = trainingWindow(frames, sampleRate, config);
  const samples = pickChannel(await read(firstFrame, endFrame), channel);
  return resampleTo(samples, sampleRate, config.sampleRate, frontEnd);
}
