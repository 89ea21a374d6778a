/**
 * The worker of the live page: loads the models and predicts, so that the page stays responsive.
 *
 * @packageDocumentation
 */
import { type AudioData, AudioFormatError, type Waveform } from '../../core/audio';
import { InvalidFileError, messageOf } from '../../core/base';
import { protocolText, scoreText, underProtocol } from '../../core/evaluation';
import type { FrontEnd } from '../../core/features';
import {
  createPredictor,
  singlesOf,
  type Model,
  type PredictOptions,
  type Predictor,
  protocolNote,
  type RecordingInput,
  scoresInCard,
  trainingCorpora,
} from '../../core/prediction';
import { checkSize } from '../decode';
import { fetchFrontEnd, fetchModel, loadEngine } from '../load';
import { listen, macrotask } from './listener';
import type { ModelPlace, ModelSummary, Reply, Request } from './protocol';

/** The part of a worker's global scope that is used here; TypeScript's DOM library describes only that of a window. */
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage: (message: Reply, transfer?: Transferable[]) => void;
};

const predictors = new Map<string, Predictor>();
const running = new Map<number, AbortController>();
let frontEnd: FrontEnd | undefined;
let stopListening: (() => void) | undefined;
/** Predictions of recordings wait while the microphone is on. */
let whenQuiet = Promise.resolve();
let setQuiet = (): void => undefined;

scope.onmessage = ({ data }): void => {
  switch (data.kind) {
    case 'start':
      void start(data);
      break;
    case 'predict':
      void predict(data);
      break;
    case 'cancel':
      running.get(data.id)?.abort();
      break;
    case 'decoded':
      decoding.get(data.id)?.(data.audio);
      break;
    case 'listen':
      endListening();
      whenQuiet = new Promise((resolve) => {
        setQuiet = resolve;
      });
      stopListening = listen(predictors.get(data.model)!, frontEnd!, data, (message) => {
        scope.postMessage(message);
      });
      break;
    case 'stop listening':
      endListening();
      break;
  }
};

function endListening(): void {
  stopListening?.();
  stopListening = undefined;
  setQuiet();
}

/** Loads the first model, then the others, so that nothing is fetched later. */
async function start({ base, models, first }: Extract<Request, { kind: 'start' }>): Promise<void> {
  const ordered = [...models].sort((a, b) => Number(b.name === first) - Number(a.name === first));
  try {
    const engine = await loadEngine(base);
    frontEnd = await fetchFrontEnd(`${base}kernel.wasm`);
    for (const place of ordered) {
      try {
        await load(place, base, engine, frontEnd);
      } catch (error) {
        scope.postMessage({ kind: 'model failed', name: place.name, reason: messageOf(error) });
      }
    }
  } catch (error) {
    for (const { name } of ordered)
      scope.postMessage({ kind: 'model failed', name, reason: messageOf(error) });
  }
  scope.postMessage({ kind: 'loaded' });
}

async function load(
  place: ModelPlace,
  base: string,
  engine: Awaited<ReturnType<typeof loadEngine>>,
  signal: FrontEnd,
): Promise<void> {
  const model = await fetchModel(engine, `${base}${place.folder}`);
  const predictor = createPredictor(model, engine, { frontEnd: signal });
  await warmUp(predictor);
  predictors.set(place.name, predictor);
  scope.postMessage({ kind: 'model', summary: modelSummary(model, predictor, place) });
}

/** The first prediction is slow, because functions are compiled and filters computed. */
async function warmUp({ predict: predictOne, window }: Predictor): Promise<void> {
  const sampleRate = 48_000;
  const length = Math.ceil((window.offsetSec + window.durationSec) * sampleRate);
  const samples = Float32Array.from({ length }, (_, i) => 0.1 * Math.sin(i / 20) * Math.sin(i / 3000));
  for (let round = 0; round < 3; round++) await predictOne({ samples, sampleRate }, { hopSec: Infinity });
}

