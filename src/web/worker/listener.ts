import { joinSamples } from '../../core/audio';
import { InvalidFileError, messageOf } from '../../core/base';
import type { FrontEnd } from '../../core/features';
import type { Predictor } from '../../core/prediction';
import type { LiveWindow, Reply, SpectrogramColumns } from './protocol';

/** Time between live predictions, seconds. */
export const liveHopSec = 0.25;
/** The first prediction needs this much sound, seconds. */
const minimumSec = 0.5;
/** Only every fourth window is compared with the training recordings: the notes change slowly. */
const comparedEvery = 4;

/**
 * Predicts a running signal: every 0.25 s the window that ends there, as `predict` does for a recording that ends there. At the start
 * the window is shorter. If a prediction takes longer than 0.25 s, those that are overdue are skipped except the last.
 *
 * @param port - delivers the samples, one `Float32Array` after the other
 * @returns stops listening
 */
export function listen(
  predictor: Predictor,
  frontEnd: FrontEnd,
  { port, sampleRate }: { port: MessagePort; sampleRate: number },
  reply: (message: Reply) => void,
): () => void {
  const { offsetSec, durationSec } = predictor.window;
  const length = Math.ceil((offsetSec + durationSec) * sampleRate);
  const hop = Math.round(liveHopSec * sampleRate);
  const recent = new Float32Array(length);
  const nextColumns = melStream(frontEnd, sampleRate);
  let frames = 0;
  let due: { samples: Float32Array; endFrame: number; arrivedMs: number } | undefined;
  let audible = 0;
  let notes: string[] = [];
  let isBusy = false;
  let isStopped = false;

  const append = (samples: Float32Array): void => {
    recent.copyWithin(0, samples.length);
    recent.set(samples, length - samples.length);
    frames += samples.length;
  };

  const predictDue = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    for (let next = due; next && !isStopped; next = due) {
      due = undefined;
      const compare = audible % comparedEvery === 0;
      const window = await predictWindow(predictor, next, sampleRate, compare);
      if (window.probabilities) {
        audible++;
        if (compare) ({ notes } = window);
        else window.notes = notes;
      }
      reply({ kind: 'window', window });
      await macrotask();
    }
    isBusy = false;
  };

  port.onmessage = ({ data }: MessageEvent<Float32Array>): void => {
    const arrivedMs = performance.timeOrigin + performance.now();
    for (let start = 0; start < data.length;) {
      const toHop = hop - (frames % hop);
      const part = data.subarray(start, start + Math.min(toHop, length));
      append(part);
      start += part.length;
      if (frames % hop > 0 || frames < minimumSec * sampleRate) continue;
      due = { samples: recent.slice(Math.max(0, length - frames)), endFrame: frames, arrivedMs };
    }
    const columns = nextColumns(data);
    if (columns) reply({ kind: 'spectrogram', columns });
    predictDue().catch((error: unknown) => {
      isBusy = false;
      reply({ kind: 'model failed', name: '', reason: messageOf(error) });
    });
  };
  return () => {
    isStopped = true;
    port.close();
  };
}

async function predictWindow(
  predictor: Predictor,
  { samples, endFrame, arrivedMs }: { samples: Float32Array; endFrame: number; arrivedMs: number },
  sampleRate: number,
  compare: boolean,
): Promise<LiveWindow> {
  const started = performance.now();
  const window = { startFrame: endFrame - samples.length, endFrame, arrivedMs };
  try {
    const options = { hopSec: Infinity, threshold: 0, compare };
    const { probabilities, notes } = await predictor.predict({ samples, sampleRate }, options);
    const byClass = new Map(probabilities.map(({ emotion, probability }) => [emotion, probability]));
    return {
      ...window,
      probabilities: predictor.classes.map((emotion) => byClass.get(emotion)!),
      notes,
      computeMs: performance.now() - started,
    };
  } catch (error) {
    // A silent window.
    if (!(error instanceof InvalidFileError)) throw error;
    return { ...window, notes: [error.reason], computeMs: performance.now() - started };
  }
}

/** Lets the worker receive messages. Promises alone would not. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

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
function melStream(
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