async function predict({ id, model, input, name }: Extract<Request, { kind: 'predict' }>): Promise<void> {
  const stop = new AbortController();
  running.set(id, stop);
  try {
    await whenQuiet;
    await macrotask();
    stop.signal.throwIfAborted();
    const started = performance.now();
    const recording = recordingInput(input, () => whenQuiet);
    const shape = envelopeRecorder();
    const prediction = await predictors.get(model)!.predict(recording, {
      name,
      signal: stop.signal,
      decodeOther: (bytes, format) => decodeOther(id, bytes, format),
      // The page applies the user's threshold.
      threshold: 0,
      onPart: shape.onPart,
      onProgress: (doneSec, durationSec) => {
        scope.postMessage({ kind: 'progress', id, share: doneSec / durationSec });
      },
    });
    const computeMs = performance.now() - started;
    const { envelope, sampleRate } = shape;
    scope.postMessage({ kind: 'predicted', id, prediction, envelope, sampleRate, computeMs });
  } catch (error) {
    const reason = error instanceof InvalidFileError ? error.reason : messageOf(error);
    scope.postMessage({ kind: 'failed', id, reason, isCancelled: stop.signal.aborted });
  } finally {
    running.delete(id);
  }
}

/** Files that the page decodes for the worker, by the id of the prediction. */
const decoding = new Map<number, (audio: AudioData | { reason: string }) => void>();

/** @param bytes - handed over to the page */
async function decodeOther(id: number, bytes: Uint8Array, format: string): Promise<AudioData> {
  checkSize(bytes, format);
  const audio = await new Promise<AudioData | { reason: string }>((resolve) => {
    decoding.set(id, resolve);
    scope.postMessage({ kind: 'decode', id, bytes, format }, [bytes.buffer as ArrayBuffer]);
  });
  decoding.delete(id);
  if ('reason' in audio) throw new AudioFormatError(audio.reason);
  return audio;
}

/** What the page shows of a model, from the model's own files. */
function modelSummary(model: Model, predictor: Predictor, place: ModelPlace): ModelSummary {
  const { card, threshold } = model;
  const members = singlesOf(model);
  const [{ config }] = members;
  const under = underProtocol(config.dataset.protocol, protocolNote(config.dataset));
  const { pooled } = scoresInCard(card);
  const { speakers, date, notFor } = card;
  return {
    ...place,
    classes: predictor.classes,
    window: predictor.window,
    threshold,
    members: members.length,
    trainedOn: trainingCorpora(card),
    protocolText: protocolText(under),
    isLeaky: under.isLeaky,
    scores: pooled ? [`UAR ${scoreText('uar', pooled.uar)}`] : [],
    ...(typeof speakers === 'number' && { speakers }),
    knowsRanges: card.recordings !== undefined,
    notFor: Array.isArray(notFor) ? notFor.filter((use) => typeof use === 'string') : [],
    ...(typeof date === 'string' && { date: date.slice(0, 10) }),
  };
}

/**
 * Prepares a recording for prediction. A file is read part by part.
 *
 * @param mayRead - resolves when the next part of a file may be read
 */
function recordingInput(input: Blob | Waveform, mayRead: () => Promise<void>): RecordingInput {
  if (!(input instanceof Blob)) return input;
  const read = async (start: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
    await mayRead();
    return new Uint8Array(await input.slice(start, end).arrayBuffer());
  };
  return { size: input.size, read };
}

/** Number of parts of an envelope; more than a screen has pixels. */
const envelopeParts = 2000;

/** The largest magnitude of each of at most 2,000 equal parts of a recording, for drawing it. */
interface EnvelopeRecorder {
  /** takes the parts of the recording in order */
  onPart: NonNullable<PredictOptions['onPart']>;
  envelope: Float32Array;
  /** Hz */
  sampleRate: number;
}

/** Collects the envelope of a recording while it is predicted. */
function envelopeRecorder(): EnvelopeRecorder {
  const recorder: EnvelopeRecorder = {
    envelope: new Float32Array(0),
    sampleRate: 0,
    onPart: ({ samples, firstFrame, frames, sampleRate }) => {
      if (recorder.envelope.length === 0)
        recorder.envelope = new Float32Array(Math.min(envelopeParts, frames));
      recorder.sampleRate = sampleRate;
      const { envelope } = recorder;
      const scale = envelope.length / frames;
      for (let i = 0; i < samples.length; i++) {
        const part = Math.floor((firstFrame + i) * scale);
        envelope[part] = Math.max(envelope[part], Math.abs(samples[i]));
      }
    },
  };
  return recorder;
}
